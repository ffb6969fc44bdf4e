"""What a container does when it is run: the contract between the simulated cluster and the simulated software."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol, TypeAlias, runtime_checkable


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a container writes, `after` simulated seconds from its start."""

    after: float
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container uses at one moment: CPU in cores and working-set memory in bytes."""

    cores: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Execution:
    """One start of a container, decided when it starts.

    All durations are simulated seconds from the start. `ready_after` None means that it never gets ready,
    `exit_after` None that it runs until it is stopped. `reason` is Kubernetes' word for the end
    (`Error`, `OOMKilled`, `Completed`). After the lines of `log`, `chatter` is repeated, one line every
    `chatter_every`.
    """

    ready_after: float | None
    exit_after: float | None = None
    exit_code: int = 0
    reason: str = "Completed"
    log: Sequence[LogLine] = ()
    chatter: Sequence[str] = ()
    chatter_every: float = 5.0
    stop_after: float = 1.0
    """How long it takes to end once asked to (SIGTERM)."""


class Program(Protocol):
    """The software in one image repository, whatever its tag."""

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: Random) -> Execution:
        """Decide what this start of `container` (its spec) in `pod` will do; `attempt` counts from 0."""

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        """What the container uses after `running_for` simulated seconds."""


Serve: TypeAlias = Callable[[StreamReader, StreamWriter], Awaitable[None]]
"""Serves one connection until it returns, as a callback of `asyncio.start_server` would."""


@runtime_checkable
class Listens(Protocol):
    """A Program that can be connected to; any other listens on no port."""

    def listener(self, pod: dict[str, Any], container: dict[str, Any], port: int) -> Serve | None:
        """What a running container does with a connection to this port; None when it does not listen there."""
