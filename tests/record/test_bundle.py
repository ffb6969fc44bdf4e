"""A bundle brings one incident elsewhere: all of it, to the byte, nothing of others, and never twice."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.record.bundle.format import BundleError
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.take import rehearse
from cockpit.record.bundle.write import write_bundle
from cockpit.record.journal import Journal
from tests.record.bundles import (
    OTHER,
    RUN,
    WHOLE,
    beside,
    checked,
    drafted,
    in_order,
    moved,
    parts_of,
    said,
    spooled,
    taken,
    two_incidents,
    verified,
)  # fmt: skip
from tests.record.redacting import redact
from tests.record.write_golden import GOLDEN
from tests.stories import INCIDENT, START


def test_an_incident_arrives_as_it_was(there: Journal, here: Journal, file: Path) -> None:
    entries = two_incidents(there)
    came = moved(there, file, here)
    assert (came.added, came.present, came.outputs, came.refused) == (len(entries), 0, 1, ())
    assert in_order(here.read(INCIDENT)) == in_order(entries)
    assert beside(here).read_bytes() == WHOLE
    assert stat.S_IMODE(beside(here).stat().st_mode) == 0o600
    assert [path.name for path in beside(here).parent.iterdir()] == [beside(here).name]
    assert here.labels() == {INCIDENT: "INC-2026-001"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_verifies_without_the_journal_and_so_does_the_record_that_took_it_in(
    there: Journal, here: Journal, file: Path
) -> None:
    entries = two_incidents(there)
    moved(there, file, here)
    for verdict in (checked(file), verified(here)):
        assert verdict.problems == []
        assert (verdict.entries, verdict.elsewhere) == (len(entries), {there.writer: 3})
        assert verdict.tails == {there.writer: (entries[-1].seq, entries[-1].hash.hex())}


def test_of_other_incidents_it_has_hashes_alone(there: Journal, file: Path) -> None:
    two_incidents(there)
    write_bundle(there, INCIDENT, file)
    parts = parts_of(file)
    assert not any(b"nobody else" in part or OTHER.encode() in part for part in parts.values())
    links = [json.loads(line) for line in parts["links.jsonl"].splitlines()]
    assert [(each["seq"], each["hash"]) for each in links] == [
        (entry.seq, entry.hash.hex()) for entry in there.read(OTHER)
    ]


def test_the_same_journal_gives_the_same_bytes(there: Journal, file: Path, tmp_path: Path) -> None:
    two_incidents(there)
    write_bundle(there, INCIDENT, file)
    there.append([said("elsewhere", OTHER)])
    write_bundle(there, INCIDENT, tmp_path / "again.bundle")
    assert file.read_bytes() == (tmp_path / "again.bundle").read_bytes()


def test_the_fingerprint_is_the_same_in_every_copy_and_redacted_or_not(
    there: Journal, here: Journal, file: Path, tmp_path: Path
) -> None:
    entries = two_incidents(there)
    first = moved(there, file, here).fingerprint
    assert write_bundle(here, INCIDENT, tmp_path / "back.bundle").manifest.fingerprint == first
    (redaction,) = redact(there, entries[1])
    assert write_bundle(there, INCIDENT, file).manifest.fingerprint != first
    redact_by_adoption = here.adopt([redaction])
    assert redact_by_adoption.added
    ours, theirs = (write_bundle(journal, INCIDENT, file).manifest.fingerprint for journal in (here, there))
    assert ours == theirs


def test_what_came_once_comes_no_second_time(there: Journal, here: Journal, file: Path) -> None:
    entries = two_incidents(there)
    moved(there, file, here)
    came = taken(file, here)
    assert (came.added, came.present, came.outputs, came.kept) == (0, len(entries), 0, ())
    there.append([said("one more")])
    came = moved(there, file, here)
    assert (came.added, came.present) == (1, len(entries))
    assert verified(here).problems == []


def test_an_older_bundle_takes_nothing_back(there: Journal, here: Journal, file: Path, tmp_path: Path) -> None:
    entries = two_incidents(there)
    write_bundle(there, INCIDENT, file)
    redact(there, entries[1])
    moved(there, tmp_path / "newer.bundle", here)
    before = here.read(INCIDENT)
    assert taken(file, here).added == 0
    assert here.read(INCIDENT) == before
    assert any(entry.redacted for entry in before)


def test_it_goes_on_in_both_places_and_comes_together_again(there: Journal, here: Journal, file: Path) -> None:
    two_incidents(there)
    moved(there, file, here)
    there.append([said("there it went on")])
    here.append([said("and here it did")])
    moved(here, file, there)
    moved(there, file, here)
    assert in_order(there.read(INCIDENT)) == in_order(here.read(INCIDENT))
    assert verified(here).problems == verified(there).problems == []


def test_two_incidents_of_one_writer_make_its_chain_whole(there: Journal, here: Journal, file: Path) -> None:
    two_incidents(there)
    moved(there, file, here, OTHER)
    assert verified(here).elsewhere == {there.writer: 4}
    moved(there, file, here)
    verdict = verified(here)
    assert (verdict.problems, verdict.elsewhere, verdict.entries) == ([], {}, len(list(there.read_all())))


def test_an_entry_that_is_taken_away_after_the_import_is_missed(there: Journal, here: Journal, file: Path) -> None:
    entries = two_incidents(there)
    moved(there, file, here)
    with closing(sqlite3.connect(here.path)) as other, other:
        for (trigger,) in other.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {trigger}")
        other.execute("DELETE FROM entries WHERE id = ?", (entries[2].id,))
    assert [problem.seq for problem in verified(here).problems] == [entries[3].seq]


class TestRedactions:
    """What was redacted stays so, wherever the file goes."""

    def test_what_was_erased_is_in_no_part(self, there: Journal, here: Journal, file: Path) -> None:
        entries = two_incidents(there)
        redact(there, next(entry for entry in entries if entry.payload.get("text") == "the pool is exhausted"))
        moved(there, file, here)
        assert not any(b"exhausted" in part for part in parts_of(file).values())
        assert [entry.redacted for entry in here.read(INCIDENT)] == [entry.redacted for entry in there.read(INCIDENT)]
        assert verified(here).redacted == 1

    def test_the_output_of_a_redacted_result_does_not_travel(self, there: Journal, here: Journal, file: Path) -> None:
        entries = two_incidents(there)
        redact(there, next(entry for entry in entries if entry.kind == "run-result"))
        came = moved(there, file, here)
        assert came.outputs == 0
        assert not [name for name in parts_of(file) if name.startswith("output/")]

    def test_nor_does_it_arrive_where_the_result_is_redacted(self, there: Journal, here: Journal, file: Path) -> None:
        entries = two_incidents(there)
        write_bundle(there, INCIDENT, file)
        here.adopt(redact(there, next(entry for entry in entries if entry.kind == "run-result")))
        assert taken(file, here).outputs == 0
        assert not beside(here).exists()

    def test_a_redaction_that_arrives_erases_what_was_here(self, there: Journal, here: Journal, file: Path) -> None:
        entries = two_incidents(there)
        moved(there, file, here)
        redact(there, entries[1])
        moved(there, file, here)
        assert [entry.id for entry in here.read(INCIDENT) if entry.redacted] == [entries[1].id]
        assert not here.unscrubbed


class TestOutputs:
    """Whole outputs travel where the record can vouch for them."""

    @pytest.mark.parametrize(
        ("spoil", "why"),
        [
            (lambda path: path.unlink(), "No such file"),
            (lambda path: path.write_bytes(WHOLE[:-1]), "not what the record says"),
            (lambda path: (path.unlink(), path.symlink_to("/etc/hostname")), "beside the record"),
            (lambda path: (path.unlink(), path.mkdir()), "plain file"),
        ],
    )
    def test_what_is_not_the_output_is_left_out_and_that_is_said(
        self, there: Journal, here: Journal, file: Path, spoil: object, why: str
    ) -> None:
        two_incidents(there)
        assert callable(spoil)
        spoil(beside(there))
        written = write_bundle(there, INCIDENT, file)
        (left,) = written.manifest.left_out
        assert (left.run, written.outputs) == (RUN, 0)
        assert why in left.why
        came = taken(file, here)
        assert (came.outputs, came.refused) == (0, ())

    def test_a_file_that_is_here_with_other_content_stays(self, there: Journal, here: Journal, file: Path) -> None:
        two_incidents(there)
        beside(here).parent.mkdir()
        beside(here).write_bytes(b"something else")
        came = moved(there, file, here)
        assert (came.outputs, came.kept) == (0, (RUN,))
        assert beside(here).read_bytes() == b"something else"

    def test_a_run_whose_id_is_no_name_of_a_file_is_left_out(self, there: Journal, file: Path) -> None:
        spooled(there)
        there.append([drafted(kinds.RunResult(run="../../escape", outcome="failed", bytes=9, sha256="ab" * 32))])
        written = write_bundle(there, INCIDENT, file)
        assert [(left.run, left.why) for left in written.manifest.left_out] == [
            ("../../escape", "its id is no name of a file")
        ]
        assert written.outputs == 1

    def test_what_a_killed_import_left_is_swept_away(self, there: Journal, here: Journal, file: Path) -> None:
        two_incidents(there)
        moved(there, file, here)
        folder = beside(here).parent
        left = folder / "importing-0123456789abcdef"
        left.mkdir()
        for name in (RUN, "orphan"):
            (left / f"{name}.log").write_bytes(b"x")
        (folder / "orphan.log").hardlink_to(left / "orphan.log")
        beside(here).unlink()
        beside(here).hardlink_to(left / f"{RUN}.log")
        taken(file, here)
        assert sorted(path.name for path in folder.iterdir()) == [f"{RUN}.log"]


class TestRehearsal:
    """A dry run says what an import would do, and leaves no trace."""

    def test_it_says_the_same_and_writes_nothing(self, there: Journal, here: Journal, file: Path) -> None:
        two_incidents(there)
        write_bundle(there, INCIDENT, file)
        here.append([drafted(kinds.Declared(name="x"), OTHER)])
        before = {path: path.read_bytes() for path in here.path.parent.rglob("*") if path.is_file()}
        with Bundle.open(file) as bundle:
            told = rehearse(bundle, here.path, ManualClock(START))
        assert {path: path.read_bytes() for path in here.path.parent.rglob("*") if path.is_file()} == before
        assert told == taken(file, here)
        assert told.label == "INC-2026-002"

    def test_where_there_is_no_journal_it_makes_none(self, there: Journal, file: Path, tmp_path: Path) -> None:
        two_incidents(there)
        write_bundle(there, INCIDENT, file)
        with Bundle.open(file) as bundle:
            told = rehearse(bundle, tmp_path / "nowhere" / "record.db", ManualClock(START))
        assert (told.added, told.outputs) == (5, 1)
        assert not (tmp_path / "nowhere").exists()

    def test_an_old_journal_stays_as_old_as_it_is(self, there: Journal, file: Path, tmp_path: Path) -> None:
        two_incidents(there)
        write_bundle(there, INCIDENT, file)
        shutil.copy(GOLDEN / "v1.db", tmp_path / "old.db")
        before = (tmp_path / "old.db").read_bytes()
        with Bundle.open(file) as bundle:
            assert rehearse(bundle, tmp_path / "old.db", ManualClock(START)).refused == ()
        assert (tmp_path / "old.db").read_bytes() == before


def test_what_is_not_there_is_not_written(there: Journal, file: Path) -> None:
    with pytest.raises(BundleError, match="no incident"):
        write_bundle(there, OTHER, file)
    assert not file.exists()


def test_a_bundle_that_cannot_be_written_leaves_nothing_behind(there: Journal, tmp_path: Path) -> None:
    two_incidents(there)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "in.bundle").mkdir()
    with pytest.raises(BundleError, match="not written"):
        write_bundle(there, INCIDENT, folder / "in.bundle")
    assert [path.name for path in folder.iterdir()] == ["in.bundle"]
