"""The error of a runbook."""

from __future__ import annotations


class RunbookError(Exception):
    """A runbook that cannot be used: one line, `FILE:LINE:COLUMN: what; what to do`. `others` are further faults."""

    def __init__(self, message: str, others: tuple[str, ...] = ()) -> None:
        more = f" ({len(others)} more after this)" if others else ""
        super().__init__(message + more)
        self.others = others
