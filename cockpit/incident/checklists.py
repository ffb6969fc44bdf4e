"""How far each role's checklist is: the lists come from the runbooks, the ticks from the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from cockpit.incident.fact import Fact
from cockpit.incident.state import State


class Item(Protocol):
    """One thing to do; `id` is what the record ticks."""

    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...


class Phase(Protocol):
    """A part of a list. `begins` and `ends` are minutes after the declaration, None without a time box."""

    @property
    def title(self) -> str: ...
    @property
    def begins(self) -> float | None: ...
    @property
    def ends(self) -> float | None: ...
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
    """An item as it stands. `fact` says who set it so, None while nobody has touched it; `why` it does not apply."""

    item: Item
    state: str
    fact: Fact | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class PhaseProgress:
    """A phase as it stands. `left` is what its time box has left, None when it has none or is not now."""

    phase: Phase
    ticks: tuple[Tick, ...]
    now: bool
    left: timedelta | None

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
    def settled(self) -> int:
        """How many items are done or not applicable."""
        return sum(phase.settled for phase in self.phases)

    @property
    def total(self) -> int:
        """How many items there are."""
        return sum(len(phase.ticks) for phase in self.phases)


def progress(checklist: Checklist, state: State, now: datetime) -> Progress:
    """The list as the record has it at `now`; time boxes run from the declaration."""
    elapsed = (now - state.declared.at).total_seconds() / 60 if state.declared and not state.over else None
    return Progress(checklist, tuple(_phase(phase, state, elapsed) for phase in checklist.phases))


def _phase(phase: Phase, state: State, elapsed: float | None) -> PhaseProgress:
    begins, ends = phase.begins or 0.0, phase.ends
    now = elapsed is not None and phase.begins is not None and begins <= elapsed and (ends is None or elapsed < ends)
    left = timedelta(minutes=ends - elapsed) if now and ends is not None and elapsed is not None else None
    return PhaseProgress(phase, tuple(_tick(item, state) for item in phase.items), now, left)


def _tick(item: Item, state: State) -> Tick:
    known = state.checklist.get(item.id)
    return Tick(item, known[0].state, known[1], known[0].why) if known else Tick(item, "open", None)


def find(checklists: Iterable[Checklist], id: str) -> Item | None:
    """The item with that id in any list."""
    every = (item for checklist in checklists for phase in checklist.phases for item in phase.items)
    return next((item for item in every if item.id == id), None)
