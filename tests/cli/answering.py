"""A user at a terminal for tests: what a command shows there, and what he answers."""

from __future__ import annotations

import os
import pty
import select

from tests.cli.forking import begun
from tests.cli.shell import Shell


def at_terminal(shell: Shell, answers: list[str], *args: object) -> tuple[str, int]:
    """What a command shows on a terminal whose user answers so, and its exit code."""
    master, slave = pty.openpty()
    with begun([str(arg) for arg in args], shell.folder, shell.env(TERM="xterm"), [slave] * 3) as process:
        os.close(slave)
        shown = _conversation(master, answers)
        os.close(master)
        return shown, process.wait(30)


def _conversation(master: int, answers: list[str]) -> str:
    """All that is shown until the terminal's other side is closed; each question is given the next answer."""
    shown, waiting = "", [f"{answer}\n" for answer in answers]
    while True:
        if select.select([master], [], [], 60)[0]:
            try:
                said = os.read(master, 65536).decode()
            except OSError:  # the terminal's other side is closed: it is over
                break
            shown += said
            if waiting and shown.rstrip().endswith(("]:", "):", "do it:")):
                os.write(master, waiting.pop(0).encode())
                shown += "\n"
    return shown
