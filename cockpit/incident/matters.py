"""What an incident has open: hypotheses, asks, action items, handovers; each as its entries have left it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from msgspec import Struct

from cockpit.incident.fact import Fact
from cockpit.incident.terms import Role


class Numbered(Protocol):
    """Something that people call by a letter and a number."""

    @property
    def number(self) -> int: ...


class Hypothesis(Struct, frozen=True):
    """What may be the cause. `state` is open, confirmed or eliminated; `evidence` is what settled it."""

    id: str
    number: int
    text: str
    state: str
    opened: Fact
    settled: Fact | None = None
    evidence: str = ""

    @property
    def label(self) -> str:
        """As people call it: H1."""
        return f"H{self.number}"


class Ask(Struct, frozen=True):
    """What somebody was asked for. `state` is opened, acknowledged, overdue, answered or withdrawn."""

    id: str
    number: int
    handle: str
    text: str
    due: datetime | None
    state: str
    opened: Fact
    acknowledged: Fact | None = None
    overdue: Fact | None = None
    settled: Fact | None = None
    answer: str = ""

    @property
    def label(self) -> str:
        """As people call it: A1."""
        return f"A{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether an answer is still waited for."""
        return self.settled is None


class ActionItem(Struct, frozen=True):
    """What remains to be done after the incident. `state` is open, done or dropped; `due` is a day."""

    id: str
    number: int
    text: str
    owner: str
    due: date | None
    term: str
    state: str
    opened: Fact
    settled: Fact | None = None
    why: str = ""
    changed: Fact | None = None
    """The last word on what it is, whose and by when."""

    @property
    def label(self) -> str:
        """As people call it: AI1."""
        return f"AI{self.number}"


class Handover(Struct, frozen=True):
    """A role that was offered to somebody. `state` is offered, accepted, declined or withdrawn."""

    id: str
    role: Role
    giver: str
    to: str
    state: str
    offered: Fact
    brief: str = ""
    settled: Fact | None = None
    why: str = ""


def next_number(known: Iterable[Numbered]) -> int:
    """The number of the next one."""
    return max((each.number for each in known), default=0) + 1
