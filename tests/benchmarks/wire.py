"""What a cockpit sends to its terminal while an incident goes on and nobody presses a key."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.simulated import simulated
from tests.terminals import Terminal, environment

SECONDS = 60
SETTLES = 20.0
"""Seconds after the first picture in which the signals come to have a course."""
AIM = 2048
"""Bytes a second that an idle cockpit may cost at most."""


def report(folder: Path) -> None:
    """Print bytes a minute and a second at two sizes; `folder` is for the files."""
    print(f"bytes to the terminal, a declared incident, pods in a crash loop, no key pressed, {SECONDS} s each")
    for size in ((80, 24), (200, 60)):
        here = folder / f"wire-{size[0]}"
        (here / "simulator").mkdir(parents=True)
        with simulated(here / "simulator", speed=1.0) as config:
            first, each = _seconds(here, config, size)
        mean = sum(each) / len(each)
        words = f"{mean * 60 / 1024:>7.1f} KB a minute, {mean:>5.0f} B/s (aim {AIM}), most in one second {max(each)} B"
        print(f"  {size[0]}×{size[1]:<8} {words}, first picture {first / 1024:.1f} KB", flush=True)


def _seconds(folder: Path, config: Path, size: tuple[int, int]) -> tuple[int, list[int]]:
    """The bytes of the first picture, and of each second later on."""
    command = [sys.executable, "-m", "cockpit", "--config", str(config), "--as", "@ada"]
    env = environment(folder)
    start = [*command, "incident", "start", "payment-failure", "p1"]
    subprocess.run(start, env=env, cwd=folder, check=True, capture_output=True)
    with Terminal(command, env=env, cwd=folder, size=size) as terminal:
        terminal.expect("CrashLoop", timeout=60)
        first = terminal.written
        time.sleep(SETTLES)
        before, each = terminal.written, []
        for _ in range(SECONDS):
            time.sleep(1.0)
            now = terminal.written
            before, sent = now, now - before
            each.append(sent)
        terminal.send("q")
        terminal.process.wait(30)
    return first, each
