"""How soon there is something to see: beside a Python that does nothing, and beside kubectl."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.measure import command, medians, row
from tests.terminals import Terminal, environment
from tests.test_crash_cockpit import cockpit

FRAMES = r"Timeline ─ loading[\s\S]*\? help"
"""The panes' frames and, below them, the keys: the first picture, behind which the house is opened."""
ROOM = r"\bwatching [\s\S]*Timeline ─ UTC[\s\S]*\? help"
"""What the record and the configuration say, with every pane: sources that answer are opened after it."""


def report(folder: Path) -> None:
    """Print start-up and first picture; `folder` is for the files."""
    print("start-up, median of 5")
    works = {"python -c pass": command([sys.executable, "-c", "pass"], folder)}
    if kubectl := shutil.which("kubectl"):
        works["kubectl version --client"] = command([kubectl, "version", "--client"], folder)
    works["cockpit --version"] = command([sys.executable, "-m", "cockpit", "--version"], folder)
    far = cockpit(folder)
    for size in ((80, 24), (160, 50)):
        works[f"first picture at {size[0]}×{size[1]}"] = shown(far, folder, size, FRAMES)
        works[f"the room's picture at {size[0]}×{size[1]}"] = shown(far, folder, size, ROOM)
    for name, value in zip(works, medians(*works.values()), strict=True):
        row(name, value, "aim 400 ms" if name.startswith("first picture") else "")
    if not kubectl:
        print("  kubectl version --client: not measured, there is no kubectl")
    demo = [sys.executable, "-m", "cockpit", "demo", "--directory", str(folder / "demo")]
    [value] = medians(shown(demo, folder, (80, 24), r"Checklist ─ IC"))
    row("the demo's picture, simulator included", value)


def shown(argv: Sequence[str], folder: Path, size: tuple[int, int], pattern: str) -> Callable[[], float]:
    """A measure from the start of the process until its terminal shows `pattern`."""
    env = environment(folder)
    env.pop("PYTHONDONTWRITEBYTECODE", None)

    def once() -> float:
        with Terminal(argv, env=env, cwd=folder, size=size) as terminal:
            terminal.shows(pattern, timeout=60)
            taken = time.perf_counter() - terminal.began
            terminal.send("q")
            terminal.process.wait(30)
        return taken

    once()
    return once
