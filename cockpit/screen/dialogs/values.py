"""What a step must be told before it runs: each value with where it comes from; what does not fit is said at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.room.runs.needs import Need
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import content
from cockpit.screen.widgets.field import Field


class ValuesDialog(Dialog[dict[str, str]]):
    """`enter` goes to the next value, and on the last one to the preview. Gives the values that were typed.

    Args:
        title: the step's.
        needs: what it needs, as far as it is known.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "next", "next", priority=True, id="values.next")]

    def __init__(self, title: str, needs: Sequence[Need]) -> None:
        super().__init__(title)
        self._needs = needs

    def parts(self) -> Iterable[Widget]:
        """A label and a line for each value."""
        for number, need in enumerate(self._needs):
            yield Static(content(_label(need)), classes="label")
            shown = "" if need.parameter.secret else need.value
            yield Field(
                shown, id=f"value-{number}", password=need.parameter.secret, placeholder=_hint(need), compact=True
            )

    def on_mount(self) -> None:
        """Begin with the first that is missing."""
        missing = next((number for number, need in enumerate(self._needs) if not need.met), 0)
        self.query_one(f"#value-{missing}", Input).focus()

    def on_descendant_focus(self) -> None:
        """Say what enter does from here."""
        last = self.query(Input).last().has_focus
        moves = " · tab moves" if len(self._needs) > 1 else ""
        self.hint(f"{'enter previews it' if last else 'enter: the next'}{moves} · escape leaves, nothing is run")

    def action_next(self) -> None:
        """The next value; after the last, what was typed."""
        lines = list(self.query(Input))
        at = next((number for number, line in enumerate(lines) if line.has_focus), len(lines) - 1)
        if why := self._wrong(at, lines[at].value.strip()):
            self.refuse(why)
            return
        self.refuse("")
        if at + 1 < len(lines):
            lines[at + 1].focus()
            return
        for number, line in enumerate(lines):
            if why := self._wrong(number, line.value.strip()):
                self.refuse(why)
                line.focus()
                return
        self.dismiss(self._typed([line.value.strip() for line in lines]))

    def _wrong(self, number: int, value: str) -> str:
        """Why a value cannot be used; an empty one leaves what is known."""
        need = self._needs[number]
        if not value and need.met:
            return ""
        why = need.parameter.wrong(value)
        return f"{need.parameter.words}: {why}" if why else ""

    def _typed(self, values: Sequence[str]) -> dict[str, str]:
        """What differs from what was known anyhow."""
        pairs = zip(self._needs, values, strict=True)
        return {need.parameter.name: value for need, value in pairs if value and value != need.value}


def _label(need: Need) -> str:
    """`replicas (default) · one of 3, 5`."""
    parameter = need.parameter
    parts = [parameter.words + (f" ({need.origin})" if need.origin and need.met else "")]
    if parameter.choices:
        parts.append(f"one of {', '.join(parameter.choices)}")
    elif parameter.type != "text":
        parts.append(parameter.type)
    if parameter.placeholder:
        parts.append(f"{parameter.placeholder} in the document")
    return " · ".join(parts) + (f" · {need.wrong}" if need.wrong else "")


def _hint(need: Need) -> str:
    if need.parameter.secret:
        return "known already; type another to change it" if need.met else "never stored, never shown"
    return ""
