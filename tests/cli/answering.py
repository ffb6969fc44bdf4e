"""A user at a terminal for tests: what a command shows there, and what he answers."""

from __future__ import annotations

import os
import pty
import select
import subprocess

from tests.cli.shell import Shell


def at_terminal(shell: Shell, answers: list[str], *args: object) -> tuple[str, int]:
    """What a command shows on a terminal whose user answers so, and its exit code."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        shell.argv(*args), cwd=shell.folder, env=shell.env(TERM="xterm"), stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
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
    os.close(master)
    return shown, process.wait(30)
