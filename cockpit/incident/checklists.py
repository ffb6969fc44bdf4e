"""How far each role's checklist is: the lists come from the runbooks, the ticks from the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from cockpit.incident.answered import deed_of
from cockpit.incident.answers import answer_of
from cockpit.incident.calendar import USUAL
from cockpit.incident.due import Due, Standing, ends
from cockpit.incident.fact import Fact
from cockpit.incident.policies import Range
from cockpit.incident.state import State
from cockpit.incident.times import span

AFTER = "after"
"""What stands where a role does for the lists that begin with the resolution."""


class Item(Protocol):
    """One thing to do; `id` is what the record ticks, `answered_by` the fact that ticks it by itself, if any."""

    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def answered_by(self) -> str: ...


class Phase(Protocol):
    """A part of a list. `begins` and `ends` are minutes after the declaration, None without a time box; `within` is
    how long after the resolution a post-incident part is due."""

    @property
    def title(self) -> str: ...
    @property
    def begins(self) -> float | None: ...
    @property
    def ends(self) -> float | None: ...
    @property
    def within(self) -> Range | None: ...
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


class Tick(Struct, frozen=True):
    """An item as it stands. `fact` says who set it so, None while nobody has touched it; `why` it does not apply.

    `answered` says that a fact of the record ticked it, not a person.
    """

    item: Item
    state: str
    fact: Fact | None
    why: str = ""
    answered: bool = False

    @property
    def ref(self) -> str:
        """The short name of the entry that set it so; empty while there is none."""
        return self.fact.entry[-6:] if self.fact else ""

    @property
    def deed(self) -> str:
        """What ticked it, where that was a fact of the record: `declaration`; empty where a person did."""
        return deed_of(self.item.answered_by) if self.answered else ""


class PhaseProgress(Struct, frozen=True):
    """A phase as it stands. `left` is what its time box has left, None when it has none or is not now.

    `due` is when a post-incident phase is overdue, `standing` where that clock stands: met or missed once nothing is
    open. Both are None before the resolution, and for every other phase.
    """

    phase: Phase
    ticks: tuple[Tick, ...]
    now: bool
    left: timedelta | None
    due: datetime | None = None
    standing: Standing | None = None

    @property
    def settled(self) -> int:
        """How many items are done or not applicable."""
        return sum(tick.state != "open" for tick in self.ticks)

    @property
    def complete(self) -> bool:
        """Whether none is open."""
        return self.settled == len(self.ticks)

    @property
    def given(self) -> str:
        """Its time box or its date: `5–15 min`, `ongoing`, `within 24–48 h`; empty without one, or where its title
        says it."""
        begins, ends, within = self.phase.begins, self.phase.ends, self.phase.within
        if ends is not None:
            return f"{begins or 0:g}–{ends:g} min"
        if within is not None:
            return "" if self.phase.title.casefold().startswith("within") else f"within {within}"
        return "ongoing" if begins is not None else ""

    def standing_words(self, now: datetime) -> str:
        """Where its clock stands: `now, 2:19 left`, `now`, `due in 1:12:00`, `overdue 0:07`, `done late`; empty where
        none runs."""
        if self.now:
            return f"now, {span(self.left.total_seconds())} left" if self.left is not None else "now"
        if self.due is None or self.standing == "met":
            return ""
        left = span((self.due - now).total_seconds())
        return {"overdue": f"overdue {left}", "missed": "done late"}.get(self.standing or "", f"due in {left}")


class Progress(Struct, frozen=True):
    """A list as it stands."""

    checklist: Checklist
    phases: tuple[PhaseProgress, ...]
    begun: bool = False
    """Whether the incident is over, so that what comes after it runs."""

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
    end = _end(state)
    phases = tuple(_phase(phase, state, elapsed, end, now) for phase in checklist.phases)
    return Progress(checklist, phases, begun=end is not None)


def _end(state: State) -> datetime | None:
    """Since when there is something to do afterwards: the resolution, else the closing.

    A false alarm leaves nothing to follow up, and what was merged goes on in another incident.
    """
    if not state.over or state.merged_into or state.false_alarm is not None:
        return None
    end = state.resolved or state.closed
    return end.at if end else None


def _phase(phase: Phase, state: State, elapsed: float | None, end: datetime | None, now: datetime) -> PhaseProgress:
    begins, ends = phase.begins or 0.0, phase.ends
    is_now = elapsed is not None and phase.begins is not None and begins <= elapsed and (ends is None or elapsed < ends)
    left = timedelta(minutes=ends - elapsed) if is_now and ends is not None and elapsed is not None else None
    ticks = tuple(tick(item, state) for item in phase.items)
    clock = _clock(phase, ticks, end)
    if clock is None:
        return PhaseProgress(phase, ticks, is_now, left)
    return PhaseProgress(phase, ticks, is_now, left, clock.due, clock.standing(now))


def _clock(phase: Phase, ticks: Sequence[Tick], end: datetime | None) -> Due | None:
    """The clock of what is due after the `end`; done when the last of its items was."""
    dates = ends(end, phase.within, USUAL) if end is not None else None
    if end is None or dates is None:
        return None
    settled = [each.fact.at for each in ticks if each.state != "open" and each.fact is not None]
    done = max(settled) if settled and len(settled) == len(ticks) else None
    return Due(phase.title, phase.title, end, *dates, done=done)


def tick(item: Item, state: State) -> Tick:
    """What a person said of the item; where nobody did, what the record's facts say."""
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
