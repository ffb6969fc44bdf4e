"""One process with all that it starts: in a session of its own, without a terminal, and ended as a whole.

What it writes on both outputs comes through one pipe, in the order of its arrival. Times here are the machine's: a
process does not wait for an injected clock.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cockpit.action.intake import Intake

GRACE = 3.0
"""Seconds between the request to end and the end."""

_LINGER = 0.5
"""Seconds in which the rest of a pipeline may end by itself, when its shell has ended."""
_DRAIN = 2.0
"""Seconds without anything new out of the pipe when all are gone: one that left the session could hold it open."""
_DRAINS = 15
"""How many times so long, when there is always something new: one that left the session could write for ever."""
_CHUNK = 64 * 1024
_LOOK_EVERY = 0.02
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: the exit status, or minus a signal's number; and whether processes that it left were ended."""

    status: int
    left: bool = False

    @property
    def words(self) -> str:
        """As people say it; empty for success."""
        if self.status < 0:
            return f"ended by {_signal(-self.status)}"
        if self.status > 128 and (name := _signal(self.status - 128)).startswith("SIG"):
            return f"ended with exit status {self.status}: a program in it was ended by {name}"
        why = {126: ": a program in it cannot be executed", 127: ": a program in it is not installed"}
        return f"ended with exit status {self.status}{why.get(self.status, '')}" if self.status else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


async def run(argv: Sequence[str], env: Mapping[str, str], stdin: bytes, intake: Intake) -> Ended:
    """Run `argv` to its end; when this task is cancelled, end it first. Raises OSError when it cannot be started."""
    async with _pipe(intake) as (write_end, reading):
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                env=dict(env),
                start_new_session=True,
            )
        finally:
            os.close(write_end)
        feeding = asyncio.create_task(_fed(process, stdin))
        left = False
        try:
            await process.wait()
            await _gone(process.pid, _LINGER)
        finally:
            left = await end_session(process.pid)
            feeding.cancel()
            await _drained(intake, {reading, feeding, asyncio.ensure_future(process.wait())})
        return Ended(process.returncode or 0, left)


@asynccontextmanager
async def _pipe(intake: Intake) -> AsyncIterator[tuple[int, asyncio.Task[None]]]:
    """The end to write to, which the caller closes, and the task that reads the other until all have closed theirs."""
    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader(limit=_CHUNK)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(read_end, "rb", 0))
    reading = asyncio.create_task(_read(reader, intake))
    try:
        yield write_end, reading
    finally:
        reading.cancel()
        await asyncio.wait({reading})
        transport.close()


async def _read(reader: asyncio.StreamReader, intake: Intake) -> None:
    while chunk := await reader.read(_CHUNK):
        await intake.take(chunk)


async def _drained(intake: Intake, ends: set[asyncio.Future[Any]]) -> None:
    """Wait for what is still in the pipe: its end is where programs say why they failed, and a machine may be slow."""
    for _ in range(_DRAINS):
        before = intake.taken + intake.dropped
        _, missing = await asyncio.wait(ends, timeout=_DRAIN)
        if not missing or intake.taken + intake.dropped == before:
            return


async def _fed(process: asyncio.subprocess.Process, stdin: bytes) -> None:
    """Give it what it reads; one that does not want it may close its end."""
    if process.stdin is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(stdin)
        await process.stdin.drain()
    process.stdin.close()


async def end_session(session: int) -> bool:
    """End what still runs in a session: first asked, killed after `GRACE` seconds. Gives whether anything ran."""
    found = False
    for how in (signal.SIGTERM, signal.SIGKILL):
        running = await asyncio.to_thread(_running, session)
        found |= bool(running)
        for process in running:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, how)
        if not running or await _gone(session, GRACE):
            break
    return found


async def _gone(session: int, timeout: float) -> bool:
    """Wait until nothing of a session runs, `timeout` seconds at most; give whether that is so."""
    until = asyncio.get_running_loop().time() + timeout
    while await asyncio.to_thread(_running, session):
        if asyncio.get_running_loop().time() > until:
            return False
        await asyncio.sleep(_LOOK_EVERY)
    return True


def _running(session: int) -> list[int]:
    """The processes of a session; negative, its group, where the system has no /proc to look in."""
    if not _PROC.is_dir():
        try:
            os.killpg(session, 0)
        except OSError:
            return []
        return [-session]
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and _is_of(entry, session)]


def _is_of(entry: Path, session: int) -> bool:
    """Whether a process is of `session` and alive: proc(5), `stat`, behind the name in parentheses."""
    try:
        state, _, _, of = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[:4]
    except (OSError, ValueError):
        return False
    return int(of) == session and state not in "ZX"
