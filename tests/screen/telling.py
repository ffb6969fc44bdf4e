"""A declared incident in a cockpit with channels that take messages or refuse them, to fly the screens that tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from conftest import eventually
from screen.flying import Flown, flying

from cockpit.room import grammar

CONFIGURATION = """\
version: 1
kubernetes:
  prod: {{context: prod-eu, kubeconfig: {folder}/kubeconfig}}
services:
  payment-service:
    runbook: payment-service
    policy: {policy}
    kubernetes: {{cluster: prod, namespace: production, selector: app=payment-service, deployment: payment-service}}
channels:
  paper: {{type: file, path: {folder}/messages.txt}}
  blocked: {{type: file, path: {folder}/blocked}}
audiences: {{{audiences}}}
targets:
  database-team: {{channels: [paper], handles: ["@dba"], phone: "+1 555 0100"}}
  unreachable: {{channels: [blocked]}}
{targets}"""


def configure(
    folder: Path, *, audiences: str = "customers: [paper]", policy: str = "payment-service", targets: str = ""
) -> Path:
    """A configuration with a channel that works, and one that does not: its file is a folder."""
    (folder / "blocked").mkdir()
    path = folder / "cockpit.yaml"
    path.write_text(
        CONFIGURATION.format(folder=folder, audiences=audiences, policy=policy, targets=targets), encoding="utf-8"
    )
    return path


async def say(cockpit: Flown, *lines: str) -> None:
    """Do what each line would do after `/`."""
    for line in lines:
        await cockpit.war.room.perform(grammar.parse(line, cockpit.war.clock.now))


@asynccontextmanager
async def telling(
    folder: Path, *begun: str, size: tuple[int, int] = (80, 24), audiences: str = "customers: [paper]",
    policy: str = "payment-service", targets: str = "",
) -> AsyncIterator[Flown]:  # fmt: skip
    """A cockpit on a declared incident, after the commands `begun`."""
    config = configure(folder, audiences=audiences, policy=policy, targets=targets)
    async with flying(folder, config, size=size) as cockpit:
        await say(cockpit, "start payment-failure p1", *begun)
        await eventually(lambda: cockpit.war.room.state.declared)
        yield cockpit


def told(folder: Path) -> str:
    """What the working channel has been told."""
    path = folder / "messages.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""
