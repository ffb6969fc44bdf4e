"""What becomes of the messages of one update, as it comes."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.incident.deliveries import OVER, Sent
from cockpit.room.war_room import WarRoom
from cockpit.screen.messages.delivering import DeliveringPage
from cockpit.screen.messages.message import MessagePage
from cockpit.screen.messages.rows import in_log
from cockpit.screen.spans import Row, Span
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.lines import Lines


class SentPage(DeliveringPage):
    """After a yes: the states come by themselves; escape leaves them to go on.

    Args:
        war_room: whose record they are in.
        messages: their ids.
        glyphs: the marks of this terminal.
    """

    def __init__(self, war_room: WarRoom, messages: Sequence[str], glyphs: Glyphs) -> None:
        keys = "it goes on by itself · enter opens · R retry · S settle · Y copy"
        super().__init__(war_room, f"Told {war_room.room.label}", keys, ages=True)
        self._messages = messages
        self._glyphs = glyphs

    @property
    def chosen(self) -> Sent | None:
        """The message under the cursor."""
        return self.war_room.room.state.messages.get(self.query_one(Lines).selected)

    def draw(self) -> None:
        """Each with what became of it."""
        width, now = max(40, self.size.width - 2), self.war_room.clock.now()
        known = self.war_room.room.state.messages
        sent = [known[each] for each in self._messages if each in known]
        left = sum(each.state not in OVER for each in sent)
        text = f" {left} of {len(sent)} on their way" if left else " nothing is on its way any more"
        rows = [Row("", (Span(text, "accent"),))]
        self.show([*rows, *(row for each in sent for row in in_log(each, now, width, self._glyphs))])

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """The whole message."""
        if event.key:
            self.app.push_screen(MessagePage(self.war_room, event.key, self._glyphs))
