"""Why a plan is not executed, or its end not recorded; each says what to do now."""

from __future__ import annotations

from cockpit.incident.kinds import RunResult


class ActionError(Exception):
    """What failed and why (`message`), and what to do now (`mend`)."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        """Message and mend in one line."""
        return f"{self.message}; {self.mend}" if self.mend else self.message


class RefusedError(ActionError):
    """The plan cannot run; nothing was executed and nothing recorded."""


class NotConfirmedError(ActionError):
    """The plan was not confirmed as its risk asks; nothing was executed and nothing recorded."""


class BusyError(ActionError):
    """Another change is being executed; one at a time."""


class NotRecordedError(ActionError):
    """It was executed, and its result could not be written; `result` is kept and `Runner.record_kept` tries again."""

    def __init__(self, result: RunResult, why: Exception) -> None:
        super().__init__(
            f"the run ended ({result.outcome}), but its result could not be recorded: {why}",
            "the result is kept; make the journal writable again, then record it",
        )
        self.result = result
