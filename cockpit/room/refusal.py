"""What is said to a request that cannot be done, and of a house that cannot be opened."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818  # an answer, not a failure of the program
    """A request that cannot be done; the message says why and what would work. Nothing was recorded."""


class HouseError(Exception):
    """The house cannot be opened as it was asked for: one line that says what, why, and what to do."""
