"""How soon every pod is on the screen, from the start of the process: beside `kubectl get pods` on the same API.

kubectl asks for 500 pods at a time and holds itself back after the first ten requests: beyond 5,000 pods it waits.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.fleets import NO_KUBECTL, SIZE, Fleet, fleet
from tests.benchmarks.measure import ROUNDS, command, medians, row

SIZES = (500, 5_000, 20_000)


def report(folder: Path) -> None:
    """Print the curve; `folder` is for the files."""
    for pods in SIZES:
        print(f"{pods:,} pods, from the start of the process, median of {ROUNDS}, {SIZE[0]}×{SIZE[1]}")
        with fleet(folder, pods) as served:
            _rows(served)


def _rows(served: Fleet) -> None:
    works = {"python -c pass (control)": command([sys.executable, "-c", "pass"], served.folder)}
    if argv := served.kubectl("get", "pods"):
        works["kubectl get pods (peer)"] = command(argv, served.folder, HOME=str(served.folder))
    works["the first picture"] = _shown(served, r"Timeline ─ loading[\s\S]*\? help")
    works["the room's picture"] = _shown(served, r"Timeline ─ UTC[\s\S]*\? help")
    works["every pod on the screen"] = _shown(served, served.all_ready)
    works["every pod read in full"] = _shown(served, rf"─ {served.all_ready}")
    values = dict(zip(works, medians(*works.values()), strict=True))
    peer = values.get("kubectl get pods (peer)")
    for name, value in values.items():
        against = f"{value / peer:.2f} × kubectl" if peer and name.startswith("every") else ""
        row(name, value, f"{against}, aim 0.5" if name.endswith("screen") and peer else against)
    if not argv:
        print(f"  kubectl get pods: {NO_KUBECTL}")


def _shown(served: Fleet, pattern: str) -> Callable[[], float]:
    """A measure from the start of a cockpit until `pattern` is in its picture."""

    def once() -> float:
        with served.terminal(served.cockpit()) as terminal:
            terminal.shows(pattern, timeout=60)
            taken = time.perf_counter() - terminal.began
            terminal.send("q")
            terminal.process.wait(30)
        return taken

    once()
    return once
