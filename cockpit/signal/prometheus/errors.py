"""How asking a Prometheus can fail: the source does not answer, or it does and the answer is no number."""

from __future__ import annotations

from cockpit.signal.freshness import SourceState

LONGEST_WAIT = 300.0
"""Seconds that an asked-for pause is kept at most: an incident goes on."""


class PrometheusError(Exception):
    """The source did not answer, or refused: every signal of it suffers.

    Args:
        state: how the source's freshness calls it when it never had data.
        message: what failed, cleaned.
        mend: what to do now.
        wait: seconds before which it wants not to be asked again (`Retry-After`).
    """

    def __init__(self, state: SourceState, message: str, mend: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.state = state
        self.message = message
        self.mend = mend
        self.wait = wait


class Undefined(Exception):  # noqa: N818 - an answer, not an error: the value is unknown and this is why
    """The source answered, and the answer is no number: empty, NaN, infinite, several, or a refused query."""


class Refused(Undefined):
    """The source would not answer this query: it is wrong, takes too long, or gives too much.

    Args:
        slow: whether it took too long, so that each further try takes as long again.
    """

    def __init__(self, message: str, *, slow: bool = False) -> None:
        super().__init__(message)
        self.slow = slow
