"""What the outbox asks of whoever keeps the record: the book of an incident, and to hold a message in hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from cockpit.incident.kinds import Delivery, Message
from cockpit.incident.state import State


class UnrecordedError(Exception):
    """The record could not be read or written: what became of a message stays unsaid for now."""


class Book(Protocol):
    """The record of one incident, as the outbox needs it."""

    @property
    def state(self) -> State:
        """As it was last read."""

    @property
    def label(self) -> str:
        """The incident's, for people."""

    def foreign(self, message: str) -> bool:
        """Whether another machine wrote it."""

    async def refresh(self) -> None:
        """Read what others wrote; raises UnrecordedError."""

    async def record(self, delivery: Delivery) -> object:
        """Make it an entry, durable when this returns; raises UnrecordedError."""


Holding = Callable[[Message, bool], AbstractAsyncContextManager[bool]]
"""Holds a message, so that no other cockpit takes it up; gives whether it is ours. The flag: another machine wrote it.
Raises UnrecordedError."""
