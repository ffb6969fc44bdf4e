"""An outage in a box for tests: a simulator in a process of its own, as `cockpit simulate` is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.forking import COLD, Running, forks
from tests.cli.shell import Shell

ENDS = 30.0
"""Seconds that a simulator may take to end once it was asked to."""


@contextmanager
def simulated(folder: Path, scenario: str = "bad-release", *, speed: float = 20.0, seed: int = 1) -> Iterator[Path]:
    """A simulator, ready; gives the configuration that it wrote into `folder`, beside its kubeconfig."""
    words = ["simulate", scenario, "--directory", str(folder), "--speed", str(speed), "--seed", str(seed)]
    said, says = os.pipe()
    with _begun(words, folder, says) as process:
        os.close(says)
        try:
            with open(said) as lines:
                assert "READY\n" in lines, "the simulator ended before it was ready"
                yield folder / "cockpit.yaml"
        finally:
            process.terminate()
            process.wait(ENDS)


def _begun(words: list[str], folder: Path, says: int) -> Running | subprocess.Popen[bytes]:
    """A simulator that begins in a process that has loaded it already, unless COCKPIT_TEST_COLD says otherwise."""
    shell = Shell(folder)
    with open(os.devnull, "rb") as nothing:
        if COLD:
            argv, env = shell.argv(*words), shell.env()
            return subprocess.Popen(argv, stdin=nothing, stdout=says, cwd=folder, env=env)
        return forks(shell.env()).start(words, folder, shell.env(), [nothing.fileno(), says, 2])
