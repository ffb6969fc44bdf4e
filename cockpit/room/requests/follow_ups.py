"""Action items as tickets: each becomes one that is linked to the incident's own."""

from __future__ import annotations

from msgspec import Struct

from cockpit.incident.deliveries import LOST
from cockpit.incident.entry import Draft
from cockpit.incident.kinds import Message
from cockpit.incident.matters import ActionItem
from cockpit.incident.state import State
from cockpit.room.requests.deeds import TICKETS, doing, ticket_at
from cockpit.room.requests.desk import Desk, Refusal, must_be_declared
from cockpit.room.requests.matters import named

ALL = "all"
"""Instead of a label: every open item that has no ticket yet."""


class FollowUp(Struct, frozen=True):
    """Make a ticket of an action item.

    Args:
        label: `AI1`, or `all`.
    """

    label: str

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """A message for each ticket."""
        must_be_declared(state)
        where = (ticket_at(state),) if ticket_at(state) else desk.places.tickets[:1]
        if not where:
            raise Refusal("no channel makes tickets; configure one of `type: jira` under `channels:`")
        done = _ticketed(state)
        if self.label.strip().lower() == ALL:
            items = [each for each in state.action_items.values() if each.state == "open" and each.label not in done]
            if not items:
                raise Refusal("every open action item has its ticket")
        else:
            items = [named(state.action_items.values(), self.label, "action item")]
            if items[0].label in done:
                raise Refusal(f"{items[0].label} has its ticket already{done[items[0].label]}")
        return [desk.draft(_ticket(each, where, state, desk)) for each in items]


def _ticketed(state: State) -> dict[str, str]:
    """The labels of the items that have a ticket or are to have one, with where it is."""
    sent = [each for each in state.messages.values() if each.message.deed == "follow-up" and each.state not in LOST]
    return {
        each.message.options.get("item", ""): f": {each.last.words}" if each.last and each.last.words else ""
        for each in sent
    }


def _ticket(item: ActionItem, where: tuple[str, ...], state: State, desk: Desk) -> Message:
    whence = " ".join(part for part in (desk.label, state.name) if part)
    due = item.due.isoformat() if item.due else ""
    return doing(
        "follow-up",
        TICKETS,
        where,
        state,
        desk,
        title=("DRILL: " if state.drill else "") + item.text.split("\n")[0],
        text=f"{item.text}\n\n{item.label} of {whence}, {item.term}",
        options={"item": item.label, "owner": item.owner, "due": due},
    )
