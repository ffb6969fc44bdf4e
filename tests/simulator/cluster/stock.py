"""The stock kubectl of this machine: whether it can be used, and a port-forward of it while something goes through."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

OLDEST = 30
"""The minor version of the oldest kubectl that is tried."""
WEBSOCKETS = 31
"""The first one that runs commands and forwards ports over WebSocket without being asked to."""


@cache
def lacking(minor: int = OLDEST) -> str:
    """Why the kubectl of this machine cannot be used where 1.`minor` is needed; empty when it can."""
    if shutil.which("kubectl") is None:
        return "kubectl is not installed"
    said = subprocess.run(["kubectl", "version", "--client", "-o", "json"], capture_output=True, check=False)
    try:
        found = json.loads(said.stdout)["clientVersion"]["minor"]
    except (ValueError, KeyError):
        return f"kubectl does not tell its version: {said.stderr.decode()}"
    number = int(re.sub(r"\D", "", found))
    return "" if number >= minor else f"kubectl 1.{number} is older than 1.{minor}"


@dataclass(slots=True)
class Forward:
    """A running port-forward: the local ports in the order in which they were asked for, and all that it said."""

    process: asyncio.subprocess.Process
    ports: list[int] = field(default_factory=list)
    out: str = ""

    async def ended(self) -> tuple[int, str]:
        """Its exit code and what it said to stderr, once it has ended by itself."""
        out, err = await asyncio.wait_for(self.process.communicate(), 30)
        self.out += out.decode()
        return self.process.returncode or 0, err.decode()


@asynccontextmanager
async def port_forward(line: str, kubeconfig: Path, home: Path) -> AsyncIterator[Forward]:
    """Run a port-forward as a responder would, interrupted (Ctrl-C) when the block ends."""
    process = await asyncio.create_subprocess_exec(
        *line.split(),
        env={"PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": str(kubeconfig)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    forward = Forward(process)
    try:
        await asyncio.wait_for(_ports(forward, line.count(" :")), 30)
        yield forward
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        if process.returncode is None:
            await forward.ended()


async def _ports(forward: Forward, count: int) -> None:
    """Read what it says until it listens on so many ports."""
    assert forward.process.stdout is not None
    while len(forward.ports) < count:
        said = (await forward.process.stdout.readline()).decode()
        if not said:
            raise AssertionError(f"kubectl does not forward: {await forward.ended()}")
        forward.out += said
        if found := re.match(r"Forwarding from 127\.0\.0\.1:(\d+)", said):
            forward.ports.append(int(found[1]))
