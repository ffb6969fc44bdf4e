"""A cockpit that is ended from outside says so by its exit code, whichever command opened it."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from screen.tmux import session

from tests.shop import program, shop, step

pytestmark = [
    pytest.mark.tmux,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


@pytest.mark.parametrize("words", [(), ("open",)])
def test_the_exit_code_is_that_of_the_signal(tmp_path: Path, words: tuple[str, ...]) -> None:
    shop(tmp_path, step("look", program("true")))
    with session(tmp_path) as tmux:
        tmux.cockpit(*words, "--config", "cockpit.yaml")
        tmux.sees("4 Timeline")
        os.kill(tmux.pid, signal.SIGTERM)
        tmux.sees(f"it ended with {128 + signal.SIGTERM}")
