"""What happened, on a chart's axis of time: each column with entries has a letter, by which the list below names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.state import State
from cockpit.incident.wording import shown
from cockpit.screen.chart.scale import Window

_LETTERS = ascii_lowercase + ascii_uppercase
_MORE = "*"
"""What columns are called when there are no letters left."""
_ASIDE = frozenset({kinds.Page.kind, kinds.Message.kind, kinds.Ask.kind, kinds.Source.kind, kinds.RoleChange.kind})
"""What was said and who was told moves no reading."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry at its instant, and the letter of its column."""

    entry: Entry
    letter: str
    column: int


def marks(entries: Iterable[Entry], state: State, window: Window) -> list[Mark]:
    """The entries of a record that may have moved a reading, or are about one, as far as they are in the window."""
    found = [
        (entry, window.place(entry.occurred))
        for entry in entries
        if window.begin <= entry.occurred <= window.end and entry.kind not in _ASIDE and shown(entry, state)
    ]
    columns = {column: index for index, column in enumerate(dict.fromkeys(column for _, column in found))}
    return [Mark(entry, _letter(columns[column]), column) for entry, column in found]


def _letter(index: int) -> str:
    return _LETTERS[index] if index < len(_LETTERS) else _MORE


def letters(found: Sequence[Mark]) -> Mapping[int, str]:
    """The letter of each column."""
    return {mark.column: mark.letter for mark in found}


def nearest(found: Sequence[Mark], column: int) -> Mark | None:
    """The mark that is nearest to a column, the later one of two."""
    return min(reversed(found), key=lambda mark: abs(mark.column - column), default=None)
