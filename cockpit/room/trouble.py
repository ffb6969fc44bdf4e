"""What can go wrong with what was asked, through no fault of who asked; under one name for the screens."""

from __future__ import annotations

from cockpit.record.errors import JournalError as RecordTrouble

__all__ = ["RecordTrouble", "RunTrouble"]


class RunTrouble(Exception):  # noqa: N818  # an answer to who asked, not a failure of the program
    """A run could not be prepared or begun; the message says why and what to do."""
