"""What can go wrong with a request through no fault of who asked, under one name for the screens."""

from __future__ import annotations

from cockpit.record.errors import JournalError as RecordTrouble

__all__ = ["RecordTrouble"]
