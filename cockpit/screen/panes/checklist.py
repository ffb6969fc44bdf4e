"""The checklist pane: one role's list, the phase that is now in front of the eye, the others by their counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cockpit.incident.checklists import AFTER, PhaseProgress, Progress, Tick
from cockpit.incident.terms import Role
from cockpit.incident.times import span, time_of_day
from cockpit.screen.glyphs import Glyphs
from cockpit.screen.panes.pane import Pane
from cockpit.screen.spans import Row, Span, Tone, fit, wrap

MARKS = {"done": "[x]", "open": "[ ]", "not-applicable": "[-]"}


class ChecklistPane(Pane):
    """The lists of all roles, one at a time."""

    def __init__(self) -> None:
        super().__init__(3, "Checklist")
        self.shown_role = Role.IC.value
        self._turned = False
        """Whether somebody chose a list: from then on it stays."""

    def update_from(
        self, lists: Sequence[Progress], own: Sequence[str], over: bool, now: datetime, glyphs: Glyphs
    ) -> None:
        """Show the list of `shown_role`, with how far every list is in the title.

        Until somebody turns to another one it is the list of the first role in `own`, those of whoever types; once the
        incident is `over`, the one for afterwards.
        """
        if not lists:
            self.answer("")
            self.say(Span("no checklist: the runbooks folder has none", "quiet"))
            return
        if not self._turned:
            wanted = [AFTER] if over else [*own, Role.IC.value]
            roles = [each.checklist.role for each in lists]
            self.shown_role = next((role for role in wanted if role in roles), self.shown_role)
        chosen = next((each for each in lists if each.checklist.role == self.shown_role), lists[0])
        self.shown_role = chosen.checklist.role
        lists = [each for each in lists if over or not each.after or each is chosen]
        self.answer(_counts(chosen, lists, self.size.width - len("3 Checklist ─ ") - 4))
        self.show_rows(rows(chosen, max(10, self.size.width), now, glyphs))

    def next_list(self, lists: Sequence[Progress], by: int) -> None:
        """Turn to the next role's list."""
        roles = [each.checklist.role for each in lists]
        if roles:
            at = roles.index(self.shown_role) if self.shown_role in roles else -1
            self.shown_role = roles[(at + by) % len(roles)]
            self._turned = True


def _counts(chosen: Progress, lists: Sequence[Progress], room: int) -> str:
    """How far each list is: the shown one first, the others while there is room."""
    words = ""
    for each in (chosen, *(other for other in lists if other is not chosen)):
        count = f"{_short(each)} {each.settled}/{each.total}"
        more = f"{words} · {count}" if words else count
        if words and len(more) > room:
            break
        words = more
    return words


def _short(progress: Progress) -> str:
    if progress.after:
        return "After"
    try:
        return Role(progress.checklist.role).short
    except ValueError:
        return progress.checklist.role


def rows(progress: Progress, width: int, now: datetime, glyphs: Glyphs) -> list[Row]:
    """The lines of one list."""
    found: list[Row] = []
    for phase in progress.phases:
        found.append(Row("", _heading(phase, width, now, glyphs)))
        for tick in phase.ticks:
            found.extend(_item(tick, width, glyphs))
    return found


def _heading(phase: PhaseProgress, width: int, now: datetime, glyphs: Glyphs) -> tuple[Span, ...]:
    """`Assessment  5–15 min  now, 2:19 left     1/5`, `Within 24 hours  due in 21:04:10   0/4`."""
    count = f"{phase.settled}/{len(phase.ticks)}" + (f" {glyphs.done}" if phase.complete else "")
    tone: Tone = "good" if phase.complete else "bad" if phase.overdue else "accent" if phase.now else "strong"
    box = _box(phase)
    if phase.now and phase.left is not None:
        left = f"now, {span(phase.left.total_seconds())} left"
        box = f"{box}  {left}" if width >= 60 else left
    elif phase.now:
        box = f"{box}  now" if box else "now"
    elif phase.due is not None and not phase.complete:
        left = span((phase.due - now).total_seconds())
        box = f"overdue {left} {glyphs.bad}" if phase.overdue else f"due in {left}"
    title = f" {phase.phase.title}"
    room = width - len(count) - 2
    text = fit(f"{title}  {box}" if box else title, room)
    return (Span(text, tone), Span(" " + count + " ", "good" if phase.complete else "quiet"))


def _box(phase: PhaseProgress) -> str:
    begins, ends = phase.phase.begins, phase.phase.ends
    if ends is not None:
        return f"{begins or 0:g}–{ends:g} min"
    return "ongoing" if begins is not None else ""


def _item(tick: Tick, width: int, glyphs: Glyphs) -> list[Row]:
    """An item over as many lines as it needs; the cursor stands on its first. What a fact ticked says which entry."""
    tone: Tone = "plain" if tick.state == "open" else "quiet"
    by = f" {glyphs.done} {tick.fact.entry[-6:]} {time_of_day(tick.fact.at)[:5]}" if tick.answered and tick.fact else ""
    lines = wrap(f"{tick.item.text}{by}", max(8, width - 6), most=3)
    first = Row(tick.item.id, (Span(f" {MARKS.get(tick.state, '[ ]')} ", tone), Span(lines[0], tone)))
    return [first, *(Row("", (Span("     " + line, tone),)) for line in lines[1:])]
