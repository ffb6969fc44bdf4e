"""The question that only a person can answer: did a message arrive of which the channel cannot tell?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from cockpit.incident.deliveries import UNKNOWN, Sent
from cockpit.incident.times import span
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.widgets.lines import Lines


class SettleDialog(Dialog[bool]):
    """`y`: it arrived. `n`: it did not, so it is sent again. Escape leaves it unknown.

    Args:
        sent: the message.
        now: what time it is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "arrived", "it arrived", id="settle.arrived"),
        Binding("n", "lost", "it did not", id="settle.lost"),
    ]

    def __init__(self, sent: Sent, now: datetime) -> None:
        super().__init__("Did it arrive?", "y it arrived · n it did not: it is sent again · escape leaves it unknown")
        self._sent = sent
        self._now = now

    def parts(self) -> Iterable[Widget]:
        """The message, and where to look."""
        yield Lines(id="effects")

    def on_mount(self) -> None:
        """Show it."""
        message, unknown = self._sent.message, [each for each in self._sent.attempts if each.state == UNKNOWN]
        said = [f"to {message.audience}: {message.title}"]
        for each in unknown:
            ago = span((self._now - each.fact.at).total_seconds())
            said += [f"{each.channel} may have taken it {ago} ago: {each.words}", f"Look at {each.channel} for it."]
        rows = [Row(f"{n}.{i}", (Span(line),)) for n, text in enumerate(said) for i, line in enumerate(wrap(text, 68))]
        self.query_one(Lines).show_rows(rows)
        self.query_one(Lines).focus()

    def action_arrived(self) -> None:
        """It is there."""
        self.dismiss(True)

    def action_lost(self) -> None:
        """It is not there."""
        self.dismiss(False)
