"""Why a delivery cannot be read."""

from __future__ import annotations


class IntakeError(Exception):
    """A delivery that is not what its mapping expects: one line that says what is wrong with it."""
