"""An outage in a box for tests: a simulator in a process of its own, as `cockpit simulate` is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.forking import begun
from tests.cli.shell import Shell

ENDS = 30.0
"""Seconds that a simulator may take to end once it was asked to."""


@contextmanager
def simulated(folder: Path, scenario: str = "bad-release", *, speed: float = 20.0, seed: int = 1) -> Iterator[Path]:
    """A simulator, ready; gives the configuration that it wrote into `folder`, beside its kubeconfig."""
    words = ["simulate", scenario, "--directory", str(folder), "--speed", str(speed), "--seed", str(seed)]
    shell = Shell(folder)
    said, says = os.pipe()
    with open(os.devnull, "rb") as nothing, begun(words, folder, shell.env(), [nothing.fileno(), says, 2]) as process:
        os.close(says)
        try:
            with open(said) as lines:
                assert "READY\n" in lines, "the simulator ended before it was ready"
                yield folder / "cockpit.yaml"
        finally:
            process.terminate()
            process.wait(ENDS)
