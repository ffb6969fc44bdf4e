"""Whatever is done to a row, a pair of rows or a byte of the file: it is found, and where a row can be named, named."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cockpit.clock import ManualClock
from cockpit.incident.entry import Draft, Entry
from cockpit.record.errors import JournalError
from cockpit.record.journal import Journal
from cockpit.record.schema import COLUMNS
from cockpit.record.verify import Verdict, verify
from tests.record.redacting import redact
from tests.record.test_journal import INCIDENT, note
from tests.stories import START

NAMES = [name.strip() for name in COLUMNS.split(",")]
ROWS = 7


class Record:
    """A journal, alone in its file, and the entries in it. No dataclass: hypothesis would print all of it."""

    def __init__(self, file: bytes, entries: list[Entry]) -> None:
        self.file = file
        self.entries = entries


def written(path: Path) -> list[Entry]:
    """A record with a declaration, an amendment, a redaction and roles, alone in its file; gives its entries."""
    clock = ManualClock(START)
    journal = Journal.open(path, clock)
    journal.append([Draft(INCIDENT, "declared", {"name": "x"}, START, "@alice", role="ic")])
    first, second = journal.append([note("first"), note("second ‹ü›")]).entries
    clock.advance(60)
    journal.append([Draft(INCIDENT, "note", {"text": "better"}, START, "@bob", role="ops", supersedes=first.id)])
    redact(journal, second)
    journal.append([note("third"), note("fourth")])
    entries = journal.read(INCIDENT)
    journal.close()
    assert len(entries) == ROWS
    return entries


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Such a record."""
    path = tmp_path_factory.mktemp("record") / "record.db"
    entries = written(path)
    return Record(path.read_bytes(), entries)


