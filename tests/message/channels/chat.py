"""What the tests of chat and pagers share: a message, its incident, and a channel as a configuration builds it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from cockpit.clock import SystemClock
from cockpit.config import ChannelConfig
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Deed, Message
from cockpit.message.channel import Channel, ChannelError, Occasion, Reference
from cockpit.message.channels import build
from cockpit.values import replace

DECLARED = datetime(2025, 4, 8, 23, 50, tzinfo=UTC)
INCIDENT = Occasion(
    incident="0195-incident", label="INC-2025-004", name="payment-failure", title="Payments fail",
    service="payment-service", severity="P1", status="investigating", declared=DECLARED,
)  # fmt: skip


def message(deed: Deed = "tell", text: str = "We look into it.", *, id: str = "", **more: Any) -> Message:
    """A message to the responders; `more` are other fields of a Message."""
    given = {"title": "Payments fail", "audience": "internal", "channels": ("chat",), "template": "t"}
    return Message(message=id or new_id(), text=text, deed=deed, **(given | more))


def after(occasion: Occasion, *taken: tuple[Message, Reference]) -> Occasion:
    """The occasion once the channel took these."""
    return replace(occasion, earlier=(*occasion.earlier, *((each, found.remote) for each, found in taken)))


def config(**keys: Any) -> ChannelConfig:
    """A channel of a configuration; a secret is written as the file that it stands in."""
    made: ChannelConfig = TypeAdapter(ChannelConfig).validate_python(keys, context={"folder": Path("/")})
    return made


def secret(folder: Path, value: str, name: str = "token") -> dict[str, str]:
    """A secret in a file of its own."""
    path = folder / name
    path.write_text(value)
    return {"file": str(path)}


@asynccontextmanager
async def channel(folder: Path, *, near: bool = True, name: str = "chat", **keys: Any) -> AsyncIterator[Channel]:
    """The channel that the factory builds of a configuration; every other one that it builds is closed too."""
    every = build({name: config(**keys)}, SystemClock(), folder, near=near)
    try:
        yield every[0]
    finally:
        for each in every:
            await each.close()


async def refusal(channel: Channel, message: Message, occasion: Occasion = INCIDENT) -> ChannelError:
    """Why the channel does not take it; fails when it does."""
    try:
        found = await channel.send(message, occasion)
    except ChannelError as error:
        return error
    raise AssertionError(f"it was taken: {found}")
