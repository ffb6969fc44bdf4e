"""A shell for each test, and simulated outages that commands can be pointed at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.simulated import simulated


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in a folder of its own."""
    return Shell(tmp_path)


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An outage to look at, for the tests of a file; tests that change it start one of their own."""
    with simulated(tmp_path_factory.mktemp("outage")) as config:
        yield config.parent


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Path]:
    """An outage to act on."""
    with simulated(tmp_path):
        yield tmp_path


@pytest.fixture
def outage_config(outage: Path) -> str:
    """The configuration of the outage to look at."""
    return str(outage / "cockpit.yaml")
