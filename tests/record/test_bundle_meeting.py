"""A bundle meets a record that has something to say about it: another history, another incident of the same label."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.entry import Tail, seal
from cockpit.incident.ids import new_id
from cockpit.record.bundle.write import write_bundle
from cockpit.record.errors import JournalError
from cockpit.record.journal import Journal
from tests.record.bundles import OTHER, drafted, moved, opened, said, taken, two_incidents
from tests.stories import INCIDENT, START


class TestWhatDoesNotFit:
    """A file that says otherwise than the record here is refused as a whole, and the entry named."""

    def test_a_journal_that_was_copied_and_went_on_twice(self, there: Journal, file: Path, tmp_path: Path) -> None:
        two_incidents(there)
        (tmp_path / "copy").mkdir()
        with closing(sqlite3.connect(tmp_path / "copy" / "record.db")) as target:
            there._connection.backup(target)
        copy = opened(tmp_path / "copy" / "record.db")
        copy.append([said("one thing")])
        (ours,) = there.append([said("another thing")]).entries
        before = there.read(INCIDENT)
        came = moved(copy, file, there)
        assert (came.added, len(came.refused)) == (0, 1)
        assert f"seq {ours.seq}" in came.refused[0]
        assert "went on twice" in came.refused[0]
        assert there.read(INCIDENT) == before
        copy.close()

    def test_an_entry_of_another_incident_that_is_not_the_one_it_links_to(
        self, there: Journal, here: Journal, file: Path
    ) -> None:
        """Between two more that are nowhere but there: only the link can tell."""
        there.append([said("before"), *(said(str(n), OTHER) for n in range(3)), said("after")])
        tail = Tail(there.writer, 2, bytes(32))
        stranger, _ = seal(said("another history", OTHER), tail, id=new_id(), now=START)
        here.adopt([stranger])
        came = moved(there, file, here)
        assert came.added == 0
        assert came.refused == (
            f"entry {stranger.id} (writer {there.writer}, seq 3): the bundle was written after another entry in its"
            " place",
        )
        assert here.read(INCIDENT) == []

    def test_a_journal_that_was_opened_to_read(self, there: Journal, here: Journal, file: Path) -> None:
        two_incidents(there)
        write_bundle(there, INCIDENT, file)
        reader = Journal.open(here.path, ManualClock(START), read_only=True)
        with pytest.raises(JournalError, match="read-only"):
            taken(file, reader)
        reader.close()


class TestLabels:
    """What people call the incident here, by a stated rule."""

    def declared(self, journal: Journal, incident: str) -> str:
        journal.append([drafted(kinds.Declared(name="x"), incident)])
        return journal.labels()[incident]

    def test_a_label_that_is_taken_here_stays_with_whom_it_is(self, there: Journal, here: Journal, file: Path) -> None:
        assert self.declared(here, OTHER) == self.declared(there, INCIDENT) == "INC-2026-001"
        came = moved(there, file, here)
        assert (came.label, came.called) == ("INC-2026-002", "INC-2026-001")
        assert here.labels() == {OTHER: "INC-2026-001", INCIDENT: "INC-2026-002"}
        assert here.former_labels() == {}

    def test_one_that_has_a_label_here_keeps_it_and_the_files_leads_to_it(
        self, there: Journal, here: Journal, file: Path
    ) -> None:
        self.declared(there, OTHER)
        self.declared(there, INCIDENT)
        self.declared(here, INCIDENT)
        came = moved(there, file, here)
        assert (came.label, came.called) == ("INC-2026-001", "INC-2026-002")
        assert here.former_labels() == {"INC-2026-002": INCIDENT}

    def test_one_that_led_to_another_incident_here_is_not_free(self, there: Journal, here: Journal, file: Path) -> None:
        self.declared(there, INCIDENT)
        with here.transaction() as connection:
            connection.execute("INSERT INTO former_labels VALUES ('INC-2026-001', ?)", (OTHER,))
        assert moved(there, file, here).label == "INC-2026-002"
        assert here.former_labels() == {"INC-2026-001": OTHER}

    def test_a_provisional_one_is_not_taken_over(self, there: Journal, here: Journal, file: Path) -> None:
        there.shared = True
        assert self.declared(there, INCIDENT) == "INC-2026-L01"
        assert moved(there, file, here).label == "INC-2026-001"
        assert here.former_labels() == {}

    def test_where_a_shared_record_gives_labels_it_is_provisional(
        self, there: Journal, here: Journal, file: Path
    ) -> None:
        here.shared = True
        self.declared(there, INCIDENT)
        assert moved(there, file, here).label == "INC-2026-L01"
        assert here.former_labels() == {"INC-2026-001": INCIDENT}

    def test_what_was_never_declared_has_none(self, there: Journal, here: Journal, file: Path) -> None:
        there.append([said("before anything was declared")])
        assert (moved(there, file, here).label, here.labels()) == ("", {})
