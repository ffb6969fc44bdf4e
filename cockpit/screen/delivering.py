"""What the pages about messages share: keys for the one that is chosen."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.incident.deliveries import Sent
from cockpit.room.requests import Refusal
from cockpit.room.trouble import RecordTrouble
from cockpit.screen.message_rows import text_of
from cockpit.screen.page import LivePage


class DeliveringPage(LivePage):
    """`R` tries the chosen message again, `c` copies it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "retry", "retry", id="messages.retry"),
        Binding("c", "copy", "copy", id="messages.copy"),
    ]

    @property
    def chosen(self) -> Sent | None:
        """The message that the keys are about."""
        raise NotImplementedError

    def action_copy(self) -> None:
        """Put the message onto the terminal's clipboard, to be pasted where people are."""
        if sent := self._chosen():
            self.app.copy_to_clipboard(text_of(sent.message))

    def action_retry(self) -> None:
        """Try it again now."""
        if (sent := self._chosen()) and self._writes():
            self._do(self.war_room.delivering.retry(sent.message.message), "it is tried again")

    def _chosen(self) -> Sent | None:
        if self.chosen is None:
            self.show_frame("choose a message first", bad=True)
        return self.chosen

    def _writes(self) -> bool:
        if self.war_room.read_only:
            self.show_frame("this cockpit was started with --read-only: it shows, and never writes", bad=True)
        return not self.war_room.read_only

    @work(group="deliver", exit_on_error=False)
    async def _do(self, deed: Awaitable[object], said: str) -> None:
        try:
            await deed
        except (Refusal, RecordTrouble) as error:
            self._say(str(error), bad=True)
        else:
            self._say(said)

    def _say(self, text: str, *, bad: bool = False) -> None:
        if self.is_mounted:
            self.show_frame(text, bad=bad)
            self.draw()
