"""What was told to others, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from pydantic import Field

from cockpit.incident.kinds.payload import Payload

Deed = Literal[
    "tell", "page", "acknowledge", "resolve", "note",
    "open", "invite", "pin", "archive", "ticket", "follow-up", "meeting",
]  # fmt: skip
"""What a message does where it arrives: it tells; it pages, acknowledges or resolves a page, or adds a note to it; it
opens the incident's own channel, invites people into it, pins a message there, archives it; it makes the incident's
ticket, or one for a follow-up; it invites to the post-mortem."""


DEEDS: frozenset[str] = frozenset(get_args(Deed))


class Message(Payload):
    """A message is put into the outbox: rendered text, audience, where it goes, what it promises.

    Attributes:
        status: what the page says of the incident, in the template's words ("Identified / Working on Fix").
        standing: the incident's status when it was written; empty in records of before.
        options: what the channel needs besides the words, by name; see each channel.
        answers: what people filled into the template's blanks, by name: offered the next time.
    """

    kind = "message"
    free = (
        "title",
        "text",
        "answers",
    )
    message: str
    template: str
    audience: str
    channels: tuple[str, ...]
    title: str
    status: str = ""
    text: str
    next_update: datetime | None = None
    deed: Deed = "tell"
    standing: str = ""
    options: dict[str, str] = Field(default_factory=dict)
    answers: dict[str, str] = Field(default_factory=dict)


class Delivery(Payload):
    """What became of one attempt to deliver a message on one channel.

    Attributes:
        channel: empty where it is about the message as a whole: it is `queued` anew, or `given up` on every channel.
        state: `queued`: a person wants it to be tried again, whatever became of it before; `sending`: the attempt
            begins now, and what becomes of it is unknown until the next entry; `sent`; `kept`: a file
            took it in the place of channels that reach people, and nobody has heard it; `failed`: it is tried again at
            `next_try`; `given up`: this channel is not tried again; `unknown`: it may have arrived, and only a person
            can say, but for one with a `next_try`, at which the provider is asked. In records of before, `failed`
            without `next_try` was given up.
        reference: where it can be found, for people; `remote` the provider's id, for the channel.
        attempt: which one it was on this channel, from 1.
    """

    kind = "delivery"
    free = (
        "reference",
        "reason",
    )
    message: str
    channel: str
    state: Literal["queued", "sending", "sent", "kept", "failed", "given up", "unknown"]
    reference: str = ""
    reason: str = ""
    remote: str = ""
    attempt: int = 0
    next_try: datetime | None = None
