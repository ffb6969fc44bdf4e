"""Houses for tests: rooms on real journals, with a configuration that the test writes and without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from cockpit.clock import Clock, ManualClock
from cockpit.room.house import House, open_house
from cockpit.room.options import Options
from tests.stories import START

CONFIGURATION = """\
version: 1
kubernetes:
  eu: {{context: {context}, kubeconfig: {folder}/kubeconfig}}
services:
  payment-service:
    runbook: payment-service
    kubernetes: {{cluster: eu, namespace: production, selector: app=payment-service, deployment: payment-service}}
channels:
  paper: {{type: file, path: {folder}/messages.txt}}
audiences:
  customers: [paper]
"""


def configure(folder: Path, *, context: str = "prod-eu") -> Path:
    """Write the configuration."""
    path = folder / "cockpit.yaml"
    path.write_text(CONFIGURATION.format(folder=folder, context=context))
    return path


@asynccontextmanager
async def opened(
    folder: Path, *, actor: str = "@alice", clock: Clock | None = None, read_only: bool = False, incident: str = "",
    environ: Mapping[str, str] | None = None, role: str | None = None, service: str = "",
) -> AsyncIterator[House]:  # fmt: skip
    """A house in `folder` on its one journal."""
    if not (folder / "cockpit.yaml").exists():
        configure(folder)
    options = Options(
        environ or {}, folder, actor=actor, role=role, read_only=read_only, incident=incident,
        journal=folder / "record.db", service=service,
    )  # fmt: skip
    house = await open_house(options, clock or ManualClock(START))
    try:
        yield house
    finally:
        await house.close()
