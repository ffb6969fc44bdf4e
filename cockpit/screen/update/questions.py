"""The lines in which a status update is written: what is new, and what the templates of those who are told ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from cockpit.room.messages.sending import TO, Destination
from cockpit.screen.spans import content
from cockpit.screen.update.form import Form
from cockpit.screen.widgets.asked import Asked

FIELD, OPTION = "field", "option"


class Questions(VerticalScroll):
    """A line for each question; what is typed goes into the form at once.

    Args:
        form: the update as it is being written.
    """

    @dataclass
    class Typed(Message):
        """Something was typed: the form has it."""

    def __init__(self, form: Form) -> None:
        super().__init__(id="form", can_focus=False)
        self._form = form

    def compose(self) -> ComposeResult:
        """The status, and the line that is always there."""
        yield Static("", id="status", markup=False)
        yield Asked("text", "what is new, for the timeline", self._form.text)

    def show_status(self) -> None:
        """Show which status it brings, among those that it could."""
        names = [f"[{status.value}]" if status is self._form.to else f"{status.value}" for status in TO]
        self.query_one("#status", Static).update(content(" ".join(names) + " ctrl+←→"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take what was typed."""
        event.stop()
        asked = event.input.parent
        if not isinstance(asked, Asked):
            return
        what, _, name = asked.key.partition(" ")
        if what == FIELD:
            self._form.fields[name] = event.value
        elif what == OPTION:
            audience, _, option = name.partition(" ")
            self._form.choose(audience, option, event.value)
        else:
            self._form.text = event.value
        self.post_message(self.Typed())

    def ask(self, every: Sequence[Destination]) -> None:
        """A line for each question of those who are told; one that nobody asks any more is hidden, not forgotten."""
        lines = {each.key: each for each in self.query(Asked)}
        wanted: set[str] = {"text"}
        for each in every:
            if not self._form.ticked(each):
                continue
            for blank in each.blanks:
                key = f"{FIELD} {blank.name}"
                wanted.add(key)
                line = self._line(lines, key, blank.hint, self._form.fields.get(blank.name, ""))
                line.offered = blank.offered
                line.show(_placeholder(blank.value, blank.offered, required=blank.required), open=blank.open)
            for choice in (choice for choice in each.choices if not choice.values):
                key = f"{OPTION} {each.audience} {choice.name}"
                wanted.add(key)
                given = self._form.options.get(each.audience, {}).get(choice.name, "")
                line = self._line(lines, key, f"{choice.name} ({each.audience})", given)
                line.show(f"{choice.value} · {choice.why}".strip(" ·"), open=False)
        for key, line in lines.items():
            line.display = key in wanted

    def _line(self, lines: dict[str, Asked], key: str, label: str, value: str) -> Asked:
        """The question's line, made when it is first asked."""
        if key not in lines:
            lines[key] = Asked(key, label, value)
            self.mount(lines[key])
        return lines[key]


def _placeholder(value: str, offered: str, *, required: bool) -> str:
    """What stands in an empty line: what the record says, the last answer, or that there must be one."""
    if value:
        return f"from the record: {value}"
    last = f"last time (ctrl+r): {offered}" if offered else ""
    return last or ("needed" if required else "may stay empty")
