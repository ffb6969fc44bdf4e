"""The checklist pane: one role's list, the phase that is now in front of the eye, the others by their counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cockpit.incident.checklists import AFTER, PhaseProgress, Progress, Tick
from cockpit.incident.terms import Role
from cockpit.incident.times import time_of_day
from cockpit.screen.panes.pane import Pane
from cockpit.screen.spans import Row, Span, Tone, fit, wrap
from cockpit.screen.terminal.glyphs import Glyphs

_OPEN = "[ ]"
MARKS = {"done": "[x]", "open": _OPEN, "not-applicable": "[-]"}


class ChecklistPane(Pane):
    """The lists of all roles, one at a time."""

    def __init__(self) -> None:
        super().__init__(3, "Checklist")
        self.shown_role = Role.IC.value
        self._turned = False
        """Whether somebody chose a list: from then on it stays."""
        self._front = 0
        """The line of the phase in front."""
        self._phase = ""

    def update_from(
        self, lists: Sequence[Progress], own: Sequence[str], closed: bool, now: datetime, glyphs: Glyphs
    ) -> None:
        """Show the list of `shown_role`, with how far every list is in the title.

        Until somebody turns to another one it is the list of the first role in `own`, those of whoever types; once the
        incident is `closed`, the one for afterwards, if there is something to do.
        """
        if not lists:
            self.answer("")
            self.say(Span("no checklist: the runbooks folder has none", "quiet"))
            return
        if not self._turned:
            wanted = [*([AFTER] if closed else []), *own, Role.IC.value]
            roles = [each.checklist.role for each in lists if each.begun or not each.after]
            self.shown_role = next((role for role in wanted if role in roles), self.shown_role)
        chosen = next((each for each in lists if each.checklist.role == self.shown_role), lists[0])
        self.shown_role = chosen.checklist.role
        others = [each for each in lists if each is not chosen and (each.begun or not each.after)]
        others.sort(key=lambda each: not each.after)
        self.answer(_counts([chosen, *others], self.size.width - len("3 Checklist ─ ") - 4))
        self._show(chosen, now, glyphs)

    def _show(self, chosen: Progress, now: datetime, glyphs: Glyphs) -> None:
        """The list, with the phase that is now at the top until somebody goes into it, and again with the next one."""
        blocks = [_block(phase, max(10, self.size.width), now, glyphs) for phase in chosen.phases]
        front = _in_front(chosen)
        self._front, title = sum(len(block) for block in blocks[:front]), chosen.phases[front].phase.title
        if title != self._phase and not self.has_focus:
            self._touched = False
        self._phase = title
        self.show_rows([row for block in blocks for row in block])
        if not self._touched and self.scroll_offset.y != min(self._front, self.max_scroll_y):
            self.scroll_to(y=self._front, animate=False, force=True)

    def _first(self) -> int:
        """The first item of the phase in front that is not settled."""
        opened = (i for i, row in enumerate(self.rows) if i > self._front and row.key and _OPEN in row.spans[0].text)
        return next(opened, self._front)

    def action_to(self, index: int) -> None:
        """Go to the first or the last item, and stay there."""
        super().action_to(index)
        self._touched = True

    def on_focus(self) -> None:
        """Whoever goes into the list finds it where it was: it moves no more by itself."""
        self._touched = True
        super().on_focus()

    def next_list(self, lists: Sequence[Progress], by: int) -> None:
        """Turn to the next role's list."""
        roles = [each.checklist.role for each in lists]
        if roles:
            at = roles.index(self.shown_role) if self.shown_role in roles else -1
            self.shown_role = roles[(at + by) % len(roles)]
            self._turned, self._touched = True, False


def _counts(lists: Sequence[Progress], room: int) -> str:
    """How far each list is, while there is room: the one that is shown, what comes after an incident that is over, the
    others."""
    words = ""
    for each in lists:
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


def _in_front(progress: Progress) -> int:
    """Which phase the eye is on: the first that is now, or that is due, and has something open."""
    running = [i for i, phase in enumerate(progress.phases) if phase.now or phase.due is not None]
    return next((i for i in running if not progress.phases[i].complete), running[-1] if running else 0)


def _block(phase: PhaseProgress, width: int, now: datetime, glyphs: Glyphs) -> list[Row]:
    """A phase: its heading, and its items."""
    items = (row for tick in phase.ticks for row in _item(tick, width, glyphs))
    return [Row("", _heading(phase, width, now, glyphs)), *items]


def _heading(phase: PhaseProgress, width: int, now: datetime, glyphs: Glyphs) -> tuple[Span, ...]:
    """`Assessment  5–15 min  now, 2:19 left     1/5`, `Within 24 hours  due in 21:04:10   0/4`."""
    count = f"{phase.settled}/{len(phase.ticks)}" + (f" {glyphs.done}" if phase.complete else "")
    title, box = f" {phase.phase.title}", _box(phase, now, width, glyphs)
    text = fit(f"{title}  {box}" if box else title, width - len(count) - 2)
    return (Span(text, _tone(phase)), Span(" " + count + " ", "good" if phase.complete else "quiet"))


def _tone(phase: PhaseProgress) -> Tone:
    if phase.complete:
        return "good"
    if phase.standing in ("overdue", "due soon"):
        return "bad" if phase.standing == "overdue" else "warn"
    if phase.phase.within is not None and phase.due is None:
        return "quiet"
    return "accent" if phase.now else "strong"


def _box(phase: PhaseProgress, now: datetime, width: int, glyphs: Glyphs) -> str:
    """When the phase is, or how long it still has; both where there is room."""
    standing = phase.standing_words(now)
    if phase.standing == "overdue":
        return f"{standing} {glyphs.bad}"
    if not standing or phase.due is not None:
        return standing or ("" if phase.due else phase.given)
    roomy = width >= 60 or phase.left is None
    return f"{phase.given}  {standing}" if phase.given and roomy else standing


def _by(tick: Tick, at: str, room: int) -> str:
    """What ticked an item, and when; in full, with the entry that tells it, where that leaves the item whole."""
    full, short = f" by the {tick.deed} at {at}Z ({tick.ref})", f" by the {tick.deed} {at}"
    return next((each for each in (full, short) if len(each) <= room), f" · {tick.deed} {at}")


def _item(tick: Tick, width: int, glyphs: Glyphs) -> list[Row]:
    """An item over as many lines as it needs; the cursor stands on its first. One that a fact ticked takes one line,
    and says which."""
    room = max(8, width - 6)
    if tick.answered and tick.fact:
        by = _by(tick, time_of_day(tick.fact.at)[:5], room - len(tick.item.text))
        text = f" [{glyphs.done}] {fit(tick.item.text, room - len(by))}{by}"
        return [Row(tick.item.id, (Span(text, "quiet"),))]
    tone: Tone = "plain" if tick.state == "open" else "quiet"
    lines = wrap(tick.item.text, room, most=3)
    first = Row(tick.item.id, (Span(f" {MARKS.get(tick.state, _OPEN)} ", tone), Span(lines[0], tone)))
    return [first, *(Row("", (Span("     " + line, tone),)) for line in lines[1:])]
