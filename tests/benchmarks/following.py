"""What it costs to follow a log of 5,000 lines a second: what is seen and dropped, processor, memory and keys.

Memory grows for a minute and a half, until what is kept of the log is full and what is dropped of it comes again as
room for new lines: its slope tells the truth from 180 s on.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from tests.benchmarks.churning import painted, print_keys
from tests.benchmarks.fleet_server import LINES
from tests.benchmarks.fleets import Fleet, fleet
from tests.benchmarks.measure import quantile, row
from tests.benchmarks.processes import print_memory, print_share, print_slope, watched_for
from tests.benchmarks.watched import lateness
from tests.terminals import Terminal

PODS = 20
IDLE, WARM, SECONDS = 10.0, 10.0, 30.0
KEYS, APART = 30, 0.2
_KEYS_SHOWN = "a act  / command"
"""What the last line says while nobody types."""
_DROPPED = re.compile(r"([\d,]+) older dropped")


def report(folder: Path, seconds: float = SECONDS) -> None:
    """Print it; `folder` is for the files."""
    print(f"a log of {LINES:,} lines a second, followed for {seconds:.0f} s")
    late = folder / "late-log"
    with (
        fleet(folder, PODS) as served,
        served.terminal(served.cockpit("tests.benchmarks.watched", str(late))) as terminal,
    ):
        begin, end = _measure(served, terminal, seconds)
        terminal.send("q")
        terminal.process.wait(30)
    values = [each for at, each in lateness(late) if begin <= at <= end]
    row("the loop is late while it follows, p50", quantile(values, 0.5))
    row("the loop is late while it follows, p99", quantile(values, 0.99))


def _measure(served: Fleet, terminal: Terminal, seconds: float) -> tuple[float, float]:
    """Print what is seen from outside; gives the span that was measured."""
    pid = terminal.process.pid
    terminal.shows(rf"─ {served.all_ready}", timeout=60)
    idle = watched_for(pid, IDLE)
    terminal.send("floud\r")  # the loud pod alone is left
    terminal.shows(f"“loud” 1 of {PODS}[\\s\\S]*{_KEYS_SHOWN}")
    terminal.send("jl")
    terminal.shows("Log loud")
    terminal.send("F")
    terminal.shows(_DROPPED.pattern)
    time.sleep(WARM)
    before, began = _dropped(terminal.picture), time.monotonic()
    busy = watched_for(pid, seconds)
    seen = (_dropped(terminal.picture) - before) / (time.monotonic() - began)
    keys = []
    for _ in range(KEYS):
        for there in (True, False):
            time.sleep(APART)
            keys.append(painted(terminal, " ", lambda picture, there=there: ("paused," in picture) == there))
    terminal.send("\x1b")
    terminal.shows("1 Pods")
    print(f"  {'lines that came in a second':<46} {seen:>9.0f}     of {LINES}; older ones are dropped, and counted")
    print_share("processor, no log (control)", idle)
    print_share("processor, it follows", busy)
    print_memory("resident memory, no log (control)", idle)
    print_memory("resident memory at most", busy)
    print_slope("its slope", busy)
    print_slope("its slope in the second half", busy[len(busy) // 2 :])
    print_keys("a key is painted", keys, "aim 100 ms")
    return busy[0].at, busy[-1].at


def _dropped(picture: str) -> int:
    found = _DROPPED.search(picture)
    assert found, f"nothing is said of dropped lines:\n{picture}"
    return int(found[1].replace(",", ""))
