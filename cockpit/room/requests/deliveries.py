"""What people say of a message's delivery: that it is to be tried again, that it arrived, or that it did not."""

from __future__ import annotations

from msgspec import Struct

from cockpit.incident.deliveries import SENDING, UNKNOWN, Sent
from cockpit.incident.entry import Draft
from cockpit.incident.kinds import Delivery
from cockpit.incident.state import State
from cockpit.room.refusal import Refusal
from cockpit.room.requests.desk import Desk
from cockpit.text import clean


def undelivered(state: State, message: str) -> Sent:
    """The message of that id, or of one that begins so, that nobody took yet; raises Refusal."""
    found = [
        sent for id, sent in state.messages.items() if id == message or (len(message) >= 8 and id.startswith(message))
    ]
    if len(found) == 1 and found[0].delivered is None:
        return found[0]
    told = "; that one was delivered" if len(found) == 1 else ""
    raise Refusal(f"there is no undelivered message '{clean(message)[:40]}'{told}; `cockpit message list` shows them")


class RetryDelivery(Struct, frozen=True):
    """Try a message again from its first channel on, whatever became of it: also one that nobody knows of.

    Args:
        message: its id.
        reason: why, where there is something to say.
    """

    message: str
    reason: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The entry; none while it is being sent, or was when the cockpit ended: that is looked into first."""
        sent = undelivered(state, self.message)
        if sent.state == SENDING:
            return []
        again = Delivery(message=sent.message.message, channel="", state="queued", reason=self.reason)
        return [desk.draft(again)]


class SettleDelivery(Struct, frozen=True):
    """Say of a message of which nobody knows whether it arrived that it did, or that it did not: then it is sent again.

    Args:
        message: its id.
    """

    message: str
    arrived: bool

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The entry."""
        sent = undelivered(state, self.message)
        doubtful = next((each for each in reversed(sent.attempts) if each.state == UNKNOWN), None)
        if doubtful is None:
            raise Refusal(f"there is no doubt about it: it is {sent.state}; `cockpit message retry` tries it again")
        if not self.arrived:
            return RetryDelivery(self.message, f"it did not arrive by {doubtful.channel}").decide(state, desk)
        said = Delivery(
            message=sent.message.message, channel=doubtful.channel, state="sent", attempt=doubtful.number,
            reference=f"as {desk.actor} found out",
        )  # fmt: skip
        return [desk.draft(said)]
