"""Requests about the incident's life: declare, acknowledge, grade, move on, resolve, close, reopen."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.alerting import Standing
from cockpit.incident.entry import Draft
from cockpit.incident.noticed import noticed
from cockpit.incident.state import State
from cockpit.incident.terms import DETECTION_SOURCES, SETTABLE, Status
from cockpit.room.requests.deeds import answered, archived, heard, moved, settled
from cockpit.room.requests.desk import (
    Desk,
    Refusal,
    must_be_declared,
    must_not_be_closed,
    must_not_be_merged,
    optional,
    severity_of,
    worded,
)
from cockpit.room.requests.from_alert import chosen, name_of
from cockpit.room.requests.in_place import left
from cockpit.room.requests.placing import placed, standing_at
from cockpit.text import clean
from cockpit.values import replace

FIRST = "first"
"""What stands for what the record's own signals noticed first."""


class Start(Struct, frozen=True):
    """Declare the incident."""

    name: str
    severity: str = ""
    title: str = ""
    source: str = ""
    detected: datetime | None = None
    drill: bool = False
    another: bool = False
    """Though one is open here: without it two people who declare the same thing make one incident of it."""
    alert: str = ""
    """The alert that it is declared from, by its fingerprint or as `chosen` reads it: it says who noticed and when."""
    seen: str = ""
    """What the record's own signals noticed, by the entry that tells it, or `FIRST`: it was detected by that, at its
    time unless `detected` says another."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Declared; detected, if its source or time is known; severity, if given."""
        if state.declared is not None:
            raise Refusal(
                f"an incident is already declared here ({state.name}); see `incident show`, or declare --another"
            )
        alert = self._alert(state)
        given = self.name or (name_of(alert) if alert else "")
        name = "-".join(worded(given, "the name").lower().split())[:80]
        declared = kinds.Declared(
            name=name, title=optional(self.title, "the title"), service=desk.service, policy=desk.policy_name,
            target=desk.target, drill=self.drill, alert=alert.fingerprint if alert else None,
        )  # fmt: skip
        drafts = [desk.draft(declared)]
        if self.severity:
            drafts.append(desk.draft(kinds.Severity(severity=severity_of(self.severity, desk.policy))))
        if self.seen:
            drafts.insert(0, placed(*self._seen(state), state, desk))
        elif self.source or self.detected:
            if self.source and self.source not in DETECTION_SOURCES:
                raise Refusal(f"'{clean(self.source)}' is no source; it is one of {', '.join(DETECTION_SOURCES)}")
            noticed = kinds.Detected(source=self.source or "internal")
            drafts.insert(0, placed(noticed, self.detected, state, desk))
        return drafts

    def _seen(self, state: State) -> tuple[kinds.Detected, datetime]:
        """The detection by the record's own signals; raises Refusal where they tell of nothing that is amiss now."""
        if self.alert or self.source:
            raise Refusal("the signals say who noticed it: leave --source out, or name one --from")
        found = noticed(state)
        wanted = next((each for each in found if self.seen in (FIRST, each.entry)), None)
        if wanted is None:
            said = "is well again" if found else "tell of nothing that is amiss now"
            raise Refusal(f"the record's own signals {said}; say it by --source and --detected")
        return kinds.Detected(source="monitoring", what=wanted.what, seen=wanted.entry), self.detected or wanted.at

    def _alert(self, state: State) -> Standing | None:
        """The alert that is meant, if one is; raises Refusal where it fires no more, or what it says is said again."""
        if self.alert and (self.source or self.detected):
            raise Refusal("the alert says who noticed it and when: leave --source and --detected out, or --from")
        return chosen(state, self.alert) if self.alert else None


