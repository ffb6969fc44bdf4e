"""An import is killed, or the disk is full: the incident is there as a whole or not at all, and comes in next time."""

from __future__ import annotations

import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.incident import kinds
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.take import import_bundle
from cockpit.record.bundle.write import write_bundle
from cockpit.record.journal import Journal
from tests.record.bundles import WHOLE, beside, drafted, opened, said, spooled, verified
from tests.stories import INCIDENT

ROOT = Path(__file__).resolve().parents[2]
ENTRIES, OUTPUTS = 3000, 5

IMPORT = """
import sys
from pathlib import Path
from cockpit.clock import SystemClock
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.take import import_bundle
from cockpit.record.journal import Journal

journal = Journal.open(Path(sys.argv[2]), SystemClock())
with Bundle.open(Path(sys.argv[1])) as bundle:
    print("begun", flush=True)
    print(import_bundle(bundle, journal, SystemClock()).added, flush=True)
"""
"""A process that can be killed: it says when it has read the file, and when all was in."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bundle that takes a while."""
    folder = tmp_path_factory.mktemp("bundle")
    journal = opened(folder / "record.db")
    journal.append([drafted(kinds.Declared(name="x")), *(said(f"note {n}") for n in range(ENTRIES - OUTPUTS - 1))])
    for n in range(OUTPUTS):
        spooled(journal, f"run-{n}", WHOLE + str(n).encode())
    write_bundle(journal, INCIDENT, folder / "x.bundle")
    journal.close()
    yield folder / "x.bundle"
    shutil.rmtree(folder)


def state(path: Path) -> tuple[int, int, list[str]]:
    """How many entries and whole outputs there are, and what is wrong."""
    journal = Journal.open(path, SystemClock())
    try:
        outputs = list(beside(journal).parent.glob("*.log"))
        return len(journal.read(INCIDENT)), len(outputs), [str(each) for each in verified(journal).problems]
    finally:
        journal.close()


def killed(bundle: Path, path: Path, after: float) -> bool:
    """Kill an import so many seconds after it has read the file; gives whether it had said that all was in."""
    argv = [sys.executable, "-c", IMPORT, str(bundle), str(path)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    return rest.startswith(str(ENTRIES))


def added(bundle: Path, path: Path) -> int:
    """Import it once more, to the end; gives how many entries that added."""
    journal = Journal.open(path, SystemClock())
    try:
        with Bundle.open(bundle) as read:
            return import_bundle(read, journal, SystemClock()).added
    finally:
        journal.close()


def test_a_killed_import_leaves_all_or_nothing(bundle: Path, tmp_path: Path) -> None:
    chance, ends = random.Random(20261121), set()
    for n in range(5):
        path = tmp_path / str(n) / "record.db"
        acknowledged = killed(bundle, path, chance.uniform(0, 0.45))
        entries, outputs, problems = state(path)
        ends.add(entries)
        assert entries in ((ENTRIES,) if acknowledged else (0, ENTRIES))
        assert entries == 0 or outputs == OUTPUTS
        assert problems == []
        assert added(bundle, path) == ENTRIES - entries
        assert state(path) == (ENTRIES, OUTPUTS, [])
        left = {each.name for each in path.with_name("output").iterdir()}
        assert left == {f"run-{each}.log" for each in range(OUTPUTS)}
    assert 0 in ends, "no import was killed before its end: the delays are too long for this machine"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose entries reach the disk only when they are committed, and its output before that."""
    folder = tmp_path_factory.mktemp("small")
    journal = opened(folder / "record.db")
    journal.append([drafted(kinds.Declared(name="x")), *(said(f"{n} " * 100) for n in range(200))])
    spooled(journal, whole=WHOLE[:2000])
    write_bundle(journal, INCIDENT, folder / "x.bundle")
    journal.close()
    return folder / "x.bundle"


@pytest.mark.parametrize(
    ("which", "most"),
    [("bundle", 64 * 1024), ("bundle", 400 * 1024), ("small", 64 * 1024)],
    ids=["no room for an output", "no room for the entries", "no room at the commit"],
)
def test_a_full_disk_is_said_and_leaves_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, which: str, most: int
) -> None:
    path, bundle = tmp_path / "record.db", request.getfixturevalue(which)
    Journal.open(path, SystemClock()).close()
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(bundle), str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        ("cockpit.record.bundle.format.BundleError", "cockpit.record.errors")
    )
    assert state(path) == (0, 0, [])
    assert not path.with_name("output").exists() or not list(path.with_name("output").iterdir())
