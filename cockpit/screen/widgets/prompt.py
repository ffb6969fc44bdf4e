"""The prompt at the foot of the cockpit: one line for commands, notes and filters, that never loses what was typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.screen.spans import content
from cockpit.screen.widgets.field import Field


@dataclass(frozen=True, slots=True)
class Mode:
    """What the prompt asks for: its name (also of its draft), the label before the line, and what the line is for."""

    name: str
    label: str
    hint: str = ""
    history: bool = False


COMMAND = Mode("command", "/", "tab completes · ↑↓ history · escape leaves", history=True)
NOTE = Mode("note", "note ", "enter records it, stamped when you began · escape keeps the draft")
FILTER = Mode("filter", "filter ", "enter keeps it · empty shows all · escape leaves")
POD_FILTER = Mode(
    FILTER.name, "filter pods ", "words · /regex/ · app=web,tier!=db · !not · ! alone: faults only · empty: all"
)
LINE_FILTER = Mode(FILTER.name, "filter lines ", "words · /regex/ · !not these · enter keeps it · empty shows all")


class _Completions(Suggester):
    """What the command line may go on with, as the grammar says."""

    def __init__(self, complete: Callable[[str], list[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """The line with its last word completed by the first that fits."""
        found = self._complete(value) if value else []
        head = value[: len(value) - len(value.split(" ")[-1])]
        return head + found[0] if found and head + found[0] != value else None


class _Line(Field):
    """The line itself: tab completes, up and down go through the history."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "complete", show=False, id="prompt.complete"),
        Binding("up", "history(-1)", "earlier", show=False, id="prompt.earlier"),
        Binding("down", "history(1)", "later", show=False, id="prompt.later"),
        Binding("escape", "leave", "leave", show=False, id="prompt.leave"),
    ]

    def action_complete(self) -> None:
        """Take what is suggested."""
        self.cursor_position = len(self.value)
        self.action_cursor_right()

    def action_history(self, by: int) -> None:
        """Go through what was typed before."""
        self.post_message(Prompt.Recalled(by))

    def action_leave(self) -> None:
        """Go back, keeping the text."""
        self._prompt.leave()

    async def action_submit(self) -> None:
        """Finish the line: at once where nothing is recorded."""
        if not self._prompt.take():
            await super().action_submit()

    @property
    def _prompt(self) -> Prompt:
        return next(each for each in self.ancestors if isinstance(each, Prompt))


Keep = Callable[[Mode, str, datetime], None]
"""Keeps what was typed and not finished: the mode, the text, its first keystroke."""
Take = Callable[[str], str]
"""Takes a finished line; gives what is wrong with it, in words, and nothing where all is well."""


