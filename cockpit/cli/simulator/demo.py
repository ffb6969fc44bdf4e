"""`cockpit demo`: a cockpit on a service that is breaking now, with a simulator and a record of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import click

from cockpit.cli.context import Failure, options, run, share_with
from cockpit.cli.fullscreen.look import Look, look
from cockpit.cli.fullscreen.open import fly, need_terminal
from cockpit.cli.simulator.scenarios import ScenarioCommand
from cockpit.room.options import Options

READY_LIMIT = 60.0
"""Seconds that the simulator may take to be ready."""


@click.command(
    cls=ScenarioCommand,
    help="Open a cockpit on a simulated service that is breaking now. Nothing else is needed.",
)
@click.argument("scenario", default="bad-release")
@click.option("--speed", type=click.FloatRange(0.1, 100), default=1.0, help="Simulated seconds in a real one.")
@click.option("--seed", type=int, default=1, help="The same seed makes the same names and noise.")
@click.option("--directory", type=click.Path(path_type=Path), default=None, help="Where its files go; else a new one.")
@click.pass_context
def demo(ctx: click.Context, scenario: str, speed: float, seed: int, directory: Path | None) -> int:
    """Fly."""
    need_terminal()
    folder = directory or Path(tempfile.mkdtemp(prefix="cockpit-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    asked = options()
    code = run(lambda: _fly(asked, folder, scenario, speed, seed, look(ctx)))
    click.echo(f"what Slack, PagerDuty, the status page, mail and Jira would have got is in {folder / 'arrived.txt'}")
    click.echo(f"the demo's record is {folder / 'record.db'}; `cockpit demo --directory {folder}` goes on with it")
    return code


share_with(demo)


async def _fly(asked: Options, folder: Path, scenario: str, speed: float, seed: int, shown: Look) -> int:
    async with simulator(folder, scenario, speed, seed, asked.actor):
        _bring(folder)
        mine = Options(
            # Nothing real is reachable from here: neither the caller's configuration nor his record is looked at.
            environ={name: value for name, value in os.environ.items() if not name.startswith("COCKPIT_")},
            cwd=folder,
            config=folder / "cockpit.yaml",
            near=True,
            actor=asked.actor or os.environ.get("COCKPIT_AS", ""),
            role=asked.role,
            read_only=asked.read_only,
            shared=asked.shared,
            incident=asked.incident,
            journal=folder / "record.db",
        )
        return await fly(mine, shown)


def _bring(folder: Path) -> None:
    """What the scenario brings along for the steps of its runbook: a stand-in for a program, secrets of its own."""
    if (folder / "bin").is_dir():
        os.environ["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    with suppress(OSError):
        os.environ.update(json.loads((folder / "environment.json").read_text(encoding="utf-8")))


@asynccontextmanager
async def simulator(folder: Path, scenario: str, speed: float, seed: int, actor: str = "") -> AsyncIterator[None]:
    """A simulator in a process of its own, ready when this is entered, ended when it is left; raises Failure.

    Args:
        actor: whose chat it simulates; empty: whom the environment names.
    """
    argv = [sys.executable, "-m", "cockpit", "simulate", scenario, "--directory", str(folder)]
    argv += ["--speed", str(speed), "--seed", str(seed), "--until-eof"]
    log = folder / "simulator.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            env={**os.environ, "COCKPIT_AS": actor} if actor else None,
        )
    try:
        await asyncio.wait_for(_ready(process), READY_LIMIT)
        yield
    except TimeoutError:
        raise Failure(f"the simulator did not get ready in {READY_LIMIT:.0f} s; see {log}") from None
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if line.strip() == b"READY":
            return
    raise Failure(f"the simulator ended with {await process.wait()} before it was ready")
