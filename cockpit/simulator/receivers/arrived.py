"""Everything that arrived at the receivers, in its order, for people and for tests that count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Listener = Callable[["Arrival"], None]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that a receiver took: what it answered with an error is none.

    Attributes:
        number: counted over all receivers, from 1.
        at: when it was taken, aware UTC.
        receiver: whose it is: `slack`, `pagerduty`, `opsgenie`, `statuspage`, `mail`, `jira`, `alertmanager`.
        what: what happened, in the product's words: `message`, `trigger`, `incident`, `update`, `comment`, ...
        where: the channel, page, service, recipients or project.
        text: what people read there.
        id: the product's own id for it.
        key: what the sender gave so that it is known again (`dedup_key`, `alias`, `Message-ID`); else empty.
        data: the request as it came.
    """

    number: int
    at: datetime
    receiver: str
    what: str
    where: str = ""
    text: str = ""
    id: str = ""
    key: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """As JSON has it."""
        words = {name: getattr(self, name) for name in ("number", "receiver", "what", "where", "text", "id", "key")}
        return {**words, "at": self.at.isoformat(), "data": dict(self.data)}


class Arrived:
    """The log of arrivals.

    Args:
        now: gives aware UTC.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._all: list[Arrival] = []
        self._listeners: list[Listener] = []

    def add(self, receiver: str, what: str, **more: Any) -> Arrival:
        """Note what was taken; `more` are the other fields of an Arrival. Gives it."""
        arrival = Arrival(len(self._all) + 1, self._now(), receiver, what, **more)
        self._all.append(arrival)
        for listener in self._listeners:
            listener(arrival)
        return arrival

    def of(self, receiver: str = "", what: str = "") -> list[Arrival]:
        """What arrived at one receiver (or all), of one sort (or all), the first first."""
        return [each for each in self._all if receiver in ("", each.receiver) and what in ("", each.what)]

    def listen(self, listener: Listener) -> None:
        """Call `listener` with each arrival from now on."""
        self._listeners.append(listener)

    def __len__(self) -> int:
        return len(self._all)
