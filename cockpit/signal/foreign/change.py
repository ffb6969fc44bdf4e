"""A change that is told because the cockpit did not make it, and the fold of many into one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from cockpit.values import replace

Matter = Literal["scale", "pause", "template", "remade", "bounds", "data", "selector"]
"""What changed, in the record's words (see `incident.kinds.changes`)."""

AT_ONCE = 3
"""So many changes of one thing within `SPAN` seconds are told each by itself; what comes on top is a flood."""
SPAN = 60.0
QUIET = 30.0
"""Seconds without a change after which a flood is over and told."""
LONGEST = 600.0
"""Seconds after which a flood that goes on is told all the same, and a next one begins."""


class ForeignChange(Struct, frozen=True):
    """Something of what the service stands on was changed; the room knows whether a run of its own did it.

    Attributes:
        object: as kubectl names it, `configmap/payment-config`.
        before, after: its values; empty where they are many, or secret.
        by: the program that did it; empty where the cluster does not say.
        detail: what changed, cleaned and redacted.
        version: the object's resourceVersion.
        count: how many changes it stands for, which came over `seconds`.
    """

    object: str
    matter: Matter
    at: datetime
    before: str = ""
    after: str = ""
    by: str = ""
    detail: str = ""
    version: str = ""
    count: int = 1
    seconds: float = 0.0

    @property
    def subject(self) -> str:
        """What has floods of its own: the thing, and who changes it."""
        return f"{self.object} {self.matter} {self.by}"


class Floods:
    """Lets single changes through, and folds a flood of one thing by one program into one change with a count."""

    def __init__(self) -> None:
        self._told: dict[str, list[datetime]] = {}
        self._pending: dict[str, ForeignChange] = {}
        self._last: dict[str, datetime] = {}

    def step(self, changes: list[ForeignChange], now: datetime) -> list[ForeignChange]:
        """What is to be told of `changes` and of what waits.

        A flood's first value is told as `before` and its last as `after`, with the details of its last change; it
        occurred when it began.
        """
        told = [each for each in changes if self._at_once(each, now)]
        for subject, folded in list(self._pending.items()):
            quiet = (now - self._last[subject]).total_seconds() >= QUIET
            if quiet or (now - folded.at).total_seconds() >= LONGEST:
                told.append(self._pending.pop(subject))
        return told

    def _at_once(self, change: ForeignChange, now: datetime) -> bool:
        subject = change.subject
        if pending := self._pending.get(subject):
            lasted = (change.at - pending.at).total_seconds()
            more = replace(change, at=pending.at, before=pending.before, count=pending.count + 1, seconds=lasted)
            self._pending[subject] = more
            self._last[subject] = now
            return False
        lately = [at for at in self._told.get(subject, ()) if (now - at).total_seconds() < SPAN]
        if len(lately) >= AT_ONCE:
            self._pending[subject], self._last[subject] = change, now
            return False
        self._told[subject] = [*lately, now]
        return True
