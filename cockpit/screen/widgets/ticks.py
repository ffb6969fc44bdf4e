"""A list whose rows are ticked by space and changed by the arrows to the sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from cockpit.screen.widgets.lines import Lines


class Ticks(Lines):
    """Lines that say what is done to the row under the cursor; whoever shows them does it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "tick", show=False, id="ticks.tick"),
        Binding("right", "change(1)", "the next choice", show=False, id="ticks.next"),
        Binding("left", "change(-1)", "the choice before", show=False, id="ticks.before"),
    ]

    @dataclass
    class Ticked(Message):
        """Space on a row."""

        key: str

    @dataclass
    class Changed(Message):
        """An arrow on a row: the next choice, or the one before."""

        key: str
        by: int

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

        key: str

    def action_tick(self) -> None:
        """Tick the row."""
        if self.selected:
            self.post_message(self.Ticked(self.selected))

    def action_change(self, by: int) -> None:
        """Change the row."""
        if self.selected:
            self.post_message(self.Changed(self.selected, by))

    def _place(self, index: int, *, scroll: bool = True) -> None:
        before = self._key
        super()._place(index, scroll=scroll)
        if self._key != before:
            self.post_message(self.Moved(self._key))
