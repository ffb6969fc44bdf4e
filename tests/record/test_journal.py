"""The journal through its own door and through SQLite's: durable, shared, and closed to changes."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.record.errors import Behind, JournalError
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from tests.stories import INCIDENT, START


def note(text: str, incident: str = INCIDENT) -> Draft:
    return Draft(incident, "note", {"text": text}, START, "@alice")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "record.db"


def test_what_was_appended_is_read_back_the_same(path: Path) -> None:
    journal = Journal.open(path, SystemClock())
    written = journal.append([note("one"), note("two ‹ü›")])
    journal.close()
    again = Journal.open(path, SystemClock())
    assert tuple(again.read(INCIDENT)) == written.entries
    assert verify(again.read_all()).sound
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_batch_is_written_whole_or_not_at_all(path: Path) -> None:
    journal = Journal.open(path, SystemClock())
    with pytest.raises(JournalError, match="JSON"):
        journal.append([note("fine"), Draft(INCIDENT, "note", {"text": float("nan")}, START, "@a")])
    assert journal.read(INCIDENT) == []
    assert journal.append([note("after")]).entries[0].seq == 1


def test_who_is_behind_writes_nothing(path: Path) -> None:
    ours, theirs = Journal.open(path, SystemClock()), Journal.open(path, SystemClock())
    seen = ours.append([note("ours")]).position
    theirs.append([note("theirs")])
    with pytest.raises(Behind):
        ours.append([note("blind")], since=seen)
    theirs.append([note("elsewhere", new_id())])
    fresh = ours.position()
    theirs.append([note("elsewhere", new_id())])
    ours.append([note("another incident does not matter")], since=fresh)
    assert [entry.payload["text"] for entry in ours.read(INCIDENT)][:2] == ["ours", "theirs"]


def test_labels_count_up_in_the_year(path: Path) -> None:
    journal = Journal.open(path, SystemClock())
    incidents = [new_id() for _ in range(3)]
    for incident in incidents:
        journal.append([Draft(incident, "declared", kinds.Declared(name="x").fields(), START, "@a")])
    assert [journal.labels()[incident] for incident in incidents] == ["INC-2026-001", "INC-2026-002", "INC-2026-003"]


def _append_many(path: Path, count: int) -> None:
    journal = Journal.open(path, SystemClock())
    for n in range(count):
        journal.append([note(f"{os.getpid()} {n}")])


def test_processes_that_start_at_once_share_one_chain(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_append_many, args=(path, 25)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    journal = Journal.open(path, SystemClock())
    entries = journal.read(INCIDENT)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert [entry.seq for entry in entries] == list(range(1, 101))
    assert verify(journal.read_all()).sound


@pytest.mark.parametrize(
    "statement", ["DELETE FROM entries", "UPDATE entries SET actor = '@eve'", "UPDATE entries SET payload = x'00'"]
)
def test_sql_can_neither_delete_nor_change(path: Path, statement: str) -> None:
    journal = Journal.open(path, SystemClock())
    journal.append([note("one")])
    with sqlite3.connect(path) as other, pytest.raises(sqlite3.IntegrityError, match="never"):
        other.execute(statement)
    other.close()


def test_read_only_reads_and_cannot_write(path: Path) -> None:
    journal = Journal.open(path, SystemClock())
    journal.append([note("one")])
    reader = Journal.open(path, SystemClock(), read_only=True)
    assert len(reader.read(INCIDENT)) == 1
    with pytest.raises(JournalError, match="read-only"):
        reader.append([note("two")])
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("INSERT INTO labels VALUES ('a', 'b')")


def test_read_only_of_nothing_is_empty_and_makes_nothing(path: Path) -> None:
    assert Journal.open(path, SystemClock(), read_only=True).read(INCIDENT) == []
    assert not path.exists()


def test_a_newer_journal_is_refused_and_left_alone(path: Path) -> None:
    Journal.open(path, SystemClock()).close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(JournalError, match="newer cockpit"):
        Journal.open(path, SystemClock())


def test_what_is_no_journal_is_refused_with_a_way_out(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database, it is a shopping list" * 100)
    with pytest.raises(JournalError, match="damaged") as caught:
        Journal.open(path, SystemClock())
    assert caught.value.kind == "corrupt"


def test_a_full_disk_refuses_and_keeps_what_was_there(path: Path) -> None:
    journal = Journal.open(path, SystemClock())
    journal.append([note("kept")])
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="disk is full") as caught:
        journal.append([note("x" * 100_000)])
    assert caught.value.kind == "full"
    journal._connection.execute("PRAGMA max_page_count = 1000000")
    assert [entry.payload["text"] for entry in journal.read(INCIDENT)] == ["kept"]
    journal.append([note("goes on")])
    assert verify(journal.read_all()).sound
