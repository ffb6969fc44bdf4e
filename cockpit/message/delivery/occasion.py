"""The incident as a channel is told of it, at the moment of an attempt."""

from __future__ import annotations

from cockpit.incident.deliveries import SENT
from cockpit.incident.kinds import Message
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.message.channel import Occasion


def occasion(state: State, label: str, message: Message, channel: str) -> Occasion:
    """The occasion of `message` on `channel`.

    Its status is the one that the message was written in: an update that waited does not say what came after it.
    """
    took = [
        (sent.message, attempt)
        for sent in state.messages.values()
        for attempt in sent.attempts
        if attempt.channel == channel and (attempt.state == SENT or attempt in sent.ringing)
    ]
    known = state.messages.get(message.message)
    took.sort(key=lambda pair: pair[1].fact.at)
    return Occasion(
        incident=state.incident,
        label=label,
        name=state.name,
        title=state.title,
        service=state.service,
        severity=state.severity or "",
        status=message.standing or state.status.value,
        declared=state.declared.at if state.declared else None,
        drill=state.drill,
        commander=state.roles.get(Role.IC, ""),
        asked=known is not None and known.asked is not None,
        earlier=tuple((each, attempt.remote) for each, attempt in took),
    )
