"""How messages and their deliveries change the state."""

from __future__ import annotations

from dataclasses import replace

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.registry import folds
from cockpit.incident.state import Sent, State


@folds(kinds.Message)
def _message(state: State, message: kinds.Message, entry: Entry) -> None:
    if message.message not in state.messages:
        state.messages[message.message] = Sent(message, Fact.of(entry))


@folds(kinds.Delivery)
def _delivery(state: State, delivery: kinds.Delivery, entry: Entry) -> None:
    sent = state.messages.get(delivery.message)
    if sent is None:
        return
    others = tuple(known for known in sent.deliveries if known[0] != delivery.channel)
    told = Fact.of(entry) if delivery.state == "sent" else None
    state.messages[delivery.message] = replace(
        sent,
        deliveries=(*others, (delivery.channel, delivery.state, delivery.reference or delivery.reason)),
        delivered=sent.delivered or told,
    )
