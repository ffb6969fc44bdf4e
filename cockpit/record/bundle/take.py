"""Taking a bundle into a journal: all of it or nothing, and nothing twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from msgspec import Struct, field

from cockpit.clock import Clock
from cockpit.record.adopt import Adopted, Refused, Sifted, ready, sift, take_in
from cockpit.record.bundle.check import check
from cockpit.record.bundle.format import LABEL, BundleError, Output
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.staging import Staged, staged
from cockpit.record.connect import connect_to_read
from cockpit.record.elsewhere import note_elsewhere
from cockpit.record.errors import JournalError, explain
from cockpit.record.journal import Journal
from cockpit.record.labels import give_label
from cockpit.record.outputs import redacted_runs
from cockpit.record.schema import VERSION, lay_out, layout
from cockpit.text import clean
from cockpit.values import replace


class Imported(Struct, frozen=True):
    """What came of it, or would. With anything in `refused`, nothing came in.

    Attributes:
        label: what the incident is called here; empty for one that was never declared.
        called: what the bundle calls it.
        added, present: how many entries are new, and how many were here, the same.
        outputs: whole outputs that are new beside the record.
        kept: runs whose output is here with other content, and was left as it is.
        refused: what does not fit this journal, one sentence each.
    """

    incident: str
    label: str
    called: str
    fingerprint: str
    added: int = 0
    present: int = 0
    outputs: int = 0
    kept: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def must_be_sound(bundle: Bundle) -> None:
    """Refuse a bundle that was changed; raises BundleError."""
    if problems := check(bundle).problems:
        raise BundleError(
            f"{clean(str(bundle.path))}: not imported, it is not as it was written: {clean(str(problems[0]))[:300]}"
            f"{f' and {len(problems) - 1} more' if len(problems) > 1 else ''}; `cockpit incident verify --bundle` "
            "lists it all"
        )


def import_bundle(bundle: Bundle, journal: Journal, clock: Clock) -> Imported:
    """Take `bundle` into `journal`, in one transaction: entries, label, and outputs beside it. Blocking.

    An entry that is here with other content, or another one in its place in the writer's chain, refuses the whole
    bundle. The incident keeps the label that it has here. Else it takes the bundle's, if nothing here is called so;
    else it gets this journal's next one. What the bundle calls it leads to it too where that is free. A label that was
    provisional where it comes from is never taken over, and where a shared record gives the labels none is.

    Raises:
        BundleError: it is not as it was written, or an output cannot be written. Nothing came in.
        JournalError: the journal cannot be written. Nothing came in.
    """
    if journal.read_only:
        raise JournalError("read-only", f"{journal.path}: opened read-only; start without --read-only to import")
    must_be_sound(bundle)
    now = clock.now()
    sifted = sift(bundle.entries, now, None)
    with staged(bundle, journal.path, partial(_has_run, journal)) as outputs, _explained(journal.path):
        attempt = _Attempt(bundle, sifted, now, journal.writer, journal.shared)
        try:
            with journal.taking_in(sifted) as connection:
                attempt.run(connection, outputs)
        except _NothingComesIn:
            outputs.take_back()
        except BaseException:  # cancelled too: an output without its entries would stay; raised again
            outputs.take_back()
            raise
        journal.tidy()
    return attempt.result(len(outputs.placed), outputs)


def rehearse(bundle: Bundle, journal: Path, clock: Clock, *, shared: bool = False) -> Imported:
    """What `import_bundle` would do, tried on a copy of the journal in memory: nothing is written anywhere.

    Raises:
        BundleError: it is not as it was written.
        JournalError: the journal cannot be read.
    """
    must_be_sound(bundle)
    now = clock.now()
    reader = Journal.open(journal, clock, read_only=True)
    writer = reader.writer
    reader.close()
    with _explained(journal), closing(connect_to_read(journal)) as there, closing(sqlite3.connect(":memory:")) as copy:
        there.backup(copy)
        if layout(copy) < VERSION:
            lay_out(copy, writer or "rehearsal")
        attempt = _Attempt(bundle, sift(bundle.entries, now, None), now, writer, shared)
        with suppress(_NothingComesIn), ready(copy, attempt.sifted):
            attempt.run(copy, None)
    outputs = Staged.planned(bundle, journal)
    return attempt.result(len(outputs.coming), outputs)


class _NothingComesIn(Exception):  # noqa: N818  # no error: it rolls the transaction back
    """Something does not fit."""


@contextmanager
def _explained(journal: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise explain(error, journal) from error


class _Attempt(Struct):
    """One import inside a transaction, and what came of it."""

    bundle: Bundle
    sifted: Sifted
    now: datetime
    writer: str
    shared: bool
    label: str = ""
    adopted: Adopted = field(default_factory=Adopted)
    forked: tuple[str, ...] = ()

    def run(self, connection: sqlite3.Connection, outputs: Staged | None) -> None:
        """Do it; raises _NothingComesIn when a part of it does not fit, and OSError."""
        self.forked = tuple(self._forks(connection))
        own = self._last(connection, self.writer)
        self._name(connection)
        self.adopted = take_in(connection, self.sifted, self.now, None)
        if self.forked or self.adopted.refused:
            raise _NothingComesIn
        tails = self.bundle.manifest.writers
        places = ((tail.writer, 1 + own * (tail.writer == self.writer), tail.last) for tail in tails)
        note_elsewhere(connection, (place for place in places if place[1] <= place[2]))
        if outputs is not None:
            outputs.place(self._erased(connection, outputs.coming))

    @property
    def _incident(self) -> str:
        return self.bundle.manifest.incident

    def result(self, placed: int, outputs: Staged) -> Imported:
        """What came of it."""
        said, refused = self.bundle.manifest, (*self.forked, *map(str, self.adopted.refused))
        nothing = Imported(said.incident, self.label, said.label, said.fingerprint, refused=refused)
        if refused:
            return nothing
        kept = tuple(each.run for each in outputs.kept)
        return replace(nothing, added=len(self.adopted.added), present=self.adopted.present, outputs=placed, kept=kept)

    def _forks(self, connection: sqlite3.Connection) -> Iterator[str]:
        """Entries here that are not those to which the bundle links."""
        query = "SELECT seq, id, hash FROM entries WHERE writer = ? AND seq BETWEEN ? AND ? ORDER BY seq"
        for tail in self.bundle.manifest.writers:
            for seq, id, hash in connection.execute(query, (tail.writer, tail.first, tail.last)):
                if self.bundle.links.get((tail.writer, seq), hash) != hash:
                    why = "the bundle was written after another entry in its place"
                    yield str(Refused(tail.writer, seq, id, why))

    def _last(self, connection: sqlite3.Connection, writer: str) -> int:
        query = "SELECT coalesce(max(seq), 0) FROM entries WHERE writer = ?"
        return int(connection.execute(query, (writer,)).fetchone()[0])

    def _name(self, connection: sqlite3.Connection) -> None:
        """Give the incident its label, before its entries would get it the next one."""
        declared = next((entry for entry in self.bundle.entries if entry.kind == "declared"), None)
        if declared is None:
            return
        label, incident = self.bundle.manifest.label, self._incident
        free = self._is_free(connection, label)
        if free and not self.shared:
            connection.execute("INSERT OR IGNORE INTO labels VALUES (?, ?)", (incident, label))
        give_label(connection, incident, declared.occurred.year, provisional=self.shared)
        self.label = connection.execute("SELECT label FROM labels WHERE incident = ?", (incident,)).fetchone()[0]
        if free and self.label != label:
            connection.execute("INSERT OR IGNORE INTO former_labels VALUES (?, ?)", (label, incident))

    def _is_free(self, connection: sqlite3.Connection, label: str) -> bool:
        """Whether it is a label that stays, and no other incident here is or was called so."""
        real = LABEL.fullmatch(label)
        query = "SELECT incident FROM labels WHERE label = ? UNION SELECT incident FROM former_labels WHERE label = ?"
        holders = {holder for (holder,) in connection.execute(query, (label, label))}
        return bool(real) and not (real and real[1]) and holders <= {self._incident}

    def _erased(self, connection: sqlite3.Connection, outputs: Iterable[Output]) -> frozenset[str]:
        """The runs of which something is erased here: their words do not come back beside the record."""
        query = "SELECT 1 FROM entries WHERE id = ? AND payload IS NULL"
        erased = (each.run for each in outputs if connection.execute(query, (each.entry,)).fetchone())
        return redacted_runs(connection).union(erased)


def _has_run(journal: Journal, run: str) -> bool:
    """Whether the journal has the result of that run."""
    told = "CASE WHEN json_valid(CAST(payload AS TEXT)) THEN json_extract(CAST(payload AS TEXT), '$.run') END"
    return bool(journal.select(f"SELECT 1 FROM entries WHERE kind = 'run-result' AND {told} = ?", (run,)))
