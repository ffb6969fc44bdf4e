"""One question of a form: its label, and the line for its answer, side by side."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from cockpit.screen.spans import content
from cockpit.screen.widgets.field import Field

WIDTH = 34
"""Cells of a label, with a blank behind it."""


class Asked(Horizontal):
    """A question.

    Attributes:
        offered: the last answer to it, to be taken over by a key.

    Args:
        key: what the answer is for.
        label: what is asked.
        value: what stands there at first.
    """

    def __init__(self, key: str, label: str, value: str = "") -> None:
        super().__init__()
        self.key = key
        self.label = label
        self.field = Field(value, compact=True, select_on_focus=False)
        """Where the answer is typed."""
        self.offered = ""

    DEFAULT_CSS = f"""
    Asked {{ height: 1; }}
    Asked .asked {{
        width: {WIDTH}; padding-right: 1; height: 1; color: $quiet; text-overflow: ellipsis; text-wrap: nowrap;
    }}
    Asked.-open .asked {{ color: $warning; }}
    Asked.-open .asked:nocolor {{ color: $foreground; text-style: bold; }}
    Asked Field {{ width: 1fr; background: $panel; }}
    """

    def compose(self) -> ComposeResult:
        """Label and line."""
        yield Static(content(self.label), classes="asked", markup=False)
        yield self.field

    @property
    def is_cut(self) -> bool:
        """Whether the label is longer than there is room for it."""
        return cell_len(self.label) > WIDTH - 1

    def show(self, placeholder: str, *, open: bool) -> None:
        """What stands in an empty line, and whether it must not stay empty."""
        self.set_class(open, "-open")
        self.field.placeholder = content(placeholder).plain

    def take_offered(self) -> None:
        """Answer as the last time."""
        if self.offered and not self.field.value:
            self.field.value = self.offered
            self.field.cursor_position = len(self.offered)