def verified(file: bytes, tamper: Callable[[sqlite3.Connection], object]) -> Verdict:
    """What is found in a copy of the record after `tamper`, who knows how to get rid of triggers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.db"
        path.write_bytes(file)
        with closing(sqlite3.connect(path)) as connection, connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            tamper(connection)
        journal = Journal.open(path, ManualClock(START), read_only=True)
        verdict = verify(journal.read_all())
        journal.close()
        return verdict


def changed(value: Any, where: int, bit: int) -> Any:
    """`value` with one bit of it flipped; what was empty is filled."""
    if isinstance(value, int):
        return value ^ (1 << bit)
    raw = bytearray(value.encode() if isinstance(value, str) else value or b"x")
    raw[where % len(raw)] ^= 1 << bit
    return bytes(raw)


@settings(max_examples=300, deadline=None)
@given(seq=st.integers(1, ROWS), column=st.sampled_from(NAMES), where=st.integers(0, 200), bit=st.integers(0, 7))
def test_one_bit_of_any_field(record: Record, seq: int, column: str, where: int, bit: int) -> None:
    file, entries = record.file, record.entries
    blob = column in ("payload", "salt", "digest", "previous", "hash")

    def flip(connection: sqlite3.Connection) -> None:
        before = connection.execute(f"SELECT {column} FROM entries WHERE seq = ?", (seq,)).fetchone()[0]
        assume(before is not None or not blob)
        after = changed(before, where, bit)
        cast = "?" if blob or isinstance(after, int) else "CAST(? AS TEXT)"
        try:
            connection.execute(f"UPDATE entries SET {column} = {cast} WHERE seq = ?", (after, seq))
        except sqlite3.IntegrityError:
            assume(False)

    verdict = verified(file, flip)
    named = {f"seq {seq})", entries[seq - 1].id}
    assert any(name in str(problem) for problem in verdict.problems for name in named), verdict


@settings(deadline=None)
@given(one=st.integers(1, ROWS), other=st.integers(1, ROWS), column=st.sampled_from(NAMES))
def test_two_rows_that_change_places(record: Record, one: int, other: int, column: str) -> None:
    """Of each field by itself, and with `seq` of the two entries as they are."""
    file, entries = record.file, record.entries

    def swap(connection: sqlite3.Connection) -> None:
        query = f"SELECT position, {column} FROM entries WHERE seq = ?"
        (here, mine), (there, theirs) = (connection.execute(query, (n,)).fetchone() for n in (one, other))
        assume(mine != theirs and not (column in ("payload", "salt") and None in (mine, theirs)))
        connection.execute(f"UPDATE entries SET {column} = ? WHERE position = ?", (_aside(mine), here))
        connection.execute(f"UPDATE entries SET {column} = ? WHERE position = ?", (mine, there))
        connection.execute(f"UPDATE entries SET {column} = ? WHERE position = ?", (theirs, here))

    problems = [str(problem) for problem in verified(file, swap).problems]
    ids = (entries[one - 1].id, entries[other - 1].id)
    assert any(id in text for text in problems for id in ids), problems


def _aside(value: Any) -> Any:
    """Something that no row has, of the same type, to stand there while two change places."""
    if isinstance(value, int):
        return value + 100
    return b"aside" if isinstance(value, bytes) else "aside"


@settings(deadline=None)
@given(seq=st.integers(1, ROWS))
def test_a_row_that_is_gone(record: Record, seq: int) -> None:
    """The last one too, but that is seen only beside the last hash that an export stated."""
    file, entries = record.file, record.entries
    verdict = verified(file, lambda connection: connection.execute("DELETE FROM entries WHERE seq = ?", (seq,)))
    tail = (ROWS, entries[-1].hash.hex())
    if seq < ROWS:
        assert any(entries[seq].id in str(problem) and "1 missing" in problem.what for problem in verdict.problems)
    else:
        assert verdict.problems == []
        assert list(verdict.tails.values()) != [tail]


def taken_up(path: Path) -> tuple[list[Entry], Verdict]:
    """Open a damaged file as a cockpit does: read, verify, go on writing; raises JournalError."""
    journal = Journal.open(path, ManualClock(START))
    try:
        read, verdict = journal.read(INCIDENT), verify(journal.read_all())
        journal.append([note("and on")])
    finally:
        journal.close()
    return read, verdict


def outcome(path: Path, file: bytes, entries: list[Entry]) -> str:
    """What comes of a damaged file: a refusal in one line, a finding, or nothing, because nothing is lost."""
    for left in path.parent.iterdir():
        left.unlink()
    path.write_bytes(file)
    refused: JournalError | None = None
    try:
        read, verdict = taken_up(path)
    except JournalError as error:
        refused = error
    if refused is not None:
        assert str(refused).startswith(str(path))
        assert "\n" not in str(refused)
        return refused.kind
    assert read == entries or not verdict.sound
    assert not [problem for problem in verdict.problems if "\n" in str(problem)]
    return "unharmed" if verdict.sound else "found"


def outcomes(folder: Path, entries: list[Entry], files: list[bytes]) -> set[str]:
    """What comes of each of these files."""
    return {outcome(folder / "record.db", file, entries) for file in files}


def test_a_bit_anywhere_in_the_file(tmp_path: Path, record: Record) -> None:
    file, entries = record.file, record.entries
    chance = random.Random(20260314)
    files = []
    for place in [*range(16, 100, 5), *(chance.randrange(len(file)) for _ in range(150))]:
        damaged = bytearray(file)
        damaged[place] ^= 1 << chance.randrange(8)
        files.append(bytes(damaged))
    assert {"corrupt", "found", "unharmed"} <= outcomes(tmp_path, entries, files)


def test_a_page_that_reads_as_nothing(tmp_path: Path, record: Record) -> None:
    file, entries = record.file, record.entries
    files = [file[:n] + bytes(4096) + file[n + 4096 :] for n in range(0, len(file), 4096)]
    assert "unharmed" not in outcomes(tmp_path, entries, files)


def test_a_file_cut_at_any_length(tmp_path: Path, record: Record) -> None:
    """But for a file of no bytes, which is a journal that begins."""
    file, entries = record.file, record.entries
    chance = random.Random(20260314)
    lengths = [1, 99, 100, 511, 512, *range(4096, len(file), 4096), *(chance.randrange(len(file)) for _ in range(20))]
    assert outcomes(tmp_path, entries, [file[:length] for length in lengths]) <= {"corrupt", "found"}
