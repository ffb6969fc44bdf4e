"""What an alert of a monitoring system adds to the entries that it makes: by what it is known, and its own words."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from cockpit.incident.kinds.payload import Payload


class AlertKey(BaseModel):
    """By what an alert is known again, whoever saw it: no words, so that a redaction leaves it."""

    model_config = ConfigDict(frozen=True, defer_build=True)
    fingerprints: tuple[str, ...] = Field(min_length=1)
    """The monitoring system's own, of every alert that the entry speaks of: of many at once one entry tells."""
    started: datetime | None = None
    """When the first of them began to fire, as the monitoring system says; None where it does not."""
    origin: str = ""
    """By which Alertmanager or intake it came."""
    times: int = 1
    """How often it has fired when it flaps: entries after the second take each other's place."""


class AlertWords(BaseModel):
    """What an alert says of itself."""

    model_config = ConfigDict(frozen=True, defer_build=True)
    name: str = ""
    severity: str = ""
    """The word of its label, in no policy's sense."""
    link: str = ""


class AlertResolved(Payload):
    """An alert that was detected fires no more; `occurred` is the moment."""

    kind = "alert-resolved"
    free = ("name",)
    name: str
    alert: AlertKey
