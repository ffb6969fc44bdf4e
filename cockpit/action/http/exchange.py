"""What is sent and what is expected back, and what all ways of sending it have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.action.http.answer import Expected
from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.model import Outcome, ReadOnly

UNKNOWN = "whether the server did it is not known: look there before it is sent again"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request.

    Args:
        masking: takes the secrets out of what comes back.
        timeout: seconds of silence after which it counts as lost.
        changes: it may change something, so that a lost answer is an unknown outcome.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    expected: Expected
    masking: Masking
    timeout: float
    changes: bool

    def lost(self, why: str, live: Live, exit: int) -> Outcome:
        """The outcome when no answer came: unknown once a change may have been on its way."""
        said = self.masking.text(why)
        return Outcome("unknown", None, f"{said}; {UNKNOWN}") if live.sent else Outcome("failed", exit, said)


class OverHttp(ReadOnly):
    """HTTP has no way to ask what became of a request."""

    async def settle(self, live: Live) -> Outcome:
        """Nobody knows, and a person has to look."""
        return Outcome("unknown", None, UNKNOWN)
