"""The bundle's format from its first day: what an earlier version wrote is read, verified and taken in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from cockpit.clock import ManualClock
from cockpit.record.bundle.format import VERSION
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.write import write_bundle
from cockpit.record.journal import Journal
from tests.record.bundles import checked, in_order, parts_of, taken, verified
from tests.record.write_golden import GOLDEN, INCIDENT, LABEL, START

BUNDLE = GOLDEN / "v1.bundle"
"""Version 1, written from the golden journal of layout 2, which stays as it is."""
FINGERPRINT = "f2e876e8f1d21404003f3a971f991534952b30919d21626f0745c34795a65d94"


def test_it_is_verified_and_taken_in_as_it_was_written(here: Journal) -> None:
    verdict = checked(BUNDLE)
    assert verdict.problems == []
    assert taken(BUNDLE, here).fingerprint == FINGERPRINT
    assert verified(here).problems == []
    assert here.labels() == {INCIDENT: LABEL}
    ids = [entry["id"] for entry in json.loads((GOLDEN / "v2.json").read_text())["entries"]]
    assert [entry.id for entry in in_order(here.read(INCIDENT))] == ids


def test_today_the_same_is_written(tmp_path: Path) -> None:
    """Part by part: how well they are packed is up to zlib."""
    assert VERSION == 1
    shutil.copy(GOLDEN / "v2.db", tmp_path / "record.db")
    journal = Journal.open(tmp_path / "record.db", ManualClock(START))
    write_bundle(journal, INCIDENT, tmp_path / "again.bundle")
    journal.close()
    assert parts_of(tmp_path / "again.bundle") == parts_of(BUNDLE)
    with Bundle.open(BUNDLE) as bundle:
        assert bundle.manifest.fingerprint == FINGERPRINT
