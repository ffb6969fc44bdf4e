"""One message, whole: to whom and by which channels, its words, and every attempt to deliver it."""

from __future__ import annotations

from cockpit.incident.deliveries import Sent
from cockpit.room.war_room import WarRoom
from cockpit.screen.messages.delivering import DeliveringPage
from cockpit.screen.messages.rows import whole
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.lines import Lines


class MessagePage(DeliveringPage):
    """`enter` on a message.

    Args:
        war_room: whose record it is in.
        message: its id.
        glyphs: the marks of this terminal.
    """

    def __init__(self, war_room: WarRoom, message: str, glyphs: Glyphs) -> None:
        super().__init__(war_room, f"Message {message[-6:]}", "R tries again · S did it arrive? · Y copies", ages=True)
        self._message = message
        self._glyphs = glyphs

    @property
    def chosen(self) -> Sent | None:
        """This one."""
        return self.war_room.room.state.messages.get(self._message)

    def draw(self) -> None:
        """All of it."""
        if (sent := self.chosen) is not None:
            room = self.war_room.room
            width, now = max(20, self.query_one(Lines).size.width), self.war_room.clock.now()
            self.show(whole(sent, room.timeline.entries, now, width, self._glyphs))
