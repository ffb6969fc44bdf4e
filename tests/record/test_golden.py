"""The format from its first day: what an earlier version wrote is read as it was, and today's still writes the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.entry import Draft
from cockpit.incident.kinds import KINDS
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from cockpit.record.schema import VERSION
from cockpit.record.verify import verify
from tests.record.redacting import redact
from tests.record.write_golden import GOLDEN, INCIDENT, LABEL, START, exported, state_data, write

UNSAID = "erased, and no redaction says so"
"""Layout 1 had no redactions: its golden record was erased by hand."""


@pytest.fixture(params=[1, 2, VERSION], ids="layout {}".format)
def layout(request: pytest.FixtureRequest) -> int:
    """The layouts of which there is a golden record."""
    return int(request.param)


@pytest.fixture
def journal(tmp_path: Path, layout: int) -> Iterator[Journal]:
    """The golden journal, copied, since opening one leaves files beside it and brings it to today's layout."""
    shutil.copy(GOLDEN / f"v{layout}.db", tmp_path / "record.db")
    opened = Journal.open(tmp_path / "record.db", ManualClock(START))
    yield opened
    opened.close()


def problems(journal: Journal) -> list[str]:
    """What is wrong with the record, but for what always was."""
    return [problem.what for problem in verify(journal.read_all()).problems if problem.what != UNSAID]


def test_every_entry_and_hash_is_read_as_it_was_written(journal: Journal, layout: int) -> None:
    written = json.loads((GOLDEN / f"v{layout}.json").read_text())
    read = json.loads(exported(Timeline(journal.read(INCIDENT))))
    assert read["entries"] == written["entries"]
    assert as_far_as(written, read) == written
    assert journal.labels() == {INCIDENT: LABEL}


def test_the_chains_are_sound(journal: Journal, layout: int) -> None:
    verdict = verify(journal.read_all())
    assert [problem.what for problem in verdict.problems] == ([UNSAID] if layout == 1 else [])
    assert (verdict.redacted, len(verdict.tails)) == (1, 2)
    assert verdict.entries == len(json.loads((GOLDEN / f"v{layout}.json").read_text())["entries"])


def test_it_is_read_where_nothing_may_be_written(tmp_path: Path, layout: int) -> None:
    shutil.copy(GOLDEN / f"v{layout}.db", tmp_path / "record.db")
    before = (tmp_path / "record.db").read_bytes()
    reader = Journal.open(tmp_path / "record.db", ManualClock(START), read_only=True)
    assert len(reader.read(INCIDENT)) == len(json.loads((GOLDEN / f"v{layout}.json").read_text())["entries"])
    assert problems(reader) == []
    reader.close()
    assert (tmp_path / "record.db").read_bytes() == before


def test_the_state_is_the_one_that_it_told_then(journal: Journal, layout: int) -> None:
    then = json.loads((GOLDEN / f"v{layout}-state.json").read_text())
    now = state_data(Timeline(journal.read(INCIDENT)).state)
    assert as_far_as(then, now) == then


def as_far_as(then: Any, now: Any) -> Any:
    """`now` without the fields, at any depth, that `then` did not have: later versions tell more."""
    if isinstance(then, dict) and isinstance(now, dict):
        return {name: as_far_as(value, now.get(name)) for name, value in then.items()}
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [as_far_as(*pair) for pair in zip(then, now, strict=True)]
    return now


def test_the_old_record_goes_on(journal: Journal) -> None:
    entries = journal.read(INCIDENT)
    added = journal.append([Draft(INCIDENT, "note", {"text": "years later"}, START, "@carol")]).entries[0]
    assert added.recorded > max(entry.recorded for entry in entries)
    redact(journal, added)
    assert problems(journal) == []
    assert journal.read(INCIDENT)[-2].redacted


def test_todays_holds_every_kind_of_its_version() -> None:
    held = {entry["kind"] for entry in json.loads((GOLDEN / f"v{VERSION}.json").read_text())["entries"]}
    assert {kind for kind, model in KINDS.items() if model.schema_version == 1} <= held


@pytest.mark.parametrize("layout", [VERSION], ids="layout {}".format, indirect=True)
def test_today_still_writes_the_same(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    again = Journal.open(write(tmp_path / "again"), ManualClock(START))
    entries = again.read(INCIDENT)
    again.close()
    assert entries == journal.read(INCIDENT)
