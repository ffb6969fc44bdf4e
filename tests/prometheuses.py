"""Prometheuses for tests: the simulated one, and the real one where it is installed; both scrape one small service."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from replay import answering, serving
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cockpit.simulator.pace import Pace
from cockpit.simulator.prometheus import Prometheus, Target
from cockpit.simulator.prometheus.trouble import Trouble

KINDS = ("simulated", "real")
EVERY = 0.2
"""Seconds between two scrapes of the simulated one; the real one takes whole seconds."""


class Shop:
    """The service: gauges by name, and one with two series."""

    def __init__(self) -> None:
        self.gauges = {"queue": 3.0, "errors": 0.5}
        self.pods = {"a": 1.0, "b": 2.0}

    def series(self) -> list[tuple[tuple[tuple[str, str], ...], float]]:
        """What the simulated one scrapes."""
        plain = [((("__name__", name),), value) for name, value in self.gauges.items()]
        return [*plain, *(((("__name__", "load"), ("pod", pod)), value) for pod, value in self.pods.items())]

    def text(self) -> str:
        """What the real one scrapes, in the text format."""
        lines = [f"{name} {value}" for name, value in self.gauges.items()]
        return "\n".join([*lines, *(f'load{{pod="{pod}"}} {value}' for pod, value in self.pods.items()), ""])


class Counted:
    """Counts the requests before an app, by path and method."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests: list[tuple[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests.append((scope["method"], scope["path"].rpartition("/")[2]))
        await self._app(scope, receive, send)


class Served:
    """One that runs: its address, and of the simulated one its trouble and what was asked of it."""

    def __init__(self, url: str, shop: Shop, trouble: Trouble, counted: Counted | None = None) -> None:
        self.url = url
        self.shop = shop
        self.trouble = trouble
        self._counted = counted

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and last part of the path of every request so far; none of the real one."""
        return self._counted.requests if self._counted else []


@asynccontextmanager
async def prometheus(kind: str, folder: Path, *, skew: float = 0.0) -> AsyncIterator[Served]:
    """One that has scraped the shop at least once; `real` skips where none is installed.

    Args:
        skew: seconds that the clock of the simulated one is ahead.
    """
    async with _simulated(skew) if kind == "simulated" else _real(folder) as served:
        yield served


@asynccontextmanager
async def _simulated(skew: float) -> AsyncIterator[Served]:
    shop = Shop()
    made = Prometheus(Pace(), lambda: [Target("shop", "10.0.0.1:80", shop.series)], EVERY)
    made.trouble.skew = skew
    made.scrape()
    scraping = asyncio.create_task(made.run())
    counted = Counted(made.app())
    try:
        async with serving(counted) as url:
            yield Served(url, shop, made.trouble, counted)
    finally:
        scraping.cancel()


@asynccontextmanager
async def _real(folder: Path) -> AsyncIterator[Served]:
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("no Prometheus is installed (Debian: prometheus)")
    shop = Shop()

    async def metrics(_: Request) -> PlainTextResponse:
        return PlainTextResponse(shop.text())

    async with serving(answering(metrics)) as target:
        config = folder / "prometheus.yml"
        job = f"{{job_name: shop, static_configs: [{{targets: ['{target.removeprefix('http://')}']}}]}}"
        config.write_text(f"global: {{scrape_interval: 1s}}\nscrape_configs: [{job}]\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"127.0.0.1:{free.getsockname()[1]}"
        process = await asyncio.create_subprocess_exec(
            program, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={url}",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await _scraped(f"http://{url}")
            yield Served(f"http://{url}", shop, Trouble())
        finally:
            process.kill()
            await process.wait()


async def _scraped(url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            try:
                answer = await client.get(f"{url}/api/v1/query", params={"query": "queue"})
                if answer.status_code == 200 and answer.json()["data"]["result"]:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError("the Prometheus scraped nothing")
