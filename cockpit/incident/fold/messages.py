"""How messages and their deliveries change the state."""

from __future__ import annotations

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
    if sent is not None:
        state.messages[delivery.message] = sent.after(delivery, Fact.of(entry))
