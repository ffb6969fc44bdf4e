"""The format from its first day: what an earlier version wrote is read as it was, and today's still writes the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.entry import Draft
from cockpit.incident.kinds import KINDS
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from tests.record.write_golden import GOLDEN, INCIDENT, LABEL, START, exported, state_data, write


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """The golden journal, copied, since opening one leaves files beside it."""
    shutil.copy(GOLDEN / "v1.db", tmp_path / "record.db")
    opened = Journal.open(tmp_path / "record.db", ManualClock(START))
    yield opened
    opened.close()


def test_every_entry_and_hash_is_read_as_it_was_written(journal: Journal) -> None:
    written = json.loads((GOLDEN / "v1.json").read_text())
    read = json.loads(exported(Timeline(journal.read(INCIDENT))))
    assert read["entries"] == written["entries"]
    assert read == written
    assert journal.labels() == {INCIDENT: LABEL}


def test_the_chains_are_sound(journal: Journal) -> None:
    verdict = verify(journal.read_all())
    assert verdict.problems == []
    assert (verdict.redacted, len(verdict.tails)) == (1, 2)
    assert verdict.entries == len(json.loads((GOLDEN / "v1.json").read_text())["entries"])


def test_the_state_is_the_one_that_it_told_then(journal: Journal) -> None:
    then = json.loads((GOLDEN / "v1-state.json").read_text())
    now = state_data(Timeline(journal.read(INCIDENT)).state)
    assert {name: now.get(name) for name in then} == then


def test_it_holds_every_kind_of_its_version(journal: Journal) -> None:
    held = {entry.kind for entry in journal.read(INCIDENT) if entry.schema == 1}
    assert {kind for kind, model in KINDS.items() if model.schema_version == 1} <= held


def test_the_old_record_goes_on(journal: Journal) -> None:
    entries = journal.read(INCIDENT)
    added = journal.append([Draft(INCIDENT, "note", {"text": "years later"}, START, "@carol")]).entries[0]
    assert added.recorded > max(entry.recorded for entry in entries)
    assert verify(journal.read_all()).sound


def test_today_still_writes_the_same(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    again = Journal.open(write(tmp_path / "again"), ManualClock(START))
    entries = again.read(INCIDENT)
    again.close()
    assert entries == journal.read(INCIDENT)
