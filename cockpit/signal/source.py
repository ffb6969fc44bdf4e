"""What a board asks of everything that it keeps current, whatever is behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn, Protocol

from msgspec import Struct

from cockpit.signal.freshness import Freshness
from cockpit.signal.readings import SignalReading


class Part(Struct, frozen=True):
    """A part of a board that is fresh or stale as a whole.

    Attributes:
        name: what its row of the sources is called, as `prometheus`.
        lost: what the timeline calls it when it falls silent, as `Prometheus main`; empty: its loss is no entry.
        grace: seconds without good data that are a blip.
        short: what the header calls it; empty: only the sources show it.
        under: the part whose loss explains this one's, so that one outage is told once; empty for none.
    """

    name: str
    lost: str = ""
    grace: float = 30.0
    short: str = ""
    under: str = ""


class Source(Protocol):
    """Something that is watched: a cluster, a Prometheus, a database, …

    It tells the board that a part changed by a callback that it is made with, always on the event loop.
    """

    @property
    def parts(self) -> Mapping[str, Part]:
        """What it keeps current, by the part's id; at least one, and the same for as long as it lives."""

    def freshness(self, part: str) -> Freshness:
        """How current that part is."""

    async def run(self) -> NoReturn:
        """Watch until cancelled; nothing that the other side does ends it."""


class SignalSource(Source, Protocol):
    """A source that reads signals, which thresholds judge; it has one part."""

    @property
    def gap(self) -> float:
        """Seconds after which a reading no longer counts."""

    def readings(self) -> Sequence[SignalReading]:
        """Every signal as it stands, in the plan's order."""
