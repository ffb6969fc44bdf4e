"""Bad input and failure at the record's door: a refusal in one line and nothing written, or an entry to the letter."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.entry import Draft
from cockpit.record.errors import JournalError
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from tests.record.redacting import SECRET, on_disk, redact
from tests.record.test_journal import INCIDENT, note
from tests.stories import START

TEXTS = {
    "nothing": "",
    "a megabyte": "word ‹ü› " * 100_000,
    "right to left": "التحويلات \u202eفشلت\u202c וגם זה",
    "wide": "決済が失敗 😀👩‍👩‍👧 ｆｕｌｌ",
    "controls": "\x1b]0;title\x07\x1b[31mred\x00\x7f\x9b\r\n\t",
    "line ends": "a\u2028b\u2029c\x85d",
    "markup": "[/red] <b> | `x` {{ y }} \\ \" ' $(z)",
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def journal(tmp_path: Path, clock: ManualClock) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "record.db", clock)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", TEXTS)
def test_any_text_is_kept_to_the_letter(journal: Journal, tmp_path: Path, name: str) -> None:
    """Also as a handle: whoever lets one in has cleaned it, and what is written is what is read."""
    text = TEXTS[name]
    entry = journal.append([Draft(INCIDENT, "note", {"text": text, text: 1}, START, f"@{text}", role=text)]).entries[0]
    again = Journal.open(tmp_path / "record.db", ManualClock(START), read_only=True)
    (read,) = again.read(INCIDENT)
    assert (read, read.payload["text"], read.actor) == (entry, text, f"@{text}")
    assert verify(again.read_all()).sound
    again.close()


HALF = "half of a pair: \ud83d"


@pytest.mark.parametrize(
    "draft",
    [
        note(HALF),
        Draft(INCIDENT, "note", {HALF: "x"}, START, "@alice"),
        Draft(INCIDENT, "note", {"text": "x"}, START, f"@{HALF}"),
        Draft(INCIDENT, "note", {"value": float("inf")}, START, "@alice"),
    ],
    ids=["text", "field", "handle", "infinity"],
)
def test_what_is_no_text_is_refused_with_all_that_came_with_it(journal: Journal, draft: Draft) -> None:
    with pytest.raises(JournalError, match="not recorded") as caught:
        journal.append([note("fine"), draft, note("fine too")])
    assert caught.value.kind == "invalid"
    assert "\n" not in str(caught.value)
    assert journal.read(INCIDENT) == []
    assert journal.append([note("after")]).entries[0].seq == 1


def test_a_clock_that_jumps_back_an_hour_and_forward_again(journal: Journal, clock: ManualClock) -> None:
    order = []
    for jump in (0, -3600, 5, 3600, 10):
        clock.set_back(-jump) if jump < 0 else clock.advance(jump)
        order += journal.append([note("a"), note("b")]).entries
    assert [entry.recorded for entry in order] == sorted({entry.recorded for entry in order})
    assert {entry.recorded.at for entry in order[:6]} == {START}
    assert order[-1].recorded.at == clock.now()
    assert verify(journal.read_all()).sound


def test_who_waits_too_long_for_the_lock_is_told_and_nothing_is_written(journal: Journal, tmp_path: Path) -> None:
    journal.append([note("before")])
    journal._connection.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(tmp_path / "record.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="another program holds the journal; try again") as caught:
            journal.append([note("in vain")])
        assert caught.value.kind == "locked"
        assert len(journal.read(INCIDENT)) == 1
        second = Journal.open(tmp_path / "record.db", ManualClock(START))
        assert len(second.read(INCIDENT)) == 1
        second.close()
        other.execute("ROLLBACK")
    assert journal.append([note("after")]).entries[0].seq == 2


def test_a_lock_that_comes_after_a_redaction_delays_no_more_than_its_bytes(journal: Journal, tmp_path: Path) -> None:
    """Held by a reader first and a writer later: opening and appending go on, and the words go in the end."""
    path = tmp_path / "record.db"
    secret = journal.append([note(SECRET)]).entries[0]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM entries").fetchone()
        redact(journal, secret)
        other.execute("COMMIT")
        other.execute("BEGIN IMMEDIATE")
        second = Journal.open(path, ManualClock(START))
        assert second.read(INCIDENT)[0].redacted
        second.close()
        other.execute("ROLLBACK")
    journal.append([note("after")])
    assert on_disk(tmp_path, SECRET) == []
    assert verify(journal.read_all()).sound


@pytest.mark.parametrize("read_only", [False, True], ids=["to write", "to read"])
def test_a_folder_in_its_place_is_named(tmp_path: Path, read_only: bool) -> None:
    (tmp_path / "record.db").mkdir()
    with pytest.raises(JournalError, match=r"record\.db: is a folder"):
        Journal.open(tmp_path / "record.db", ManualClock(START), read_only=read_only)


def test_a_file_where_its_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    with pytest.raises(JournalError, match="XDG_STATE_HOME"):
        Journal.open(tmp_path / "state" / "record.db", ManualClock(START))


@pytest.mark.parametrize("version", [0, 1])
def test_the_database_of_another_program_is_left_alone(tmp_path: Path, version: int) -> None:
    path = tmp_path / "record.db"
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE shopping (item)")
        other.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(JournalError, match="no cockpit journal"):
            Journal.open(path, ManualClock(START), read_only=read_only)
    assert path.read_bytes() == before


def test_a_log_that_is_cut_or_damaged_gives_what_is_before_that(tmp_path: Path) -> None:
    """As after a power cut on a disk that lies: a beginning of the record, whole batches, and it goes on."""
    path = tmp_path / "record.db"
    journal = Journal.open(path, ManualClock(START))
    written = [entry for n in range(12) for entry in journal.append([note(f"{n}"), note(f"{n} with")]).entries]
    file, log = path.read_bytes(), path.with_name("record.db-wal").read_bytes()
    journal.close()
    chance, lengths = random.Random(20260314), set()
    for _ in range(40):
        damaged = bytearray(log[: chance.randrange(len(log))] if chance.random() < 0.5 else log)
        if len(damaged) == len(log):
            damaged[chance.randrange(len(log))] ^= 1 << chance.randrange(8)
        lengths.add(_goes_on(path, file, bytes(damaged), written))
    assert len(lengths) > 5


def _goes_on(path: Path, file: bytes, log: bytes, written: list[object]) -> int:
    for left in path.parent.iterdir():
        left.unlink()
    path.write_bytes(file)
    path.with_name("record.db-wal").write_bytes(log)
    journal = Journal.open(path, ManualClock(START))
    read = journal.read(INCIDENT)
    assert read == written[: len(read)]
    assert len(read) % 2 == 0
    journal.append([note("and on")])
    assert verify(journal.read_all()).sound
    journal.close()
    return len(read)