class Acknowledge(Struct, frozen=True):
    """Take the alert."""

    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Acknowledged, once; at the pagers too, whose pages go on to others otherwise."""
        must_be_declared(state)
        elsewhere = [desk.draft(each) for each in answered("acknowledge", state, desk)]
        if state.acknowledged is None:
            return [placed(kinds.Acknowledged(), self.at, state, desk), *elsewhere]
        if not elsewhere:
            raise Refusal(f"already acknowledged by {state.acknowledged.actor}")
        return elsewhere  # somebody was paged since


class SetStatus(Struct, frozen=True):
    """Say where the response stands; without a status the words alone are the update."""

    text: str
    to: str = ""
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The status, with its text."""
        must_not_be_closed(state)
        if not self.to and self.text.strip().lower() in [status.value for status in SETTABLE]:
            return replace(self, to=self.text.strip().lower(), text="").decide(state, desk)  # `status mitigating`
        standing = Status(standing_at(state.statuses, self.at) or state.status)
        status, text = self._status(state, standing), optional(self.text, "the update")
        if not text and status is standing:
            raise Refusal(f"the status is {status.value} already; say what is new, or another one with --to")
        said = placed(kinds.StatusChange(status=status, text=text), self.at, state, desk)
        return [said, *(desk.draft(each) for each in moved(status, text, state, desk))]

    def _status(self, state: State, standing: Status) -> Status:
        """The one to set; without words for it, the one that stands at that time."""
        allowed = [status.value for status in SETTABLE]
        if self.to and self.to not in allowed:
            raise Refusal(f"'{clean(self.to)}' is no status to set; it is one of {', '.join(allowed)}, or `resolve`")
        if state.status is Status.RESOLVED:
            raise Refusal("the incident is resolved; `incident reopen WHY`, or `incident close`")
        return Status(self.to) if self.to else standing


class Mitigate(Struct, frozen=True):
    """Record what was done against the impact."""

    text: str
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """A mitigation; the fold moves the status on."""
        must_not_be_closed(state)
        done = kinds.Mitigation(text=worded(self.text, "the mitigation"))
        elsewhere = heard(f"mitigated – {done.text}", state, desk)
        return [placed(done, self.at, state, desk), *(desk.draft(each) for each in elsewhere)]


class Resolve(Struct, frozen=True):
    """Say that the impact is over.

    Args:
        stays: the runs, or `all`, whose changes stay in place afterwards: of each somebody was asked.
    """

    text: str = ""
    at: datetime | None = None
    stays: frozenset[str] = frozenset()
    break_glass: str = ""
    """Why it is done by somebody whose roles do not let him; see `cockpit.room.permission`."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """What stays in place, then the status resolved, at the pagers and on the ticket too."""
        must_not_be_closed(state)
        if state.status is Status.RESOLVED:
            raise Refusal("the incident is resolved already; `incident close` ends it")
        said = kinds.StatusChange(status=Status.RESOLVED, text=optional(self.text))
        stays = [placed(each, self.at, state, desk) for each in left(state, self.stays)]
        elsewhere = [*settled(state, desk, said.text), *moved(said.status, said.text, state, desk)]
        return [*stays, placed(said, self.at, state, desk), *(desk.draft(each) for each in elsewhere)]


class Close(Struct, frozen=True):
    """End the incident."""

    false_alarm: str | None = None
    at: datetime | None = None
    break_glass: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Closed, and the incident's own channel archived. A false alarm may be closed from any status: what was
        paged is resolved with it."""
        must_not_be_closed(state)
        if self.false_alarm is None and state.status is not Status.RESOLVED:
            raise Refusal("it is not resolved yet; `incident resolve` first, or close with --false-alarm WHY")
        why = None if self.false_alarm is None else worded(self.false_alarm, "why it was a false alarm")
        ended = placed(kinds.Closed(false_alarm=why), self.at, state, desk)
        elsewhere = [] if state.status is Status.RESOLVED else settled(state, desk, f"a false alarm: {why}")
        return [ended, *(desk.draft(each) for each in (*elsewhere, *archived(state, desk)))]


class Reopen(Struct, frozen=True):
    """It was not over."""

    why: str
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """Reopened, with the reason."""
        must_not_be_merged(state)
        if state.declared is None:
            raise Refusal("no incident is open; name a closed one with --incident: `cockpit incident list` shows them")
        if not state.over:
            raise Refusal(f"the incident is open: {state.status.value}")
        return [placed(kinds.Reopened(why=worded(self.why, "the reason")), self.at, state, desk)]


class SetSeverity(Struct, frozen=True):
    """Set or change the severity."""

    severity: str
    why: str = ""
    at: datetime | None = None
    break_glass: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The severity; a change says why."""
        must_not_be_closed(state)
        severity, standing = severity_of(self.severity, desk.policy), standing_at(state.severities, self.at)
        if severity == standing:
            raise Refusal(f"the severity is {severity} already")
        if state.severity is not None and not self.why.strip():
            raise Refusal(f"it is {state.severity} now; a change says why: --why TEXT")
        said = kinds.Severity(severity=severity, why=optional(self.why, "the reason"))
        graded = state.copy()
        graded.severity = severity
        words = f"severity {severity} – {said.why}" if said.why else f"severity {severity}"
        return [placed(said, self.at, state, desk), *(desk.draft(each) for each in heard(words, graded, desk))]