class Prompt(Vertical):
    """The prompt. Hidden until it is asked something.

    Args:
        complete: the command line's completions.
        now: the clock.
    """

    @dataclass
    class Entered(Message):
        """A line was finished; `began` is its first keystroke."""

        mode: Mode
        text: str
        began: datetime

    @dataclass
    class Drafted(Message):
        """Text was typed and not finished; empty when it was taken back."""

        mode: Mode
        text: str
        began: datetime

    @dataclass
    class Closed(Message):
        """It was closed by a key of its own: by escape, or by the end of a line of which nothing is recorded."""

    @dataclass
    class Recalled(Message):
        """Another line of the history is wanted."""

        by: int

    def __init__(self, complete: Callable[[str], list[str]], now: Callable[[], datetime]) -> None:
        super().__init__(id="prompt")
        self._now = now
        self._complete = _Completions(complete)
        self._mode = COMMAND
        self._began: datetime | None = None
        self._history: list[str] = []
        self._at = 0
        self._typed = ""
        self._waiting: Mode | None = None
        self._keep: Keep | None = None
        self._take: Take | None = None
        self._back: Widget | None = None
        """What had the focus before."""

    def compose(self) -> ComposeResult:
        """An answer line above, the label and the line below."""
        yield Static("", id="prompt-answer", markup=False)
        with Horizontal():
            yield Static("", id="prompt-label", markup=False)
            yield _Line(id="prompt-line", select_on_focus=False, compact=True)

    @property
    def is_open(self) -> bool:
        """Whether it is being asked something."""
        return bool(self.display)

    def ask(
        self, mode: Mode, text: str = "", began: datetime | None = None, *, fresh: bool = True,
        keep: Keep | None = None, take: Take | None = None,
    ) -> None:  # fmt: skip
        """Open.

        Args:
            mode: what for.
            text: a draft to go on with.
            began: its first keystroke.
            fresh: if not, the text is selected, so that typing begins anew and an arrow goes on with it.
            keep: keeps what stands there when it is left, before another key is looked at.
            take: takes the finished line before another key is looked at, and the prompt closes unless something is
                wrong with it; without it the line is `Entered`, and stays until it is `done`.
        """
        self._mode, self._began = mode, began if text else None
        self._keep, self._take = keep, take
        focused = self.screen.focused
        self._back = focused if focused is not None and self not in focused.ancestors else self._back
        self._at = len(self._history)
        self.query_one("#prompt-label", Static).update(content(mode.label))
        self.answer(mode.hint)
        line = self.query_one(_Line)
        line.suggester = self._complete if mode is COMMAND else None
        with line.prevent(Input.Changed):
            line.value = text
        line.cursor_position = len(text)
        if fresh is False:
            line.action_select_all()  # what was left there is replaced by what is typed, unless a key keeps it
        self.display = True
        self.screen.set_focus(line)  # now, not after the next refresh: what is typed next belongs to the line

    def answer(self, text: str, *, bad: bool = False) -> None:
        """Say something above the line: a hint, or why it was refused."""
        shown = self.query_one("#prompt-answer", Static)
        shown.update(content(text))
        shown.set_class(bad, "-bad")

    def close(self) -> None:
        """Hide, and give the focus back at once: the next key of a burst is not for the line."""
        self.display = False
        self.screen.set_focus(self._back)

    def leave(self) -> None:
        """Close; what stands there is kept."""
        if self._keep is not None:
            self._keep(self._mode, self.query_one(_Line).value, self._began or self._now())
        self.close()
        self.post_message(self.Closed())

    def take(self) -> bool:
        """Let the line be taken at once, if it can be; gives whether it was."""
        if self._take is None:
            return False
        if wrong := self._take(self.query_one(_Line).value):
            self.answer(wrong, bad=True)
            return True
        self.close()
        self.post_message(self.Closed())
        return True

    def done(self, mode: Mode, text: str) -> bool:
        """`text` was done. Gives whether it is the line that still stands here; what was typed since stays."""
        self._waiting = None
        line = self.query_one(_Line)
        if not self.is_open or self._mode is not mode:
            return False
        if line.value != text:
            line.value = line.value.removeprefix(text).lstrip()
            return False
        return True

    def refused(self) -> None:
        """What was entered was not done: enter tries it again."""
        self._waiting = None

    def on_input_changed(self, event: Input.Changed) -> None:
        """Remember the first keystroke, and let the draft be kept."""
        event.stop()
        if not self.is_open or event.value != event.input.value:
            return  # it was left, or is another line already
        if event.value and self._began is None:
            self._began = self._now()
        if not event.value:
            self._began = None
        self.post_message(self.Drafted(self._mode, event.value, self._began or self._now()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A finished line; while it is being recorded, enter is not a second one."""
        event.stop()
        if self._waiting is self._mode:
            return
        self._waiting = self._mode
        if self._mode.history and event.value.strip():
            self._history.append(event.value)
        self.post_message(self.Entered(self._mode, event.value, self._began or self._now()))

    def on_prompt_recalled(self, event: Recalled) -> None:
        """Show an earlier or later line; after the last comes what was being typed, which stays the draft."""
        event.stop()
        if not (self._mode.history and self._history):
            return
        line, newest = self.query_one(_Line), len(self._history)
        if self._at == newest:
            self._typed = line.value
        self._at = max(0, min(self._at + event.by, newest))
        with line.prevent(Input.Changed):
            line.value = self._history[self._at] if self._at < newest else self._typed
        line.cursor_position = len(line.value)
