"""How a runbook's step tells an audience: by the room's own messages and outbox."""

from __future__ import annotations

from cockpit.action.errors import ActionError
from cockpit.action.ports import Told
from cockpit.incident.deliveries import UNKNOWN
from cockpit.record.errors import JournalError
from cockpit.room.messages.sending import Composed, Messages, Update
from cockpit.room.requests import Refusal


class RoomTeller:
    """Tells by the messages of the room."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    def compose(self, audience: str, template: str, text: str) -> Told:
        """The message as it would be sent now; raises ActionError."""
        try:
            made = self._messages.compose(template, {}) if template else self._messages.plain(audience, text)
        except Refusal as error:
            raise ActionError(str(error)) from None
        if made.audience != audience:
            raise ActionError(f"the template {template} is for {made.audience}, not for {audience}", "correct the step")
        return Told(audience, made.channels, made.rendered.title, made.rendered.text, made)

    async def send(self, told: Told) -> str:
        """Record and deliver it; raises ActionError when it was not recorded, or no channel took it."""
        assert isinstance(told.message, Composed)
        try:
            result = await self._messages.send(Update(told.message))
        except (Refusal, JournalError) as error:
            raise ActionError(f"nothing was sent: {error}") from None
        if result is None or not result.arrived:
            why = (result.reason or result.words or "it waits for one before it") if result else "no channel"
            unknown = result is not None and result.state == UNKNOWN
            mend = "`cockpit message settle` says whether it did" if unknown else "`cockpit message retry` tries again"
            raise ActionError(f"{'nobody knows whether it arrived' if unknown else 'not delivered'}: {why}", mend)
        where = f"{result.sent.channel}: {result.sent.reference}" if result.sent else result.words
        return f"sent to {told.audience} by {where}"
