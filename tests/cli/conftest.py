"""A shell for each test, and simulated outages that commands can be pointed at."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in a folder of its own."""
    return Shell(tmp_path)


@contextmanager
def simulated(folder: Path, *more: object) -> Iterator[Path]:
    """A simulator in its own process; gives the folder with its kubeconfig and cockpit.yaml."""
    shell = Shell(folder)
    argv = shell.argv("simulate", "--speed", "20", "--directory", folder, *more)
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=folder, env=shell.env(), text=True)
    assert process.stdout is not None
    try:
        assert "READY\n" in iter(process.stdout.readline, "")
        yield folder
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An outage to look at, for the tests of a file; tests that change it start one of their own."""
    with simulated(tmp_path_factory.mktemp("outage")) as folder:
        yield folder


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Path]:
    """An outage to act on."""
    with simulated(tmp_path) as folder:
        yield folder


@pytest.fixture
def outage_config(outage: Path) -> str:
    """The configuration of the outage to look at."""
    return str(outage / "cockpit.yaml")
