"""What the pages about messages share: keys for the one that is chosen."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from cockpit.incident.deliveries import UNKNOWN, Sent
from cockpit.room.requests import Refusal
from cockpit.room.trouble import RecordTrouble
from cockpit.screen.dialogs.settle import SettleDialog
from cockpit.screen.page import LivePage


class DeliveringPage(LivePage):
    """`R` tries the chosen message again, `S` says whether it arrived where nobody knows, `Y` copies it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "retry", "retry", id="messages.retry"),
        Binding("S", "settle", "it arrived, or not", id="messages.settle"),
        Binding("Y", "copy", "copy", id="messages.copy"),
    ]

    @property
    @abstractmethod
    def chosen(self) -> Sent | None:
        """The message that the keys are about."""

    def action_copy(self) -> None:
        """Put the message onto the terminal's clipboard, to be pasted where people are."""
        if sent := self._chosen():
            self.app.copy_to_clipboard(self.war_room.delivering.text_of(sent.message.message))

    def action_retry(self) -> None:
        """Try it again now."""
        if (sent := self._chosen()) and self._writes():
            self._do(self.war_room.delivering.retry(sent.message.message), "it is tried again")

    def action_settle(self) -> None:
        """Ask whether it arrived, of which nobody else can know."""
        sent = self._chosen()
        if sent is None or not self._writes():
            return
        if sent.state != UNKNOWN:
            self.refuse(f"it is {sent.state}: there is nothing to settle")
            return

        def answered(arrived: bool | None) -> None:
            if arrived is not None:
                said = "noted: it arrived" if arrived else "noted: it did not arrive; it is sent again"
                self._do(self.war_room.delivering.settle(sent.message.message, arrived=arrived), said)

        self.app.push_screen(SettleDialog(sent, self.war_room.clock.now()), answered)

    def _chosen(self) -> Sent | None:
        if self.chosen is None:
            self.refuse("choose a message first")
        return self.chosen

    def _writes(self) -> bool:
        if self.war_room.read_only:
            self.refuse("this cockpit was started with --read-only: it shows, and never writes")
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
