"""What can be wrong with a query, in Prometheus' words."""

from __future__ import annotations


class ParseError(ValueError):
    """The expression cannot be read.

    Args:
        position: offset in characters from its start.
        text: the whole expression, to tell line and column.
        message: what is wrong there.
    """

    def __init__(self, position: int, text: str, message: str) -> None:
        self.position = position
        before = text[:position]
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        super().__init__(f"{line}:{column}: parse error: {message}")


class ExecutionError(ValueError):
    """The expression can be read but not evaluated over the series that there are."""


class OperandError(ValueError):
    """Two expressions do not go together around an operator.

    Args:
        message: why, in Prometheus' words.
        where: which part the message points at: `left`, `operator` or `right`.
    """

    def __init__(self, message: str, where: str = "left") -> None:
        self.where = where
        super().__init__(message)
