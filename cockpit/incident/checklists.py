"""How far each role's checklist is: the lists come from the runbooks, the ticks from the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from cockpit.incident.answers import answer_of
from cockpit.incident.fact import Fact
from cockpit.incident.state import State

AFTER = "after"
"""What stands where a role does for the lists that begin with the resolution."""


class Item(Protocol):
    """One thing to do; `id` is what the record ticks."""

    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def answered_by(self) -> str: ...


class Phase(Protocol):
    """A part of a list. `begins` and `ends` are minutes after the declaration, None without a time box; `within` is
    how many seconds after the resolution a post-incident part is due."""

    @property
    def title(self) -> str: ...
    @property
    def begins(self) -> float | None: ...
    @property
    def ends(self) -> float | None: ...
    @property
    def within(self) -> float | None: ...
    @property
    def items(self) -> Sequence[Item]: ...


class Checklist(Protocol):
    """One role's list."""

    @property
    def role(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def phases(self) -> Sequence[Phase]: ...


@dataclass(frozen=True, slots=True)
class Tick:
    """An item as it stands. `fact` says who set it so, None while nobody has touched it; `why` it does not apply.

    `answered` says that a fact of the record ticked it, not a person.
    """

    item: Item
    state: str
    fact: Fact | None
    why: str = ""
    answered: bool = False


@dataclass(frozen=True, slots=True)
class PhaseProgress:
    """A phase as it stands. `left` is what its time box has left, None when it has none or is not now.

    `due` is when a post-incident phase is due, None before the resolution and for every other phase; `overdue` that it
    is and something is still open.
    """

    phase: Phase
    ticks: tuple[Tick, ...]
    now: bool
    left: timedelta | None
    due: datetime | None = None
    overdue: bool = False

    @property
    def settled(self) -> int:
        """How many items are done or not applicable."""
        return sum(tick.state != "open" for tick in self.ticks)

    @property
    def complete(self) -> bool:
        """Whether none is open."""
        return self.settled == len(self.ticks)


@dataclass(frozen=True, slots=True)
class Progress:
    """A list as it stands."""

    checklist: Checklist
    phases: tuple[PhaseProgress, ...]

    @property
    def after(self) -> bool:
        """Whether it is for after the incident."""
        return self.checklist.role == AFTER

    @property
    def settled(self) -> int:
        """How many items are done or not applicable."""
        return sum(phase.settled for phase in self.phases)

    @property
    def total(self) -> int:
        """How many items there are."""
        return sum(len(phase.ticks) for phase in self.phases)


def progress(checklist: Checklist, state: State, now: datetime) -> Progress:
    """The list as the record has it at `now`; time boxes run from the declaration, what is due after from the end."""
    elapsed = (now - state.declared.at).total_seconds() / 60 if state.declared and not state.over else None
    return Progress(checklist, tuple(_phase(phase, state, elapsed, now) for phase in checklist.phases))


def _phase(phase: Phase, state: State, elapsed: float | None, now: datetime) -> PhaseProgress:
    begins, ends = phase.begins or 0.0, phase.ends
    is_now = elapsed is not None and phase.begins is not None and begins <= elapsed and (ends is None or elapsed < ends)
    left = timedelta(minutes=ends - elapsed) if is_now and ends is not None and elapsed is not None else None
    ticks = tuple(_tick(item, state) for item in phase.items)
    end = (state.resolved or state.closed) if state.over and not state.merged_into else None
    due = end.at + timedelta(seconds=phase.within) if end and phase.within is not None else None
    late = due is not None and now > due and any(tick.state == "open" for tick in ticks)
    return PhaseProgress(phase, ticks, is_now, left, due, late)


def _tick(item: Item, state: State) -> Tick:
    """What a person said of it; where nobody did, what the record's facts say."""
    known = state.checklist.get(item.id)
    if known is not None:
        return Tick(item, known[0].state, known[1], known[0].why)
    answer = answer_of(item.answered_by) if item.answered_by else None
    fact = answer(state) if answer is not None else None
    return Tick(item, "done", fact, answered=True) if fact is not None else Tick(item, "open", None)


def find(checklists: Iterable[Checklist], id: str) -> Item | None:
    """The item with that id in any list."""
    every = (item for checklist in checklists for phase in checklist.phases for item in phase.items)
    return next((item for item in every if item.id == id), None)
