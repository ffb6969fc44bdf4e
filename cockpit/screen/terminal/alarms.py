"""What becomes overdue, said once: a bell, which other windows of tmux show too, and a notification by OSC 9.

A drill rings as what is real does, for it is to be practised, and says that it is one; neither leaves the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cockpit.incident.clocks import Due
from cockpit.incident.state import State
from cockpit.room.facts.proposals import Proposed
from cockpit.text import clean


class Alarms:
    """Remembers what has rung: each clock once in each of its rounds, however often it is looked at."""

    def __init__(self) -> None:
        self._incident: str | None = None
        self._rung: set[tuple[str, datetime]] = set()
        self._proposed: set[tuple[str, datetime]] | None = None

    def look(self, incident: str, clocks: Sequence[Due], now: datetime) -> list[Due]:
        """The clocks that have become overdue since the last look; at the first look at an incident none, because what
        was overdue before is on the screen, and nobody has missed it there."""
        overdue = {(clock.name, clock.due): clock for clock in clocks if clock.standing(now) == "overdue"}
        new = [clock for key, clock in overdue.items() if key not in self._rung]
        first, self._incident = incident != self._incident, incident
        if first:
            self._rung.clear()
        self._rung.update(overdue)
        return [] if first else new

    def proposes(self, found: Proposed | None) -> bool:
        """Whether an incident is proposed by an alert that has not rung yet; at the first look none rings, for what
        was proposed before is on the screen."""
        told = {(each.fingerprint, each.fact.at) for each in found.alerts} if found else set[tuple[str, datetime]]()
        new = self._proposed is not None and bool(told - self._proposed)
        self._proposed = (self._proposed or set()) | told
        return new


def proposal(found: Proposed, now: datetime) -> str:
    """The sequence that notifies of a proposed incident."""
    return _notifying(f"proposed: {found.words(now)}{f' ({found.service})' if found.service else ''}")


def notification(state: State, overdue: Sequence[Due]) -> str:
    """The sequence that notifies of what became overdue: `ESC ] 9 ; TEXT BEL`. The text begins with a letter, as some
    terminals take a number there for a command."""
    head = " ".join(part for part in ("DRILL" if state.drill else "", state.severity or "", state.name) if part)
    words = ", ".join(clock.title for clock in overdue)
    return _notifying(f"overdue: {words} ({head})")


def _notifying(text: str) -> str:
    return f"\033]9;{clean(text)}\a"
