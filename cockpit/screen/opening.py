"""What is seen before the room is there: the cockpit's frames, loading."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.screen import Screen

from cockpit.clock import Clock
from cockpit.screen.key_line import footer
from cockpit.screen.panes.pane import Pane
from cockpit.screen.sizes import fit
from cockpit.screen.spans import Span
from cockpit.screen.widgets.bars import Bar

if TYPE_CHECKING:  # it is what the first picture does not wait for
    from cockpit.room.war_room import WarRoom

PANES = ("Pods", "Signals", "Checklist", "Timeline")


class Opening(NamedTuple):
    """How a room is opened behind the first picture."""

    open: Callable[[], Awaitable[WarRoom]]
    """Opens it; what it raises ends the cockpit, and is for whoever asked for the room to tell."""
    clock: Clock
    folder: Path
    """Where a defect is written down."""
    what: str = ""
    """The incident or the service that was asked for, as it was written."""
    place: str = ""
    """The context and namespace that were asked for."""


class OpeningScreen(Screen[None]):
    """The cockpit's frames, loading.

    Args:
        what: the incident or service that is opened, where it is known.
        place: its context and namespace, where they are known.
    """

    def __init__(self, what: str, place: str) -> None:
        super().__init__()
        self._what = what
        self._place = place
        self._push_result_callback(self, None)  # Textual switches to no other from a default screen, which has none

    def compose(self) -> ComposeResult:
        """The same parts in the same places as the cockpit will have."""
        yield Bar(id="header")
        with Horizontal(id="body"), Container(id="panes"):
            for number, name in enumerate(PANES, 1):
                yield Pane(number, name)
        yield Bar(id="suggestion")
        yield Bar(id="footer")

    def on_mount(self) -> None:
        """Nothing is known, which is not the same as empty."""
        for pane in self.query(Pane):
            pane.answer("loading")
        first = self.query(Pane).first()
        first.add_class("-front")
        self.set_focus(first)
        self._fill(self.app.size.width)

    def on_resize(self) -> None:
        """The layout for the size."""
        fit(self)
        self._fill(self.size.width)

    def _fill(self, width: int) -> None:
        """The lines above and below the frames."""
        parts = [Span(f" opening {self._what}".rstrip(), "strong")]
        parts += [Span(f"  {self._place}", "strong")] if self._place else []
        self.query_one("#header", Bar).show_lines((tuple(parts), ()))
        said = " loading the record and the runbook · what is typed is done after · q leaves"
        self.query_one("#suggestion", Bar).show_lines(((Span(said, "quiet"),),))
        self.query_one("#footer", Bar).show_lines((footer(max(20, width)),))
