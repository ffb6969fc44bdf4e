"""Copying: by OSC 52 to the clipboard of the terminal, wherever that is; else into a file, whose path is said.

OSC 52 is `ESC ] 52 ; c ; BASE64 BEL` (xterm's control sequences, "Manipulate Selection Data"). Inside tmux the text is
given to tmux itself, which hands it on to the terminals of whoever looks on; that of a program it ignores unless
`set-clipboard` is on.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress

from cockpit.screen.terminal.escapes import multiplexer, through

MOST = 74_994
"""Bytes that are copied by OSC 52 at most: 100,000 characters of base64, which some terminals have as their limit."""
WAIT = 5.0
"""Seconds that tmux may take."""


async def copy(text: str, write: Callable[[str], None], environ: Mapping[str, str]) -> str:
    """Copy `text`; gives what is to be said about it.

    Args:
        text: what is copied, as it stands.
        write: sends a sequence to the terminal.
        environ: the process's environment, which tells the terminal.
    """
    data = text.encode("utf-8", "surrogateescape")
    if multiplexer(environ) == "tmux" and await _to_tmux(data, environ):
        return "copied: to the clipboard, and to tmux (prefix ] pastes it)"
    if len(data) <= MOST and takes_osc52(environ):
        write(through(f"\033]52;c;{b64encode(data).decode()}\a", environ))
        return "copied"
    try:
        path = await asyncio.to_thread(_to_file, data)
    except OSError as error:
        return f"not copied: this terminal takes no copy, and no file could be written: {error.strerror or error}"
    return f"this terminal takes no copy; it is in {path}"


def takes_osc52(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is none of those that are known to drop OSC 52: consoles, Terminal.app, and those on VTE."""
    if multiplexer(environ) == "tmux":
        return False  # tmux has refused it already
    if environ.get("TERM", "") in ("", "dumb", "linux", "vt100", "vt220"):
        return False
    return environ.get("TERM_PROGRAM") != "Apple_Terminal" and "VTE_VERSION" not in environ


async def _to_tmux(data: bytes, environ: Mapping[str, str]) -> bool:
    """Make it tmux's newest buffer, and let tmux (3.2 and later) hand it on; gives whether it took it."""
    for more in (["-w"], []):
        with suppress(OSError, TimeoutError):
            process = await asyncio.create_subprocess_exec(
                "tmux", "load-buffer", *more, "-", env=dict(environ),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            try:
                await asyncio.wait_for(process.communicate(data), WAIT)
            finally:
                if process.returncode is None:
                    process.kill()
            if process.returncode == 0:
                return True
    return False


def _to_file(data: bytes) -> str:
    """Write it where only this user can read it; gives the path."""
    number, path = tempfile.mkstemp(prefix="cockpit-copied-", suffix=".txt")
    with os.fdopen(number, "wb") as file:
        file.write(data)
    return path
