"""Giving the whole terminal to another program, an editor or a shell, and taking it back as it was."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from textual.app import App, SuspendNotSupported

WAITING = 6
"""Pieces of a picture that may wait for the terminal before no more is drawn; Textual's queue takes 30."""


async def lend(app: App[Any], argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a program on the terminal until it ends; gives its exit status, -N when signal N ended it.

    The cockpit draws nothing meanwhile, and goes on listening: what is recorded elsewhere is there when it is back.

    Raises:
        OSError: the terminal cannot be lent, or the program cannot be started.
    """
    try:
        with app.batch_update(), app.suspend():
            return await asyncio.to_thread(subprocess.call, list(argv), env=dict(environ))
    except SuspendNotSupported as error:
        raise OSError("this terminal cannot be lent to another program") from error
    finally:
        app.screen.refresh(layout=True)


def has_shell() -> bool:
    """Whether a shell with job control started this: it gives its jobs process groups of their own, and could continue
    one that stopped. A program that leads its session, as in a pane of tmux, would be stopped for ever."""
    return os.getpgrp() != os.getsid(0)


def stop(driver: Any) -> None:
    """Give the terminal back and stop with the whole job, as the terminal would stop it: also a make that waits for us.
    Returns when the shell has continued it, or at once where nobody could.

    Textual's own way is to give the terminal back after the signal and to stop by SIGSTOP then. A shell that sees the
    rest of the job stop may have continued it before that, and a terminal may be gone before that: it would stay
    stopped for ever. So the stop is the kernel's, which a SIGCONT takes back, and which a job without a shell is spared
    (POSIX.1-2017, System Interfaces, 2.4.3, of orphaned process groups).
    """
    driver.suspend_application_mode()
    driver._must_signal_resume = True
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTSTP, signal.SIGCONT)}
    try:
        os.killpg(os.getpgrp(), signal.SIGTSTP)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    driver.resume_application_mode()


def line_of(driver: object) -> Literal["open", "stalled", "gone"]:
    """How the line to the terminal is: a link that takes nothing leaves what is drawn waiting in Textual's queue, which
    would hold up the whole program when it is full; of one that is gone the thread has died that writes to it."""
    writer = getattr(driver, "_writer_thread", None)
    if writer is None:
        return "open"
    if not writer.is_alive():
        return "gone"
    return "stalled" if writer._queue.qsize() > WAITING else "open"


def let_go(app: App[Any]) -> None:
    """End the reading of keys, where a terminal that is gone has kept Textual from doing it.

    Its driver stops the reading thread only after a last word to the terminal; when that fails the thread goes on
    reading nothing as fast as it can, and keeps the process from ending.
    """
    event = getattr(app._driver, "exit_event", None)
    if event is not None:
        event.set()
