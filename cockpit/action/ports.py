"""What actions ask of the rest of the house, which they do not import: the record, the board, channels, alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from cockpit.clock import Clock
from cockpit.incident.kinds import RunResult, RunVerified
from cockpit.runbook.matchers import Matcher

if TYPE_CHECKING:
    from cockpit.action.model import Plan


class Recorder(Protocol):
    """Writes a run's entries. What happened cannot be refused: what it cannot write now, it keeps and writes later."""

    async def intent(self, plan: Plan) -> None:
        """Record `plan.intent()`; returns when it is durable, and raises when it is not: nothing is executed then."""

    async def result(self, result: RunResult) -> None:
        """Record how it ended, or keep it."""

    async def verified(self, verified: RunVerified) -> None:
        """Record whether it took hold, or keep it."""


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


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires: its title for people, its severity, and whether it tells somebody."""

    title: str
    severity: str
    loud: bool


@dataclass(frozen=True, slots=True)
class StandingSilence:
    """A silence that is known: its state is pending, active or expired."""

    id: str
    state: str
    ends: datetime


class SilencerError(Exception):
    """An Alertmanager did not do what it was asked; the message says what to do.

    `sent` says whether it may have been done all the same.
    """

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent


class Silencer(Protocol):
    """The Alertmanager of a service, for silences. Every call raises SilencerError.

    Attributes:
        name: in the configuration; `url` where it is; `near` whether that is this machine.
        by: who silences; `label` the incident's, for the silence's comment.
        match: by which labels the service's alerts are known.
        forbidden: why nothing may be silenced in it; empty when something may.
    """

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def near(self) -> bool: ...
    @property
    def by(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def match(self) -> Sequence[Matcher]: ...
    @property
    def forbidden(self) -> str: ...
    @property
    def clock(self) -> Clock: ...

    async def covered(self, matchers: Sequence[Matcher]) -> Sequence[Firing]:
        """The alerts that fire now and fit all matchers."""

    async def silenced_by(self, id: str) -> Sequence[Firing]:
        """The service's alerts that fire now and that this silence, and no other, keeps quiet."""

    async def make(self, matchers: Sequence[Matcher], begins: datetime, ends: datetime, comment: str) -> str:
        """Make a silence and give its id."""

    async def marked(self, mark: str) -> StandingSilence | None:
        """The silence in whose comment `mark` stands; None when there is none."""

    async def expire(self, id: str) -> None:
        """End a silence now."""
