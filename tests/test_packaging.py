"""The wheel: it carries runbooks, templates and styles, and what it installs flies in any folder."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import ROOT

from tests.terminals import Terminal, environment

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(each) for each in ("pip", "hatchling")),
    reason="pip and hatchling build the wheel; `make test` sets them up",
)


def run(argv: Sequence[str | Path], folder: Path) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run([*argv], cwd=folder, capture_output=True, text=True, env=environment(folder))
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    how = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", folder]
    run([sys.executable, "-m", "pip", "wheel", *how, ROOT], folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, from the wheel in an environment of its own; the libraries are lent by ours, so it is quick."""
    folder = tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], folder)
    python = folder / "venv" / "bin" / "python"
    how = ["--quiet", "--no-deps", "--no-index"]
    run([sys.executable, "-m", "pip", "--python", python, "install", *how, wheel], folder)
    packages = run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).strip()
    (Path(packages) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run([python, "-c", "import cockpit; print(cockpit.__file__)"], folder)
    assert where.startswith(packages), "it is the wheel's code that is tried, not the checkout's"
    return python.with_name("cockpit")


def test_the_wheel_carries_what_the_program_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for kind in ("runbooks", "templates"):
        files = {f"cockpit/shipped/{kind}/{path.name}" for path in (ROOT / kind).iterdir() if path.is_file()}
        assert files
        assert files <= names
    styles = {str(path.relative_to(ROOT)) for path in (ROOT / "cockpit").rglob("*.tcss")}
    assert styles
    assert styles <= names


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cockpit"}


def test_an_installed_cockpit_says_what_it_is_and_finds_its_runbooks(installed: Path, tmp_path: Path) -> None:
    assert run([installed, "--version"], tmp_path).startswith("cockpit, version 0.")
    assert "payment-service" in run([installed, "runbook", "list"], tmp_path)


def test_an_installed_cockpit_flies_the_demo_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    argv = [str(installed), "demo", "--directory", str(tmp_path / "demo")]
    with Terminal(argv, env=environment(tmp_path), cwd=folder) as terminal:
        terminal.shows("Pods ─ .*Signals ─ ", timeout=60)
        terminal.shows("payment-service", timeout=60)
        terminal.shows(r"\d/\d ready", timeout=60)
        terminal.send("q")
        assert terminal.process.wait(30) == 0
    assert not list(folder.iterdir())
