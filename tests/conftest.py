"""What every test shares: one async backend, the shared data beside the checkout, and a poll that waits for a fact."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


LONG = (
    "tests/room/flights",
    "tests/screen/test_handover_flight",
    "tests/screen/test_war_room_flight",
    "tests/screen/test_flight",
    "tests/screen/test_hostile",
    "tests/screen/test_database",
    "tests/screen/test_tmux",
    "tests/screen/test_bad_sources",
    "tests/signal/test_campaign_round",
    "tests/signal/test_real_watchers",
    "tests/room/test_live",
    "tests/cli/test_cluster",
    "tests/cli/test_room",
    "tests/cli/test_stepping",
    "tests/simulator/test_orders",
    "tests/simulator/cluster/test_cluster_kubectl",
    "tests/test_packaging",
    "tests/test_crash_cockpit",
)
"""Files whose tests fly for a long time. They go first: at the end one process would sit over them alone."""


def pytest_configure(config: pytest.Config) -> None:
    """Let each of several processes begin to load the tests at another place.

    A test file is compiled when it is first loaded, and then kept. Processes that begin at the same place go side by
    side and all compile everything; so they find most of it compiled by another.
    """
    worker = getattr(config, "workerinput", None)
    if worker and config.args == ["tests"]:
        files = sorted(str(each.relative_to(ROOT)) for each in (ROOT / "tests").rglob("test_*.py"))
        start = len(files) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
        config.args[:] = [*files[start:], *files[:start]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first; all else by file, wherever loading began, with the tests of a file in their order."""
    items.sort(key=lambda item: (not item.nodeid.startswith(LONG), item.path))


def pytest_collection_finish() -> None:
    """All that is loaded by now stays: no later collection of garbage looks through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def anyio_backend() -> str:
    """Textual and our servers run on asyncio only."""
    return "asyncio"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the recordings and source documents, beside the checkout or where COCKPIT_SHARED says."""
    folder = Path(os.environ.get("COCKPIT_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no recordings: {folder} is not there (set COCKPIT_SHARED)")
    return folder


async def eventually(
    fact: Callable[[], object] | Callable[[], Awaitable[object]], timeout: float = 30.0, pause: float = 0.1
) -> object:
    """Poll `fact` until it gives something true, and give that; fail with its name after `timeout` seconds.

    What takes long is asked for less often, at last every `pause` seconds: asking takes of the processor that is
    waited for.
    """
    deadline, wait = asyncio.get_running_loop().time() + timeout, pause / 10
    while True:
        value = fact()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"never became true within {timeout} s: {fact}")
        await asyncio.sleep(wait)
        wait = min(wait * 1.2, pause)
