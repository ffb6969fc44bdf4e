"""The comms meter: for each audience what it really heard last, what it was promised, and whether that is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.incident.audiences import reaches
from cockpit.incident.deliveries import LOST, OVER
from cockpit.incident.due import Due, Standing
from cockpit.incident.policies import CUSTOMERS
from cockpit.incident.state import Sent, State
from cockpit.incident.times import lasting
from cockpit.room.room import Room

_UPDATE = "update:"


class Gauge(Struct, frozen=True):
    """One audience.

    Attributes:
        told: when a message to it was really delivered last; None: it has heard nothing.
        title: of that message.
        promised: when that message promised the next one; None where it promised none.
        waiting: messages that are written and not delivered yet.
        undelivered: messages since `told` that reached nobody and are not tried any more.
        due: the clock that runs for it: the next update, else the policy's wish that it hears of the incident at all.
        fallen_to: the later channel that took the last message when those before it had not; empty where the first did.
    """

    audience: str
    told: datetime | None = None
    title: str = ""
    promised: datetime | None = None
    waiting: int = 0
    undelivered: int = 0
    due: Due | None = None
    fallen_to: str = ""

    def standing(self, now: datetime) -> Standing | None:
        """Where its clock stands at `now`; None where none runs."""
        return self.due.standing(now) if self.due is not None else None


class Silence(Struct, frozen=True):
    """The public page has said nothing, and should have.

    Attributes:
        since: when the incident was declared or reopened.
        due: when the page had to speak at the latest.
        why: what keeps it from speaking, and what to do, in words.
    """

    since: datetime
    due: datetime
    why: str

    def words(self, now: datetime) -> str:
        """One line: how long it has been silent, and why."""
        return f"the public page is silent for {lasting((now - self.since).total_seconds())}: {self.why}"


class Meter(Struct, frozen=True):
    """All audiences, those whose clocks run first and of these the most urgent; and whether the page is silent."""

    gauges: tuple[Gauge, ...]
    silence: Silence | None = None


def meter(room: Room, audiences: Sequence[str]) -> Meter:
    """The meter of the present incident; nothing before its declaration.

    Args:
        audiences: all of the configuration.
    """
    state = room.state
    if state.declared is None:
        return Meter(())
    clocks = room.clocks()
    running = [due.name.removeprefix(_UPDATE) for due in clocks if due.name.startswith(_UPDATE)]
    spoken_to = [sent.message.audience for sent in state.messages.values() if sent.message.deed == "tell"]
    told = [name for name in spoken_to if not name.startswith("page:")]
    gauges = [_gauge(state, clocks, name) for name in dict.fromkeys((*running, *audiences, *told))]
    latest = max((gauge.due.due for gauge in gauges if gauge.due), default=room.clock.now()) + timedelta(seconds=1)
    gauges.sort(key=lambda gauge: gauge.due.due if gauge.due is not None and gauge.due.done is None else latest)
    return Meter(tuple(gauges), silence(room, audiences))


def _gauge(state: State, clocks: Iterable[Due], audience: str) -> Gauge:
    every = [s for s in state.messages.values() if s.message.audience == audience and s.message.deed == "tell"]
    heard = [sent for sent in every if sent.delivered is not None]
    last = max(heard, key=_delivered, default=None)
    told = last.delivered.at if last and last.delivered else None
    lost = [sent for sent in every if sent.state in LOST and (told is None or sent.fact.at > told)]
    return Gauge(
        audience,
        told,
        last.message.title if last else "",
        last.message.next_update if last else None,
        waiting=len([sent for sent in every if sent.state not in OVER]),
        undelivered=len(lost),
        due=_due(clocks, audience),
        fallen_to=last.fallen_to if last else "",
    )


def _delivered(sent: Sent) -> datetime:
    assert sent.delivered is not None
    return sent.delivered.at


def _due(clocks: Iterable[Due], audience: str) -> Due | None:
    """The clock of its next update, else the first by which the policy wants it told."""
    every = list(clocks)
    if own := next((due for due in every if due.name == f"{_UPDATE}{audience}"), None):
        return own
    wishes = [due for due in every if due.name.startswith("notify:") and reaches(audience, due.name[7:])]
    return min(wishes, key=lambda due: (due.done is not None, due.due), default=None)


def silence(room: Room, audiences: Sequence[str]) -> Silence | None:
    """Whether the public page has said nothing since the incident began, though its time to speak is over; None when
    it spoke, is not due yet, or the clock was put off with a reason.

    "Status Page: Update within 5 minutes" (payment-service-runbook.md:96).
    """
    state, now = room.state, room.clock.now()
    due = next((clock for clock in room.clocks() if clock.name == f"{_UPDATE}{CUSTOMERS}"), None)
    if due is None or due.done is not None or due.snoozed(now) or due.standing(now) != "overdue":
        return None
    gauge = _gauge(state, (), CUSTOMERS)
    if gauge.told is not None and gauge.told >= due.since:
        return None
    held = state.impact is not None and bool(state.impact.security)
    return Silence(due.since, due.due, _HELD if held else _why(gauge, CUSTOMERS in audiences))


_HELD = (
    "a security incident, whose disclosure is coordinated; /snooze update:customers DURATION --why TEXT says until when"
)


def _why(gauge: Gauge, reached: bool) -> str:
    if gauge.waiting:
        return "a message waits for its channel; m shows why"
    if gauge.undelivered:
        return "no channel takes its message; m shows why"
    if not reached:
        return "no channel reaches customers; update it by hand, and name one under `audiences:`"
    return "nobody has told customers; u sends the first update"
