"""The simulator never outlives the demo that began it, however that ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_simulator_ends_when_its_standard_input_does(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "cockpit", "simulate", "--speed", "20", "--until-eof", "--directory", str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert "READY\n" in iter(process.stdout.readline, "")
        assert process.poll() is None, "it serves while somebody holds its input"
        process.stdin.close()
        assert process.wait(timeout=30) == 0
