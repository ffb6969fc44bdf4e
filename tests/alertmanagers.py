"""Alertmanagers for tests: the simulated one, and the real one where it is installed; and alerts that fire in them."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.receivers import receiving

KINDS = ("simulated", "real")
_NAMES = ("prometheus-alertmanager", "alertmanager")


@asynccontextmanager
async def alertmanager(kind: str, folder: Path) -> AsyncIterator[str]:
    """The address of an Alertmanager in which nothing fires; `real` skips where none is installed."""
    if kind == "simulated":
        async with receiving("alertmanager") as receivers:
            yield receivers.alertmanager.url
        return
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Alertmanager is installed (Debian: prometheus-alertmanager)")
    config = folder / "alertmanager.yml"
    config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listens = [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    process = await asyncio.create_subprocess_exec(
        program, f"--config.file={config}", f"--storage.path={folder / 'alertmanager'}", *listens,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        await _ready(url)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def _ready(url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(500):
            try:
                if (await client.get(f"{url}/-/ready")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.02)
    raise AssertionError("the Alertmanager did not get ready")


async def fire(url: str, *alerts: dict[str, str], minutes: float = 12.0, summary: str = "") -> None:
    """Let alerts with these labels fire, since so many minutes."""
    begun = datetime.now(UTC) - timedelta(minutes=minutes)
    told = [
        {"labels": labels, "annotations": {"summary": summary} if summary else {}, "startsAt": begun.isoformat()}
        for labels in alerts
    ]
    async with httpx.AsyncClient() as client:
        (await client.post(f"{url}/api/v2/alerts", json=told)).raise_for_status()


async def silences(url: str) -> list[dict[str, object]]:
    """Every silence that it knows."""
    async with httpx.AsyncClient() as client:
        found: list[dict[str, object]] = (await client.get(f"{url}/api/v2/silences")).json()
    return found
