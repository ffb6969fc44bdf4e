"""What the room says to a request that cannot be done."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818  # an answer, not a failure of the program
    """A request that cannot be done; the message says why and what would work. Nothing was recorded."""
