"""Why a plan is not executed; each says what to do now."""

from __future__ import annotations


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
