"""Measuring: how often, what of it is told, and how a row of the report looks."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def medians(*works: Callable[[], float], rounds: int = ROUNDS) -> list[float]:
    """The median of each of `works`, which give seconds; taken in turn, so that a busy moment hits all alike."""
    taken = [[work() for work in works] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def command(argv: Sequence[str], folder: Path, **more: str) -> Callable[[], float]:
    """A measure of one run of a command, from its start to its end; its first run, not counted, fills the caches.

    Args:
        more: what is in its environment besides.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | more

    def once() -> float:
        return seconds(lambda: subprocess.run(argv, cwd=folder, env=env, capture_output=True, check=True))

    once()
    return once


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of `values` do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def row(name: str, value: float, remark: str = "") -> None:
    """Print a line of the report; `value` is in seconds and shown in milliseconds."""
    print(f"  {name:<46} {value * 1000:>9.2f} ms  {remark}".rstrip(), flush=True)
