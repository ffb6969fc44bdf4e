"""`cockpit doctor`: what is reachable, and what the cluster lets this user do, each fault with its mend."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator

import click

from cockpit.cli.context import Failure, as_json, house, run, say, share_with
from cockpit.clock import SystemClock
from cockpit.room.doctor import Finding, examine
from cockpit.text import takes_utf8
from cockpit.values import asdict


@click.command(help="What is reachable from here and how soon, what you may do, and what to mend. It sends nothing.")
def doctor() -> None:
    """Look at everything; exit 1 when something does not work."""
    found = run(_examined)
    if as_json():
        say("", lambda: [asdict(finding) for finding in found])
    broken = [finding.what for finding in found if finding.state == "bad"]
    if broken:
        verb = "does" if len(broken) == 1 else "do"
        raise Failure(f"{len(broken)} {verb} not work: {', '.join(broken)}; the lines above say what to do")


share_with(doctor)


async def _examined() -> list[Finding]:
    found = []
    async for finding in _findings():
        found.append(finding)
        if not as_json():
            mend = f" — {finding.mend}" if finding.mend else ""
            say(f"{finding.state:<5} {finding.what:<28} {finding.said}{mend}")
    return found


async def _findings() -> AsyncIterator[Finding]:
    """The terminal's, then all others as they come."""
    from cockpit.screen.terminal.abilities import abilities
    from cockpit.screen.terminal.measuring import marks_of

    async with house(read_only=True) as opened:  # first: a request that is wrong is refused before anything is said
        for finding in abilities(os.environ, shutil.get_terminal_size()):
            yield finding
        asked = sys.stdout.isatty() and sys.stdin.isatty() and takes_utf8(os.environ)
        if asked and (measured := await asyncio.to_thread(marks_of, sys.stdin.fileno())) is not None:
            yield measured
        async for finding in examine(opened, SystemClock()):
            yield finding
