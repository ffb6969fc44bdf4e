"""What it costs to watch 5,000 pods of which 200 change in a second: lateness, keys, processor and memory.

Memory grows in the first minutes of any load: a table remembers its last 20,000 changes (100 s of these), the collector
of garbage looks at what is old about every ten minutes, and restarts are known for ten. So its slope is told of the
last five minutes, and beside that of a cockpit as old as this one in whose cluster nothing changes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cockpit.screen.panes.pods_index import SORTS
from tests.benchmarks.fleets import Fleet, fleet
from tests.benchmarks.measure import quantile, row
from tests.benchmarks.processes import last, print_memory, print_share, print_slope, watched_for, watched_together
from tests.benchmarks.watched import lateness
from tests.terminals import Terminal

PODS, RATE = 5_000, 200
IDLE, WARM, SECONDS, LASTING = 15.0, 15.0, 60.0, 300.0
"""Seconds before the changes begin, of changes before it is measured, of the measure where nothing is said, and those
at its end of which the slope of memory is told."""
KEYS, APART = 100, 0.1
"""How many keys are pressed, and seconds between one that was painted and the next."""
_QUIET = "nothing changes (control)"
_ABOVE = re.compile(r"([\d,]+) more above")


def report(folder: Path, seconds: float = SECONDS) -> None:
    """Print it; `folder` is for the files."""
    print(
        f"{PODS:,} pods, {RATE} changes a second for {seconds:.0f} s, each second looked at; {IDLE:.0f} s without any"
    )
    late, other = folder / "late", folder / "quiet"
    other.mkdir()
    with (
        fleet(folder, PODS) as served,
        fleet(other, PODS) as still,
        _shown(served, late) as terminal,
        _shown(still, other / "late") as control,
    ):
        spans = _measure(served, terminal, control, seconds)
        for each in (terminal, control):
            each.send("q")
            each.process.wait(30)
    found = list(lateness(late))
    for name, (begin, end), remark in zip((_QUIET, "it churns"), spans, ("", "aim 50 ms"), strict=True):
        values = [each for at, each in found if begin <= at <= end]
        row(f"late while {name}, p50", quantile(values, 0.5))
        row(f"late while {name}, p99", quantile(values, 0.99), remark)


@contextmanager
def _shown(served: Fleet, late: Path) -> Iterator[Terminal]:
    """A cockpit that shows all pods, and notes how late it is."""
    with served.terminal(served.cockpit("tests.benchmarks.watched", str(late))) as terminal:
        terminal.shows(rf"─ {served.all_ready}", timeout=60)
        yield terminal


def _measure(served: Fleet, terminal: Terminal, control: Terminal, seconds: float) -> list[tuple[float, float]]:
    """Print what is seen from outside; gives the spans in which nothing and in which much changed."""
    pid = terminal.process.pid
    time.sleep(5)
    idle = watched_for(pid, IDLE)
    terminal.send("o")  # by name: only a key moves a row then
    still = pressed(terminal)
    terminal.send("g" + "o" * (len(SORTS) - 1))
    served.ask("churn", RATE)
    time.sleep(WARM)
    busy, quiet = watched_together([pid, control.process.pid], seconds)
    terminal.send("o")
    keys = pressed(terminal)
    rate = served.ask("rest")["rate"]
    print(f"  {'changes that the generator reached':<46} {rate:>9.1f} a second")
    print_share(f"processor, {_QUIET}", quiet)
    print_share("processor, it churns", busy, "aim 60%")
    print_memory(f"memory at most, {_QUIET}", quiet)
    print_memory("memory at most, it churns", busy, "aim 300 MB")
    lately = f"the last {min(seconds, LASTING):.0f} s"
    print_slope(f"memory, {lately}, control", last(quiet, LASTING), "")
    print_slope(f"memory, {lately}, it churns", last(busy, LASTING))
    print_keys(f"a key is painted, {_QUIET}", still)
    print_keys("a key is painted, it churns", keys, "aim 100 ms")
    return [(looks[0].at, looks[-1].at) for looks in (idle, busy)]


def pressed(terminal: Terminal) -> list[float]:
    """Seconds from each press of `j` at the pane's lower edge until all of its lines have moved up by one."""
    time.sleep(0.5)
    terminal.send("g" + "j" * 60)
    terminal.shows(_ABOVE.pattern)
    time.sleep(1)
    taken = []
    for _ in range(KEYS):
        above = _above(terminal.picture)
        taken.append(painted(terminal, "j", lambda picture, was=above: _above(picture) == was + 1))
        time.sleep(APART)
    return taken


def painted(terminal: Terminal, keys: str, fact: Callable[[str], bool]) -> float:
    """Seconds from the press of `keys` until `fact` holds of the picture."""
    began = time.perf_counter()
    terminal.send(keys)
    terminal.comes(fact, "what the key does never came")
    return time.perf_counter() - began


def _above(picture: str) -> int:
    found = _ABOVE.search(picture)
    assert found, f"nothing is out of view:\n{picture}"
    return int(found[1].replace(",", ""))


def print_keys(name: str, values: Sequence[float], remark: str = "") -> None:
    """Two lines of the report."""
    row(f"{name}, p50", quantile(values, 0.5))
    row(f"{name}, p99", quantile(values, 0.99), remark)
