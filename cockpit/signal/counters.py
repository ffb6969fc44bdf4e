"""Counters that are read one sample at a time: by how much one grew within a window, as PromQL's `increase` has it."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from itertools import pairwise

from cockpit.incident.quantities import took
from cockpit.signal.thresholds.threshold import Sample


class Counter:
    """The readings of one counter, as many as its window needs.

    Args:
        window: seconds.
    """

    def __init__(self, window: float) -> None:
        self._window = timedelta(seconds=window)
        self._read: deque[tuple[datetime, float]] = deque()

    def take(self, sample: Sample) -> Sample:
        """How much it grew in the window that ends at `sample`; what is smaller than before has begun anew at 0.

        Until the whole window was watched it may have grown by more, and the sample says so.
        """
        if sample.value is None:
            return sample
        self._read.append((sample.at, sample.value))
        begin = sample.at - self._window
        while len(self._read) > 1 and self._read[1][0] <= begin:
            self._read.popleft()
        if begin - self._read[0][0] > self._window / 2:  # nobody looked: when it grew since then is not known
            self._read.popleft()
        steps = (now - before if now >= before else now for (_, before), (_, now) in pairwise(self._read))
        watched = (sample.at - self._read[0][0]).total_seconds()
        whole = self._window.total_seconds()
        floor = "" if watched >= whole else f"at least so many: watched for {took(watched)} of {took(whole)}"
        return Sample(sample.at, sum(steps, 0.0), floor=floor)
