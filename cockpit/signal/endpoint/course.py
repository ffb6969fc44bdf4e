"""The course of one endpoint: its state changes when several checks in a row say so, so that one lost is no outage."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from cockpit.signal.endpoint.check import Check, Verdict


class Past(Struct, frozen=True):
    """A check and when it ended."""

    at: datetime
    check: Check


class EndpointState(Struct, frozen=True):
    """One endpoint as it stands, for people.

    Attributes:
        state: what its last checks say, `unknown` before enough of them said the same.
        reason: why it is not ok; of an unknown one why nobody knows.
        since: when the state began; None before the first check.
        pending: what the latest checks say instead of the state, not yet often enough; empty when they agree.
        asked: what is asked, and `via` from where.
        last_ok: when it was last ok.
        past: the last hour's checks, oldest first.
    """

    id: str
    state: Verdict
    reason: str
    since: datetime | None
    pending: str
    asked: str
    via: str
    last_ok: datetime | None
    past: Sequence[Past]
    interval: float

    @property
    def last(self) -> Past | None:
        """The latest check."""
        return self.past[-1] if self.past else None

    @property
    def latency(self) -> float | None:
        """Seconds that the latest check took; None when it gave no answer."""
        return self.last.check.latency if self.last else None


class Course:
    """What one endpoint has been through.

    Args:
        needed: how many checks in a row make another state; the first that is ok makes it ok at once.
        kept: how many checks are kept.
    """

    def __init__(self, needed: int, kept: int) -> None:
        self._needed = needed
        self.past: deque[Past] = deque(maxlen=kept)
        self.state: Verdict = "unknown"
        self.since: datetime | None = None
        self.last_ok: datetime | None = None
        self.known: datetime | None = None
        """When a check last told anything."""
        self._reason = "not asked yet"
        self._run: list[Past] = []
        """The latest checks that say the same, at most as many as are needed."""

    def take(self, at: datetime, check: Check) -> None:
        """Take in what came."""
        past = Past(at, check)
        self.past.append(past)
        if check.verdict == "ok":
            self.last_ok = at
        if check.verdict != "unknown":
            self.known = at
        if self._run and self._run[-1].check.verdict != check.verdict:
            self._run = []
        self._run = [*self._run, past][-self._needed :]
        if check.verdict == self.state and self.since is not None:
            self._reason = check.reason
        elif len(self._run) >= self._needed or (check.verdict == "ok" and self.since is None):
            self.state, self.since, self._reason = check.verdict, self._run[0].at, check.reason

    @property
    def agreed(self) -> bool:
        """Whether the latest check says what the state is."""
        return self.since is not None and bool(self._run) and self._run[-1].check.verdict == self.state

    @property
    def reason(self) -> str:
        """Why it is not ok; before its first state, what came so far."""
        if self.since is None and self.past:
            return f"asked {len(self._run)} of {self._needed} times: {self.past[-1].check.reason}"
        return self._reason

    @property
    def pending(self) -> str:
        """What the latest checks say instead of the state."""
        if self.agreed or self.since is None:
            return ""
        said = self._run[-1].check
        return f"{said.verdict}, {len(self._run)} of {self._needed}" + (f": {said.reason}" if said.reason else "")
