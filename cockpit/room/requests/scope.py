"""Requests about how far it reaches: what was noticed, whom it hits, which services it takes with it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.fold.alerts import told_by_alert
from cockpit.incident.state import State
from cockpit.incident.terms import DETECTION_SOURCES
from cockpit.incident.times import echo
from cockpit.room.requests.desk import Desk, Refusal, must_be_declared, optional, worded
from cockpit.room.requests.placing import placed
from cockpit.text import clean

TRENDS = ("worse", "stable", "better")


class Detect(Struct, frozen=True):
    """Say when, and by whom, it was first noticed."""

    source: str
    what: str = ""
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The detection, once; it is corrected by amending it. Somebody may have been earlier than an alert."""
        must_be_declared(state)
        if self.source not in DETECTION_SOURCES:
            raise Refusal(f"'{clean(self.source)[:40]}' is no source; it is one of {', '.join(DETECTION_SOURCES)}")
        known = state.detected
        if known is not None and not (self.at and self.at < known.at and told_by_alert(state)):
            text = f"it was detected by {state.detected_by} at {echo(known.at)}"
            raise Refusal(f"{text}; `amend {known.entry[-6:]} --at WHEN` corrects that")
        return [placed(kinds.Detected(source=self.source, what=optional(self.what)), self.at or desk.now, state, desk)]


class SayImpact(Struct, frozen=True):
    """What is known of the impact; what is left out stands as it was."""

    text: str = ""
    who: str = ""
    how_many: str = ""
    since: datetime | None = None
    trend: str = ""
    data: bool | None = None
    security: bool | None = None
    regulatory: bool | None = None
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The impact, as far as it says something."""
        must_be_declared(state)
        said = {
            "text": optional(self.text), "who": optional(self.who), "how_many": optional(self.how_many),
            "since": self.since, "trend": self.trend or None,
            "data": self.data, "security": self.security, "regulatory": self.regulatory,
        }  # fmt: skip
        if all(value in (None, "") for value in said.values()):
            raise Refusal("the impact says nothing; write who, --how-many, --since, --trend or a sentence")
        if self.trend and self.trend not in TRENDS:
            raise Refusal(f"'{clean(self.trend)[:20]}' is no trend; it is one of {', '.join(TRENDS)}")
        return [placed(kinds.Impact.model_validate(said), self.at, state, desk)]


class Affect(Struct, frozen=True):
    """A service is affected, or recovered."""

    service: str
    recovered: bool = False
    text: str = ""
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The service's new standing."""
        must_be_declared(state)
        service = "-".join(worded(self.service, "the service").split())[:80]
        known, standing = state.affected.get(service), "recovered" if self.recovered else "affected"
        if known is None and self.recovered:
            affected = ", ".join(name for name, (each, _) in state.affected.items() if each.state == "affected")
            raise Refusal(f"'{service}' was not affected; affected are: {affected or 'none'}")
        if known is not None and known[0].state == standing and not self.text.strip():
            raise Refusal(f"{service} is {standing} already")
        payload = {"service": service, "state": standing, "text": optional(self.text)}
        return [placed(kinds.Affected.model_validate(payload), self.at, state, desk)]
