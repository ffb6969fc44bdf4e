"""`cockpit logs`: the log of one pod, or of all pods of the service together, line by line as it comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

import click

from cockpit.cli.context import Failure, Wrong, as_json, run, share_with
from cockpit.cli.live.opened import opened_live
from cockpit.clock import SystemClock
from cockpit.incident.times import TimeError, duration
from cockpit.room.live.live import Live
from cockpit.room.live.podlogs import LogLine, PodLogs
from cockpit.room.requests import Refusal
from cockpit.screen.filtering import Filter, line_filter

FIRST = 20.0
"""Seconds to wait for the pods."""
LOOK = 0.2


@click.command(
    help="The log of POD, whose name may lack the deployment's, or without it of all pods together by their times;"
    " its end first, then each line as it comes, until interrupted. Through lost connections and restarts each line is"
    " printed once. Exit 1 when it cannot be read."
)
@click.argument("pod", default="")
@click.option("--container", default="", help="Else each pod's default one.")
@click.option("--filter", "wanted", default="", help="Only these lines: words, /regular expressions/, !not these.")
@click.option("--for", "lasting", default="", metavar="DURATION", help="End after that long, as 30s or 5m.")
def logs(pod: str, container: str, wanted: str, lasting: str) -> None:
    """Follow, and print."""
    only = line_filter(wanted)
    if only.error:
        raise Wrong(only.error)
    try:
        seconds = duration(lasting).total_seconds() if lasting else None
    except TimeError as error:
        raise Wrong(str(error)) from None
    run(lambda: _follow(pod, container, only, seconds))


share_with(logs)


async def _follow(pod: str, container: str, only: Filter, seconds: float | None) -> None:
    async with opened_live(SystemClock()) as live:
        await _loaded(live)
        try:
            found = live.logs(_named(live, pod) if pod else "", container)
            await _print(found, _printer(live, only, named=not pod), seconds)
        except Refusal as error:
            raise Failure(str(error)) from None


async def _loaded(live: Live) -> None:
    """Wait until the pods are read. Raises Failure when they cannot be."""
    deadline = asyncio.get_running_loop().time() + FIRST
    while (source := live.pods().source).state == "loading":
        if asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(LOOK)
    if not source.trusted:
        raise Failure("; ".join(filter(None, (source.detail or f"pods {source.state}", source.mend))))


def _named(live: Live, pod: str) -> str:
    """The full name of the pod that ends with `pod`. Raises Wrong when there is none, or more than one."""
    names = [row.name for row in live.pods().rows]
    found = [name for name in names if name == pod] or [name for name in names if name.endswith(f"-{pod}")]
    if len(found) == 1:
        return found[0]
    known = ", ".join(sorted(found or names)[:5])
    raise Wrong(f"{len(found) or 'no'} pods are called {pod}; " + (f"there are {known}" if known else "there are none"))


def _printer(live: Live, only: Filter, *, named: bool) -> Callable[[list[LogLine]], None]:
    """What prints new lines: each with its time, and where there are several pods with its pod's name."""
    deployment = live.pods().deployment
    known = f"{deployment.name}-" if deployment else ""

    def took(lines: list[LogLine]) -> None:
        for line in lines:
            if not line.note and not only.holds(f"{line.pod} {line.text}" if named else line.text):
                continue
            if as_json():
                click.echo(json.dumps(line._asdict() | {"at": line.at.isoformat() if line.at else None}))
            else:
                head = f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03}Z " if line.at else ""
                name = f"{line.pod.removeprefix(known)} " if named else ""
                click.echo(f"{head}{name}{'-- ' if line.note else ''}{line.text}")

    return took


async def _print(found: PodLogs, took: Callable[[list[LogLine]], None], seconds: float | None) -> None:
    """Follow until it is over, for so many seconds at most. Raises Failure when it cannot be read."""
    deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
    following = asyncio.create_task(found.run(took))
    try:
        while deadline is None or asyncio.get_running_loop().time() < deadline:
            await asyncio.wait([following], timeout=LOOK)
            if following.done():
                following.result()
            if over := found.over:
                raise Failure(over)
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
