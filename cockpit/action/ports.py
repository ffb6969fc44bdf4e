"""What actions ask of the rest of the house, which they do not import: the record and the board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cockpit.incident.kinds import RunResult, RunVerified

if TYPE_CHECKING:
    from cockpit.action.model import Plan


class Recorder(Protocol):
    """Writes a run's entries; each call returns when the entry is durable, and raises when it is not."""

    async def intent(self, plan: Plan) -> None:
        """Record `plan.intent()`."""

    async def result(self, result: RunResult) -> None:
        """Record how it ended."""

    async def verified(self, verified: RunVerified) -> None:
        """Record whether it took hold."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message that is ready: to whom, through which channels, and its words. `message` is the teller's own."""

    audience: str
    channels: tuple[str, ...]
    title: str
    text: str
    message: object


class Teller(Protocol):
    """Writes messages to audiences. Both raise ActionError, with what to do."""

    def compose(self, audience: str, template: str, text: str) -> Told:
        """The message by a template, or by its text, as it would be sent now."""

    async def send(self, told: Told) -> str:
        """Record it and give it to its channels; gives where it went."""


class ThresholdReading(Protocol):
    """One threshold as it stands: `state` is ok, warning, breach or unknown; `reason` says why it is unknown."""

    @property
    def id(self) -> str:
        """The threshold's identifier."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def unit(self) -> str:
        """The unit of its value: percent, seconds, …"""

    @property
    def state(self) -> str:
        """ok, warning, breach or unknown."""

    @property
    def value(self) -> float | None:
        """The reading, or None when there is none."""

    @property
    def bound(self) -> str:
        """The bound that it is held against, as `> 5`."""

    @property
    def reason(self) -> str:
        """Why it is unknown."""


class BoardView(Protocol):
    """The board, for reading only."""

    def readings(self) -> Iterable[ThresholdReading]:
        """All thresholds as they stand now."""


class NoBoard:
    """The board where no signals are configured."""

    def readings(self) -> Iterable[ThresholdReading]:
        """None."""
        return ()
