"""What every test shares: one async backend, the shared data beside the checkout, and a poll that waits for a fact."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent


LONG = (
    "tests/cli/test_cluster",
    "tests/room/flights/test_churn",
    "tests/screen/test_tmux",
    "tests/cli/test_listen",
    "tests/screen/test_hostile",
    "tests/screen/test_snapshots",
    "tests/room/flights/test_orders",
    "tests/cli/test_room",
    "tests/screen/test_handover_flight",
    "tests/screen/test_war_room_flight",
    "tests/screen/test_flight",
    "tests/screen/test_bad_sources",
    "tests/simulator/test_orders",
    "tests/cli/test_cold",
    "tests/screen/test_database",
    "tests/room/flights",
    "tests/screen/test_pod_page",
    "tests/screen/test_values_dialog",
    "tests/cli/test_record_trouble",
    "tests/cli/test_stepping",
    "tests/signal/test_prometheus_living",
    "tests/signal/test_real_watchers",
    "tests/room/test_live",
    "tests/simulator/test_bad_release",
    "tests/screen",
    "tests/runbook/markdown/test_importer",
    "tests/simulator/test_other_faults",
    "tests/simulator/cluster/test_cluster_kubectl",
    "tests/room/test_killed_in_mid_run",
    "tests/signal/test_campaign_round",
    "tests/test_packaging",
    "tests/test_crash_cockpit",
)
"""What takes long, the longest first: at the end one process would sit over it alone."""

settings.register_profile("suite", settings.default, max_examples=50, deadline=None)
settings.register_profile("long", settings.default, max_examples=2_000, deadline=None)
settings.load_profile("suite")


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
    places = {path: _place(path) for path in {item.path for item in items}}
    items.sort(key=lambda item: (places[item.path], item.path))


def _place(path: Path) -> int:
    """Where a file stands among the long ones; behind them all when it is none."""
    name = path.relative_to(ROOT).as_posix()
    return next((place for place, long in enumerate(LONG) if name.startswith(long)), len(LONG))


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
