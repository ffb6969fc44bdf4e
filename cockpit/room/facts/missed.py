"""What became well while nobody watched: the record's last word is put right when a cockpit comes back.

A change is told by whoever sees it happen; what ended between two cockpits, nobody saw. Without this the record would
say for ever that it is amiss, the review that it is not over, and what waits for the recovery would stay open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.incident import kinds
from cockpit.incident.fact import Fact
from cockpit.incident.state import State
from cockpit.incident.terms import PROGRAM
from cockpit.record.errors import JournalError
from cockpit.room.requests import Facts, Refusal
from cockpit.room.room import Room
from cockpit.room.views.endpoints import EndpointsView
from cockpit.room.views.rollout import RolloutView
from cockpit.room.views.signals import PodsView, SignalView
from cockpit.signal.cluster.crashes import well
from cockpit.signal.flapping import QUIET, WINDOW

LOOK = 5.0
"""Seconds between two looks."""
GRACE = 10.0
"""Seconds of watching before the first word: a source may still be reading its past, by which it is not well."""

Told = tuple[kinds.Payload, datetime | None]


class Seen(Struct, frozen=True):
    """All that is known now."""

    signals: Sequence[SignalView]
    pods: PodsView
    rollout: RolloutView
    endpoints: EndpointsView | None


class Missed:
    """Looks now and then whether something is well by now that was not when this cockpit began to watch.

    Args:
        room: the record.
        clock: what time it is.
        seen: what is known now; None before anything is watched, or while it is not about the present record.
        patience: seconds for which another cockpit's word of it is awaited first.
    """

    def __init__(
        self, room: Room, clock: Clock, seen: Callable[[], Seen | None], patience: Callable[[], float]
    ) -> None:
        self._room = room
        self._clock = clock
        self._seen = seen
        self._patience = patience
        self._about = ""
        """The record that is watched."""
        self._began = clock.now()
        """Since when: what is older was told by another cockpit, or by this one while it watched elsewhere."""

    async def write(self) -> None:
        """Put right what there is to put right, for ever."""
        while True:
            await self._clock.sleep(LOOK)
            if not self._missed(self._room.state):
                continue
            await self._clock.sleep(self._patience())
            with suppress(
                Refusal, JournalError
            ):  # the next look tries again; the trouble is said by whoever else writes
                await self._room.perform(Facts(self._missed, actor=PROGRAM))

    def _missed(self, state: State) -> list[Told]:
        seen, now = self._seen(), self._clock.now()
        about = self._room.incident if seen else ""
        if about != self._about:
            self._about, self._began = about, now
        if seen is None or (now - self._began).total_seconds() < GRACE:
            return []
        return list(missed(state, seen, self._began, now))


def missed(state: State, seen: Seen, began: datetime, now: datetime) -> Iterator[Told]:
    """What is well, and was not by the record's last word from before the watch `began`, each with when it became so.

    What happened since then is told by the sources' own changes, which know what lasts and what only flaps.
    """
    for view in seen.signals:
        last = state.thresholds.get(view.id)
        if last and view.state == "ok" and not view.pending and _ended(*last, began, now):
            yield _threshold(last[0], view), _since(view.since, last[1], now)
    for endpoint in seen.endpoints.rows if seen.endpoints else ():
        told = state.endpoints.get(endpoint.id)
        if told and endpoint.state == "ok" and _ended(*told, began, now):
            yield _endpoint(told[0]), None
    pods, deployment = seen.pods, seen.pods.deployment
    if not pods.source.trusted:
        return
    if (ill := _ill(state)) and ill.at < began:
        wanted = deployment.wanted if deployment else None
        if not pods.crashing and well(list(pods.rows), wanted, now):
            started = max((row.started for row in pods.rows if row.started is not None), default=None)
            # The last to start served a moment later: nearer to the truth than when somebody came back to look.
            yield (
                kinds.Pods(state="recovered", count=pods.ready, total=pods.wanted),
                _since(started, ill, now),
            )
    status = seen.rollout.status
    if state.rollout and deployment and status and status.state == "complete" and state.rollout[1].at < began:
        last_one = state.rollout[0]
        if (last_one.state, last_one.revision) != ("finished", str(deployment.revision)):
            yield _finished(seen), None


def _ill(state: State) -> Fact | None:
    """The record's last word that pods crash or do not serve, which nothing has ended."""
    crashing = [state.pods[1]] if state.pods and state.pods[0].state != "recovered" else []
    return max([*crashing, *(fact for _, fact in state.unready.values())], key=lambda fact: fact.at, default=None)


def _ended(last: kinds.ThresholdCrossed | kinds.EndpointChanged, fact: Fact, began: datetime, now: datetime) -> bool:
    """Whether the record's last word needs another: it says that something is amiss, or that it flaps, and whoever said
    so has had the time to say more."""
    if last.crossings and not last.settled:
        return fact.at < began and (now - fact.at).total_seconds() >= WINDOW + QUIET
    return last.state != "ok" and fact.at < began


def _since(since: datetime | None, last: Fact, now: datetime) -> datetime | None:
    """When it became well, where the source's past says so; never before the word that it was not."""
    return since if since is not None and last.at < since <= now else None


def _settled(last: kinds.ThresholdCrossed | kinds.EndpointChanged) -> dict[str, object]:
    flapped = last.crossings and not last.settled
    return {"crossings": last.crossings, "lasted": last.lasted, "settled": True} if flapped else {}


def _threshold(last: kinds.ThresholdCrossed, view: SignalView) -> kinds.Payload:
    fields = {"id": last.id, "title": view.title, "from": last.state, "to": "ok", "value": view.value}
    return kinds.ThresholdCrossed.model_validate(
        fields | {"unit": view.unit, "bound": last.bound or view.bound} | _settled(last)
    )


def _endpoint(last: kinds.EndpointChanged) -> kinds.Payload:
    fields = {"id": last.id, "asked": last.asked, "from": last.state, "to": "ok"}
    return kinds.EndpointChanged.model_validate(fields | _settled(last))


def _finished(seen: Seen) -> kinds.Payload:
    deployment = seen.pods.deployment
    assert deployment is not None
    return kinds.Rollout(
        state="finished", deployment=deployment.name, revision=str(deployment.revision), release=deployment.image,
        cause=deployment.change_cause,
    )  # fmt: skip
