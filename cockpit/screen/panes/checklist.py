"""The checklist pane: one role's list, the phase that is now in front of the eye, the others by their counts."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.incident.checklists import PhaseProgress, Progress, Tick
from cockpit.incident.terms import Role
from cockpit.incident.times import span
from cockpit.screen.glyphs import Glyphs
from cockpit.screen.panes.pane import Pane
from cockpit.screen.spans import Row, Span, Tone, fit, wrap

MARKS = {"done": "[x]", "open": "[ ]", "not-applicable": "[-]"}


class ChecklistPane(Pane):
    """The lists of all roles, one at a time."""

    def __init__(self) -> None:
        super().__init__(3, "Checklist")
        self.shown_role = Role.IC.value

    def update_from(self, lists: Sequence[Progress], glyphs: Glyphs) -> None:
        """Show the list of `shown_role`, with how far every list is in the title."""
        if not lists:
            self.answer("")
            self.say(Span("no checklist: the runbooks folder has none", "quiet"))
            return
        chosen = next((each for each in lists if each.checklist.role == self.shown_role), lists[0])
        self.shown_role = chosen.checklist.role
        self.answer(_counts(chosen, lists, self.size.width - len("3 Checklist ─ ") - 4))
        self.show_rows(rows(chosen, max(10, self.size.width), glyphs))

    def next_list(self, lists: Sequence[Progress], by: int) -> None:
        """Turn to the next role's list."""
        roles = [each.checklist.role for each in lists]
        if roles:
            at = roles.index(self.shown_role) if self.shown_role in roles else -1
            self.shown_role = roles[(at + by) % len(roles)]


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
    try:
        return Role(progress.checklist.role).short
    except ValueError:
        return progress.checklist.role


def rows(progress: Progress, width: int, glyphs: Glyphs) -> list[Row]:
    """The lines of one list."""
    found: list[Row] = []
    for phase in progress.phases:
        found.append(Row("", _heading(phase, width, glyphs)))
        for tick in phase.ticks:
            found.extend(_item(tick, width))
    return found


def _heading(phase: PhaseProgress, width: int, glyphs: Glyphs) -> tuple[Span, ...]:
    """`Assessment  5–15 min  now, 2:19 left     1/5`."""
    count = f"{phase.settled}/{len(phase.ticks)}" + (f" {glyphs.done}" if phase.complete else "")
    tone: Tone = "good" if phase.complete else "accent" if phase.now else "strong"
    box = _box(phase)
    if phase.now and phase.left is not None:
        left = f"now, {span(phase.left.total_seconds())} left"
        box = f"{box}  {left}" if width >= 60 else left
    elif phase.now:
        box = f"{box}  now" if box else "now"
    title = f" {phase.phase.title}"
    room = width - len(count) - 2
    text = fit(f"{title}  {box}" if box else title, room)
    return (Span(text, tone), Span(" " + count + " ", "good" if phase.complete else "quiet"))


def _box(phase: PhaseProgress) -> str:
    begins, ends = phase.phase.begins, phase.phase.ends
    if ends is not None:
        return f"{begins or 0:g}–{ends:g} min"
    return "ongoing" if begins is not None else ""


def _item(tick: Tick, width: int) -> list[Row]:
    """An item over as many lines as it needs; the cursor stands on its first."""
    tone: Tone = "plain" if tick.state == "open" else "quiet"
    lines = wrap(tick.item.text, max(8, width - 6), most=3)
    first = Row(tick.item.id, (Span(f" {MARKS.get(tick.state, '[ ]')} ", tone), Span(lines[0], tone)))
    return [first, *(Row("", (Span("     " + line, tone),)) for line in lines[1:])]
