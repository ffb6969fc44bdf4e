"""What the document is built of: its case, its parts, and how it writes times. Text given in is escaped already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec import Struct

from cockpit.incident.entry import Entry
from cockpit.incident.state import State
from cockpit.incident.times import echo, time_of_day
from cockpit.scribe.escape import inline

NOT_RECORDED = "not recorded"


class Case(Struct, frozen=True):
    """What is written about. `day` is the one UTC day on which all happened, None when there were several."""

    entries: Sequence[Entry]
    state: State
    label: str
    now: datetime
    day: date | None

    @classmethod
    def of(cls, entries: Sequence[Entry], state: State, label: str, now: datetime) -> Case:
        """The case of these entries, in their order."""
        days = {entry.occurred.date() for entry in entries} | {entry.recorded.at.date() for entry in entries}
        return cls(entries, state, label, now, days.pop() if len(days) == 1 else None)

    def clock(self, at: datetime) -> str:
        """An instant in few characters: the time of day when the document has one day only, else in full."""
        return time_of_day(at) if self.day == at.date() else echo(at)


def heading(level: int, text: str) -> str:
    """A heading of our own words and of escaped text."""
    return f"{'#' * level} {text}"


def fact(label: str, value: str) -> str:
    """One line of a list of facts; what is empty is not recorded."""
    return f"- **{label}:** {value or NOT_RECORDED}"


def facts(*lines: str) -> str:
    """A tight list; empty lines are left out."""
    return "\n".join(line for line in lines if line)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of escaped cells."""
    written = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    written += [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join(written)


def counted(entries: int) -> str:
    """`1 entry`, `39 entries`."""
    return f"{entries} {'entry' if entries == 1 else 'entries'}"


def by(actor: str, role: str | None = None) -> str:
    """Who did it, with the role held."""
    return inline(f"{actor} ({role})" if role else actor)
