"""`cockpit doctor`: what is reachable, and what the cluster lets this user do, each fault with its mend."""

from __future__ import annotations

from dataclasses import asdict

import click

from cockpit.cli.context import Failure, as_json, house, run, say, share_with
from cockpit.clock import SystemClock
from cockpit.room.doctor import examine
from cockpit.room.finding import Finding


@click.command(help="What is reachable from here, what you may do, and what to mend.")
def doctor() -> None:
    """Look at everything; exit 1 when something does not work."""
    found = run(_examine)
    if as_json():
        say("", lambda: [asdict(finding) for finding in found])
    broken = [finding.what for finding in found if finding.state == "bad"]
    if broken:
        verb = "does" if len(broken) == 1 else "do"
        raise Failure(f"{len(broken)} {verb} not work: {', '.join(broken)}; the lines above say what to do")


share_with(doctor)


async def _examine() -> list[Finding]:
    found = []
    async with house(read_only=True) as opened:
        async for finding in examine(opened, SystemClock()):
            found.append(finding)
            if not as_json():
                say(
                    f"{finding.state:<5} {finding.what:<28} {finding.said}"
                    + (f" — {finding.mend}" if finding.mend else "")
                )
    return found
