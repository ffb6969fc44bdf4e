"""The journal: one SQLite file that acknowledges entries only when they are durable."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.incident.entry import EARLIEST, GENESIS, Draft, Entry, Recorded, Tail, new_salt, seal
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Redaction
from cockpit.record.adopt import Adopted, Origin, Sifted, ready, sift, take_in
from cockpit.record.connect import connect, connect_to_read, settle, sync_folder
from cockpit.record.contents import Contents
from cockpit.record.drafts import Drafts
from cockpit.record.errors import Behind, JournalError, explain
from cockpit.record.labels import give_label
from cockpit.record.outputs import OF_RUNS, beside, erase_outputs
from cockpit.record.rows import entry_of, row_of
from cockpit.record.schema import COLUMNS, TABLES, VERSION, lay_out, tables
from cockpit.record.scrub import scrub


class Mint(Struct, frozen=True):
    """Where a journal's identities and salts come from; golden files are written with ones that count."""

    id: Callable[[], str] = new_id
    salt: Callable[[], bytes] = new_salt


_MINT = Mint()


class Appended(Struct, frozen=True):
    """What an append wrote, and where the journal stands after it."""

    entries: tuple[Entry, ...]
    position: int


class Journal(Contents):
    """The local record. Several processes may hold the same file; each append is one transaction.

    Made by `open`. Entries keep the order in which they were appended (`position`), which is how a reader catches up.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, clock: Clock, *, read_only: bool, mint: Mint
    ) -> None:
        super().__init__(connection, path)
        self.clock = clock
        self._mint = mint
        self.read_only = read_only
        self._observing = False
        self.shared = False
        """Whether a shared record gives the labels: those given here are then provisional."""

    @classmethod
    def open(cls, path: Path, clock: Clock, *, read_only: bool = False, mint: Mint = _MINT) -> Self:
        """Open the journal at `path`, made if it is not there; `read_only` opens it so that it cannot write.

        Raises:
            JournalError: it cannot be opened, is damaged, is no journal, or is of a newer version.
        """
        connection = None
        try:
            connection = connect_to_read(path) if read_only else connect(path)
            journal = cls(connection, path, clock, read_only=read_only, mint=mint)
            journal._prepare()
        except (sqlite3.Error, OSError, UnicodeDecodeError, JournalError) as error:
            if connection is not None:
                connection.close()
            raise error if isinstance(error, JournalError) else explain(error, path) from error
        return journal

    @classmethod
    def observe(cls, path: Path, clock: Clock) -> Self:
        """A copy in memory of the journal at `path`: nothing is appended to it, and what is adopted stays there.

        Raises:
            JournalError: the journal is there and cannot be read.
        """
        source = cls.open(path, clock, read_only=True)
        try:
            copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            source._connection.backup(copy)
            journal = cls(copy, path, clock, read_only=True, mint=Mint())
            journal._observing = True
            lay_out(copy, new_id())
        except sqlite3.Error as error:
            raise explain(error, path) from error
        finally:
            source.close()
        return journal

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _prepare(self) -> None:
        """Lay out a new journal, bring on an old one, refuse what is none; and finish what a redaction left to do.

        Safe when several processes start at once: the names are read first, and come with the layout's number.
        """
        names, version = tables(self._connection), self._layout()
        if version > VERSION:
            text = f"{self.path}: written by a newer cockpit (layout {version}, this one knows {VERSION}); use that one"
            raise JournalError("newer", text)
        if names and not (version and names >= TABLES):
            text = f"{self.path}: this is no cockpit journal, or a damaged one; set it aside, or set XDG_STATE_HOME"
            raise JournalError("corrupt", text)
        if self.read_only:
            return
        settle(self._connection)
        if version < VERSION:
            with self.transaction():
                if self._layout() < VERSION:
                    lay_out(self._connection, self._mint.id())
            sync_folder(self.path.parent)
        self.tidy(outputs=True)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock; commit, durably, on leaving; roll back on any error."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:  # cancelled too: a half-made transaction would hold the lock; raised again
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def taking_in(self, sifted: Sifted) -> Iterator[sqlite3.Connection]:
        """As `transaction`, with `sifted` made ready before the lock is held."""
        with ready(self._connection, sifted), self.transaction() as connection:
            yield connection

    def append(self, drafts: Sequence[Draft], *, since: int | None = None) -> Appended:
        """Write `drafts` as entries, all or none, and give them when they are durable.

        A redaction among them erases the entry that it names, of the same incident, in the same transaction; then its
        bytes are taken off the disk, at once or as soon as no other program reads (see `scrub`).

        Args:
            drafts: in the order in which they shall be chained.
            since: the position up to which the caller has read; when another process has written to one of the
                drafts' incidents after it, nothing is written. What begins a new incident was decided on the whole
                journal: then any entry after it counts.

        Raises:
            Behind: there is something newer than `since`.
            JournalError: it could not be written, or is no text; nothing was.
        """
        if self.read_only:
            raise JournalError("read-only", f"{self.path}: opened read-only; start without --read-only to record")
        try:
            with self.transaction():
                if since is not None and self._written_since(since, {draft.incident for draft in drafts}):
                    raise Behind
                self._forget_drafts(drafts)
                entries = self._write(drafts)
                position = self._position()
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise explain(error, self.path) from error
        self.tidy(outputs=any(draft.kind in OF_RUNS for draft in drafts))
        return Appended(entries, position)

    def adopt(self, entries: Sequence[Entry], origin: Origin | None = None) -> Adopted:
        """Take in what other journals wrote, all that is sound and none twice; as `sift` and `take_in`.

        What comes from a shared record is there still: it need not wait for the disk. What a file brought must.

        Raises:
            JournalError: it could not be written; nothing was.
        """
        if self.read_only and not self._observing:
            raise JournalError("read-only", f"{self.path}: opened read-only; start without --read-only to record")
        now = self.clock.now()
        sifted = sift(entries, now, origin)
        try:
            self._connection.execute(f"PRAGMA synchronous = {'NORMAL' if origin else 'FULL'}")
            try:
                with self.taking_in(sifted) as connection:
                    adopted = take_in(connection, sifted, now, origin)
            finally:
                self._connection.execute("PRAGMA synchronous = FULL")
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise explain(error, self.path) from error
        self.tidy()
        return adopted

    def tidy(self, *, outputs: bool = False) -> None:
        """Take off the disk what was erased, as far as that is possible now; see `scrub`.

        Args:
            outputs: also look for outputs of runs that were erased before: a run goes on, or its file came late.
        """
        folder = None if self.read_only else beside(self.path)
        if outputs and folder is not None:
            erase_outputs(self._connection, folder)
        scrub(self._connection, folder)

    def _forget_drafts(self, drafts: Sequence[Draft]) -> None:
        """Drop what is being typed that has the words which a redaction among `drafts` is about to erase.

        Before the commit: afterwards nobody knows the words any more.
        """
        query = f"SELECT {COLUMNS} FROM entries WHERE id = ? AND incident = ?"
        for draft in drafts:
            if draft.kind == Redaction.kind:
                for row in self._connection.execute(query, (str(draft.payload.get("entry")), draft.incident)):
                    Drafts.beside(self.path).forget(entry_of(row, self.path))

    def _position(self) -> int:
        return int(self._connection.execute("SELECT max(position) FROM entries").fetchone()[0] or 0)

    def _written_since(self, position: int, incidents: set[str]) -> bool:
        of_one = "SELECT 1 FROM entries WHERE incident = ? AND position > ? LIMIT 1"
        begun = all(self._connection.execute(of_one, (each, 0)).fetchone() for each in incidents)
        if not begun:
            return self._position() > position
        return any(self._connection.execute(of_one, (each, position)).fetchone() for each in incidents)

    def _write(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Seal and insert, inside the transaction that holds the lock."""
        tail, now = self._tail(), self.clock.now()
        entries = []
        for draft in drafts:
            entry, tail = self._sealed(draft, tail, now)
            entries.append(entry)
            if draft.kind == "declared":
                self._label(draft)
        marks = ",".join("?" * 16)
        self._connection.executemany(f"INSERT INTO entries ({COLUMNS}) VALUES ({marks})", map(row_of, entries))
        return tuple(entries)

    def _sealed(self, draft: Draft, tail: Tail, now: datetime) -> tuple[Entry, Tail]:
        """As `seal`; what cannot be JSON (NaN, half of a character pair) is refused in words."""
        try:
            return seal(draft, tail, id=self._mint.id(), now=now, salt=self._mint.salt())
        except ValueError as error:
            text = f"{self.path}: not recorded, it cannot be written as text ({error}); take out what is no character"
            raise JournalError("invalid", text) from error

    def _tail(self) -> Tail:
        """Where this writer's chain ends, and the latest clock reading that the journal holds."""
        writer = self.writer
        query = "SELECT seq, hash FROM entries WHERE writer = ? ORDER BY seq DESC LIMIT 1"
        seq, hash = self._connection.execute(query, (writer,)).fetchone() or (0, GENESIS)
        seen = self._connection.execute("SELECT max(recorded) FROM entries").fetchone()[0]
        try:
            return Tail(writer, seq, hash, Recorded.parse(seen) if seen else EARLIEST)
        except ValueError as error:
            raise self._damaged(f"its latest time reads `{seen}`") from error

    def _label(self, draft: Draft) -> None:
        """Give the incident of a declaration the year's next label, once."""
        give_label(self._connection, draft.incident, draft.occurred.year, provisional=self.shared)

    def begin_chain(self) -> None:
        """Write under a new identity from now on: a copy of this journal has gone on under the old one.

        Raises:
            JournalError: the journal cannot be written.
        """
        try:
            with self.transaction() as connection:
                connection.execute("UPDATE meta SET value = ? WHERE name = 'writer'", (self._mint.id(),))
        except (sqlite3.Error, OSError) as error:
            raise explain(error, self.path) from error
