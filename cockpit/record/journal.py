"""The journal: one SQLite file that acknowledges entries only when they are durable."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cockpit.clock import Clock
from cockpit.incident.entry import EARLIEST, GENESIS, Draft, Entry, Recorded, Tail, instant, new_salt, seal, stamp
from cockpit.incident.ids import new_id
from cockpit.record.errors import Behind, JournalError, explain
from cockpit.record.schema import COLUMNS, STATEMENTS, VERSION

BUSY_MS = 5000
"""How long an append waits for another cockpit on the same journal, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Mint:
    """Where a journal's identities and salts come from; golden files are written with ones that count."""

    id: Callable[[], str] = new_id
    salt: Callable[[], bytes] = new_salt


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append wrote, and where the journal stands after it."""

    entries: tuple[Entry, ...]
    position: int


class Journal:
    """The local record. Several processes may hold the same file; each append is one transaction.

    Made by `open`. Entries keep the order in which they were appended (`position`), which is how a reader catches up.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, clock: Clock, *, read_only: bool, mint: Mint
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._mint = mint
        self.path = path
        self.read_only = read_only

    @classmethod
    def open(cls, path: Path, clock: Clock, *, read_only: bool = False, mint: Mint = Mint()) -> Self:  # frozen
        """Open the journal at `path`, made if it is not there; `read_only` opens it so that it cannot write.

        Raises:
            JournalError: it cannot be opened, is damaged, or is of a newer version.
        """
        try:
            connection = _connect_to_read(path) if read_only else _connect(path)
            journal = cls(connection, path, clock, read_only=read_only, mint=mint)
            journal._prepare()
        except (sqlite3.Error, OSError) as error:
            raise explain(error, path) from error
        return journal

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _prepare(self) -> None:
        """Lay out a new journal; refuse one of a newer version. Safe when several processes start at once."""
        version = self._version()
        if version == 0 and not self.read_only:
            with self._transaction():
                if self._version() == 0:
                    for statement in STATEMENTS:
                        self._connection.execute(statement)
                    self._connection.execute("INSERT INTO meta VALUES ('writer', ?)", (self._mint.id(),))
                    self._connection.execute(f"PRAGMA user_version = {VERSION}")
            _sync_folder(self.path.parent)
        elif version > VERSION:
            text = f"{self.path}: written by a newer cockpit (layout {version}, this one knows {VERSION}); use that one"
            raise JournalError("newer", text)

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Hold the write lock; commit, durably, on leaving; roll back on any error."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:  # cancelled too: a half-made transaction would hold the lock; raised again
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def append(self, drafts: Sequence[Draft], *, since: int | None = None) -> Appended:
        """Write `drafts` as entries, all or none, and give them when they are durable.

        Args:
            drafts: in the order in which they shall be chained.
            since: the position up to which the caller has read; when another process has written to one of the
                drafts' incidents after it, nothing is written. What begins a new incident was decided on the whole
                journal: then any entry after it counts.

        Raises:
            Behind: there is something newer than `since`.
            JournalError: it could not be written; nothing was.
            ValueError: a payload is no JSON; nothing was written.
        """
        if self.read_only:
            raise JournalError("read-only", f"{self.path}: opened read-only; start without --read-only to record")
        try:
            with self._transaction():
                if since is not None and self._written_since(since, {draft.incident for draft in drafts}):
                    raise Behind
                entries = self._write(drafts)
                position = self._position()
        except (sqlite3.Error, OSError) as error:
            raise explain(error, self.path) from error
        return Appended(entries, position)

    def _written_since(self, position: int, incidents: set[str]) -> bool:
        of_one = "SELECT 1 FROM entries WHERE incident = ? AND position > ? LIMIT 1"
        begun = all(self._connection.execute(of_one, (each, 0)).fetchone() for each in incidents)
        if not begun:
            return self._position() > position
        return any(self._connection.execute(of_one, (each, position)).fetchone() for each in incidents)

    def _write(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Seal and insert, inside the transaction that holds the lock."""
        tail, now = self._tail(), self._clock.now()
        entries = []
        for draft in drafts:
            entry, tail = seal(draft, tail, id=self._mint.id(), now=now, salt=self._mint.salt())
            entries.append(entry)
            if draft.kind == "declared":
                self._label(draft)
        marks = ",".join("?" * 16)
        self._connection.executemany(f"INSERT INTO entries ({COLUMNS}) VALUES ({marks})", map(_row, entries))
        return tuple(entries)

    def _tail(self) -> Tail:
        """Where this writer's chain ends, and the latest clock reading that the journal holds."""
        writer = self.writer
        query = "SELECT seq, hash FROM entries WHERE writer = ? ORDER BY seq DESC LIMIT 1"
        seq, hash = self._connection.execute(query, (writer,)).fetchone() or (0, GENESIS)
        seen = self._connection.execute("SELECT max(recorded) FROM entries").fetchone()[0]
        return Tail(writer, seq, hash, Recorded.parse(seen) if seen else EARLIEST)

    @property
    def writer(self) -> str:
        """This journal's identity in the chain; empty when it was never written."""
        if self._version() == 0:
            return ""
        return str(self._connection.execute("SELECT value FROM meta WHERE name = 'writer'").fetchone()[0])

    def _label(self, draft: Draft) -> None:
        """Give the incident of a declaration the year's next label, once."""
        year = draft.occurred.year
        query = "SELECT label FROM labels WHERE label LIKE ?"
        taken = (int(label.rpartition("-")[2]) for (label,) in self._connection.execute(query, (f"INC-{year}-%",)))
        number = max(taken, default=0) + 1
        self._connection.execute(
            "INSERT OR IGNORE INTO labels VALUES (?, ?)", (draft.incident, f"INC-{year}-{number:03}")
        )

    def labels(self) -> dict[str, str]:
        """Each declared incident's label, by its id."""
        return dict(self._select("SELECT incident, label FROM labels"))

    def position(self) -> int:
        """How far the journal reaches now; grows with each entry."""
        return int(self._select("SELECT coalesce(max(position), 0) FROM entries")[0][0]) if self._version() else 0

    def _position(self) -> int:
        return int(self._connection.execute("SELECT max(position) FROM entries").fetchone()[0] or 0)

    def read(self, incident: str, *, since: int = 0) -> list[Entry]:
        """The entries of `incident` appended after position `since`, in the order of appending.

        Raises:
            JournalError: the journal cannot be read or a row is damaged; the entry is named.
        """
        query = f"SELECT {COLUMNS} FROM entries WHERE incident = ? AND position > ? ORDER BY position"
        return [_entry(row, self.path) for row in self._select(query, (incident, since))]

    def read_all(self) -> Iterator[Entry | JournalError]:
        """Every entry of every writer by its chain, and for each damaged row the error that names it."""
        for row in self._select(f"SELECT {COLUMNS} FROM entries ORDER BY writer, seq"):
            try:
                yield _entry(row, self.path)
            except JournalError as error:
                yield error

    def incidents(self) -> list[str]:
        """The ids of all incidents, the latest written to last."""
        query = "SELECT incident FROM entries GROUP BY incident ORDER BY max(position)"
        return [str(row[0]) for row in self._select(query)]

    def _select(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """The rows of a query; none from a journal that was never written."""
        try:
            return self._connection.execute(query, values).fetchall() if self._version() else []
        except sqlite3.Error as error:
            raise explain(error, self.path) from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open for writing: private to its owner, write-ahead log, each commit on the disk before it returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _connect_to_read(path: Path) -> sqlite3.Connection:
    """Open so that writing is impossible; an absent journal reads as an empty one.

    A journal on a read-only disk has no room for SQLite's shared memory: it is then read as it lies there.
    """
    if not path.exists():
        return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema")
        except sqlite3.OperationalError:
            connection.close()
            if mode != "mode=ro":
                raise
        else:
            return connection
    raise AssertionError("one of the two modes has returned or raised")


def _sync_folder(folder: Path) -> None:
    """Make a new file's name durable, as its content is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_FIELDS = tuple(name.strip().replace("payload", "body") for name in COLUMNS.split(","))
"""An entry's fields in the order of COLUMNS."""


def _row(entry: Entry) -> tuple[object, ...]:
    """An entry in the order of COLUMNS."""
    head = (entry.id, entry.incident, entry.kind, entry.schema, stamp(entry.occurred), str(entry.recorded))
    middle = (entry.writer, entry.seq, entry.actor, entry.role, entry.supersedes)
    return (*head, *middle, entry.body, entry.salt, entry.digest, entry.previous, entry.hash)


def _entry(row: tuple[Any, ...], path: Path) -> Entry:
    """A row of COLUMNS as an entry; raises JournalError naming the entry when it cannot be one."""
    fields = dict(zip(_FIELDS, row, strict=True))
    try:
        return Entry(**fields | {"occurred": instant(row[4]), "recorded": Recorded.parse(row[5])})
    except (ValueError, TypeError) as error:
        text = (
            f"{path}: entry {row[0]} (writer {row[6]}, seq {row[7]}) is damaged: {error}; run `cockpit incident verify`"
        )
        raise JournalError("corrupt", text) from error
