"""What a process takes, as Linux counts it (proc(5)): processor and memory, again and again."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Taken(NamedTuple):
    """One look: when (monotonic), seconds of processor so far, bytes of memory that are resident."""

    at: float
    cpu: float
    resident: int


def taken(pid: int) -> Taken:
    """What the process has taken until now."""
    proc = Path("/proc") / str(pid)
    after_name = (proc / "stat").read_text().rpartition(")")[2].split()
    resident = int((proc / "statm").read_text().split()[1]) * _PAGE
    return Taken(time.monotonic(), (int(after_name[11]) + int(after_name[12])) / _TICKS, resident)


def watched_for(pid: int, seconds: float) -> list[Taken]:
    """A look every second."""
    return watched_together([pid], seconds)[0]


def watched_together(pids: Sequence[int], seconds: float) -> list[list[Taken]]:
    """A look every second at each of several processes."""
    looks, end = [[taken(pid)] for pid in pids], time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(min(1.0, max(0.0, end - time.monotonic())))
        for pid, each in zip(pids, looks, strict=True):
            each.append(taken(pid))
    return looks


def last(looks: Sequence[Taken], seconds: float) -> list[Taken]:
    """The looks of the last so many seconds."""
    return [each for each in looks if each.at > looks[-1].at - seconds]


def share(looks: Sequence[Taken]) -> float:
    """The part of one core that it took."""
    return (looks[-1].cpu - looks[0].cpu) / (looks[-1].at - looks[0].at)


def slope(looks: Sequence[Taken]) -> float:
    """Bytes of resident memory that it grew by in a minute, as the straight line through all looks has it."""
    return statistics.linear_regression([each.at for each in looks], [each.resident for each in looks]).slope * 60


def print_share(name: str, looks: Sequence[Taken], remark: str = "") -> None:
    """A line of the report."""
    print(f"  {name:<46} {share(looks):>9.1%} of a core  {remark}".rstrip(), flush=True)


def print_memory(name: str, looks: Sequence[Taken], remark: str = "") -> None:
    """A line with the most memory that was resident."""
    most = max(each.resident for each in looks)
    print(f"  {name:<46} {most / 1e6:>9.1f} MB  {remark}".rstrip(), flush=True)


def print_slope(name: str, looks: Sequence[Taken], remark: str = "aim 0") -> None:
    """A line with how much memory it took more in a minute."""
    print(f"  {name:<46} {slope(looks) / 1e6:>9.2f} MB a minute  {remark}".rstrip(), flush=True)
