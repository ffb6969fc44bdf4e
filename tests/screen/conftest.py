"""What the tests of the screens share: an environment without the caller's taste, and a simulator to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulated import simulated


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A terminal with all colours, no theme of whoever runs the tests, and a folder of one's own to write into."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name in ("NO_COLOR", "TEXTUAL_THEME", "COCKPIT_THEME", "COCKPIT_ASCII", "COCKPIT_CONFIG", "COCKPIT_RECORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The configuration of a simulator that every test of a file may look at and none may change."""
    with simulated(tmp_path_factory.mktemp("outage")) as config:
        yield config


@pytest.fixture
def own_outage(tmp_path: Path) -> Iterator[Path]:
    """The configuration of a simulator of a test's own."""
    folder = tmp_path / "simulator"
    folder.mkdir()
    with simulated(folder) as config:
        yield config
