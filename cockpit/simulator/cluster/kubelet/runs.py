"""One run of a container: when it started, how it ended, what it wrote."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta

from cockpit.simulator.cluster.timeline import Timeline
from cockpit.simulator.program import Execution


class Run:
    """A container between its start and its end. Log lines are not stored: each is where the execution puts it."""

    __slots__ = (
        "_after",
        "_timeline",
        "attempt",
        "container_id",
        "ended",
        "execution",
        "exit_code",
        "reason",
        "started",
    )

    def __init__(self, execution: Execution, attempt: int, timeline: Timeline, started: float) -> None:
        self.execution = execution
        self.attempt = attempt
        self.started = started
        self.ended: float | None = None
        self.exit_code = 0
        self.reason = ""
        self.container_id = f"containerd://{timeline.pace.random.getrandbits(256):064x}"
        self._timeline = timeline
        self._after = [line.after for line in execution.log]

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.ended is None

    def end(self, exit_code: int, reason: str) -> None:
        """The container ends now."""
        self.ended = self._timeline.moment()
        self.exit_code = exit_code
        self.reason = reason

    def started_at(self) -> datetime:
        """When it began, aware UTC."""
        return self._timeline.at(self.started)

    def ended_at(self) -> datetime:
        """When it ended, aware UTC; now, while it runs."""
        return self._timeline.at(self._timeline.moment() if self.ended is None else self.ended)

    def seconds(self) -> float:
        """Simulated seconds that it has run."""
        until = self._timeline.moment() if self.ended is None else self.ended
        return self._timeline.pace.simulated(until - self.started)

    def written(self) -> int:
        """How many lines it has written until now."""
        return self._before(self.seconds())

    def first_since(self, moment: datetime) -> int:
        """The number of the first line that was written at `moment` or later."""
        passed = self._timeline.pace.simulated((moment - self.started_at()).total_seconds())
        return 0 if passed <= 0 else self._before(passed - 1e-9)

    def line(self, number: int) -> tuple[datetime, str]:
        """The line of this number, from 0: when it was written, and what."""
        text = (
            self.execution.log[number].text
            if number < len(self.execution.log)
            else self.execution.chatter[(number - len(self.execution.log)) % len(self.execution.chatter)]
        )
        real = self._timeline.pace.real(self._offset(number))
        return self.started_at() + timedelta(seconds=real), text

    def next_in(self) -> float | None:
        """Real seconds until the next line; None when there will be none."""
        number = self.written()
        if number >= len(self.execution.log) and not self.execution.chatter:
            return None
        return max(0.0, self._timeline.pace.real(self._offset(number) - self.seconds()))

    def _offset(self, number: int) -> float:
        """Simulated seconds from the start to the line of this number."""
        if number < len(self._after):
            return self._after[number]
        last = self._after[-1] if self._after else 0.0
        return last + (number - len(self._after) + 1) * self.execution.chatter_every

    def _before(self, seconds: float) -> int:
        count = bisect_right(self._after, seconds)
        if count == len(self._after) and self.execution.chatter:
            last = self._after[-1] if self._after else 0.0
            count += max(0, int((seconds - last) / self.execution.chatter_every))
        return count
