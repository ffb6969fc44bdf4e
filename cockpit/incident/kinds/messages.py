"""What was told to others, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from cockpit.incident.kinds.payload import Payload


class Message(Payload):
    """A message is put into the outbox: rendered text, audience, where it goes, what it promises.

    `status` is what the page says of the incident, in the template's words ("Identified / Working on Fix").
    """

    kind = "message"
    free = (
        "title",
        "text",
    )
    message: str
    template: str
    audience: str
    channels: tuple[str, ...]
    title: str
    status: str = ""
    text: str
    next_update: datetime | None = None


class Delivery(Payload):
    """What became of a message on one channel."""

    kind = "delivery"
    free = (
        "reference",
        "reason",
    )
    message: str
    channel: str
    state: Literal["sent", "failed", "unknown"]
    reference: str = ""
    reason: str = ""
