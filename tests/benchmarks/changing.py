"""How soon a change of one pod is painted, among 5,000: beside `kubectl get pods --watch` that prints the same one.

Of both it counts when what they wrote was read here.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.fleets import NO_KUBECTL, Fleet, fleet
from tests.benchmarks.measure import quantile, row
from tests.terminals import Terminal

PODS, CHANGES = 5_000, 60
PAUSE = 0.35
"""Seconds between two changes: each begins with nothing else to paint."""


class Printed:
    """The lines of a watch by kubectl, and when each came."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.lines: list[tuple[float, str]] = []
        self._process = process
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append((time.monotonic(), line))

    def came(self, name: str, after: float) -> float:
        """When the first line of a pod after a moment was there."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for at, line in self.lines[-200:]:
                if at >= after and line.startswith(name):
                    return at
            time.sleep(0.001)
        raise AssertionError(f"kubectl never printed {name}")


def report(folder: Path) -> None:
    """Print the delays; `folder` is for the files."""
    print(f"a change on the wire until it is painted, {PODS:,} pods, {CHANGES} changes, both watching the same ones")
    with fleet(folder, PODS) as served, _kubectl(served) as printed, served.terminal(served.cockpit()) as terminal:
        terminal.shows(rf"─ {served.all_ready}", timeout=60)
        ours, peers = _taken(served, terminal, printed)
    _rows("its cell painted", ours, "aim 250 ms")
    if not peers:
        print(f"  kubectl get pods --watch: {NO_KUBECTL}")
        return
    _rows("kubectl get pods --watch prints it (peer)", peers)
    times = quantile(ours, 0.95) / quantile(peers, 0.95)
    print(f"  {'p95 against kubectl':<46} {times:>9.2f} ×   aim 1.5", flush=True)


@contextmanager
def _kubectl(served: Fleet) -> Iterator[Printed | None]:
    argv = served.kubectl("get", "pods", "--watch", "--no-headers")
    if not argv:
        yield None
        return
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=served.environment()) as process:
        try:
            printed = Printed(process)
            while len(printed.lines) < served.pods:
                time.sleep(0.05)
            yield printed
        finally:
            process.kill()


def _taken(served: Fleet, terminal: Terminal, printed: Printed | None) -> tuple[list[float], list[float]]:
    """Seconds of each change that takes a pod's readiness, which moves it to the top; then it gets it back."""
    ours, peers = [], []
    for _ in range(CHANGES):
        time.sleep(PAUSE)
        change = served.ask("flip")
        terminal.shows(rf"{change['name'][-6:]}\W.*\b0/1\b")
        ours.append(terminal.heard - change["at"])
        if printed is not None:
            peers.append(printed.came(change["name"], change["at"]) - change["at"])
        time.sleep(PAUSE)
        served.ask("flip", change["name"])
        terminal.shows(served.all_ready)
    return ours, peers


def _rows(name: str, values: Sequence[float], remark: str = "") -> None:
    row(f"{name}, p50", quantile(values, 0.5))
    row(f"{name}, p95", quantile(values, 0.95), remark)
