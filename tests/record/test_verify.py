"""Verification names what was done to a record: a change, a gap, a reordering; and lets a redaction stand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from cockpit.record.verify import Verdict, verify
from tests.record.test_journal import note


def tampered(path: Path, *statements: str) -> Verdict:
    journal = Journal.open(path, SystemClock())
    journal.append([note(str(n)) for n in range(5)])
    journal.close()
    with closing(sqlite3.connect(path)) as other, other:
        for (trigger,) in other.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            other.execute(statement)
    return verify(Journal.open(path, SystemClock()).read_all())


CASES: dict[str, tuple[tuple[str, ...], int, str]] = {
    "payload": (("UPDATE entries SET payload = x'7b7d' WHERE seq = 3",), 3, "payload or salt was changed"),
    "salt": (("UPDATE entries SET salt = zeroblob(16) WHERE seq = 3",), 3, "payload or salt was changed"),
    "actor": (("UPDATE entries SET actor = '@eve' WHERE seq = 2",), 2, "envelope was changed"),
    "time": (("UPDATE entries SET occurred = '2020-01-01T00:00:00.000000Z' WHERE seq = 2",), 2, "envelope was changed"),
    "gap": (("DELETE FROM entries WHERE seq = 3",), 4, "1 missing"),
    "swap": (
        ("UPDATE entries SET seq = 90 WHERE seq = 2", "UPDATE entries SET seq = 2 WHERE seq = 3",
         "UPDATE entries SET seq = 3 WHERE seq = 90"),
        2,
        "does not continue",
    ),
    "hash": (("UPDATE entries SET hash = zeroblob(32) WHERE seq = 5",), 5, "envelope was changed"),
    "erased by nobody": (("UPDATE entries SET payload = NULL, salt = NULL WHERE seq = 4",), 4, "no redaction says so"),
    "unreadable": (("UPDATE entries SET recorded = 'soon' WHERE seq = 5",), 0, "is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_was_done_is_found_and_the_entry_named(tmp_path: Path, case: str) -> None:
    statements, seq, words = CASES[case]
    verdict = tampered(tmp_path / "record.db", *statements)
    assert not verdict.sound
    assert any(problem.seq == seq and words in str(problem) for problem in verdict.problems), verdict.problems
