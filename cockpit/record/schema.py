"""The journal's tables. Entries can be inserted, and erased where a redaction says so; nothing else, also by hand."""

from __future__ import annotations

import sqlite3

VERSION = 3
"""The newest layout this program knows; a journal with a greater one is not touched."""

TABLES = frozenset({"meta", "entries", "labels"})
"""What every journal has, of whatever layout."""

UNSCRUBBED = "unscrubbed"
"""The row of `meta` that stands while bytes of an erased payload may still lie in the file or its log."""

_FIRST = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """
    CREATE TABLE entries (
        position INTEGER PRIMARY KEY, writer TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0),
        id TEXT NOT NULL UNIQUE, incident TEXT NOT NULL, kind TEXT NOT NULL, schema INTEGER NOT NULL,
        occurred TEXT NOT NULL, recorded TEXT NOT NULL, actor TEXT NOT NULL, role TEXT, supersedes TEXT,
        payload BLOB, salt BLOB, digest BLOB NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL,
        UNIQUE (writer, seq), CHECK ((payload IS NULL) = (salt IS NULL))
    ) STRICT
    """,
    "CREATE INDEX entries_of_incident ON entries (incident)",
    "CREATE INDEX entries_by_clock ON entries (recorded)",
    "CREATE TABLE labels (incident TEXT PRIMARY KEY, label TEXT NOT NULL UNIQUE) STRICT, WITHOUT ROWID",
    """
    CREATE TRIGGER entries_stay BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END
    """,
)
"""Layout 1, but for its trigger `entries_keep`, which layout 2 has anew."""

_PAYLOAD = "CAST(payload AS TEXT)"

_SECOND = (
    # What a redaction erases, where the database itself can look it up. A damaged payload is no reason to stop.
    f"""
    ALTER TABLE entries ADD COLUMN erases TEXT GENERATED ALWAYS AS (
        CASE WHEN kind = 'redaction' AND json_valid({_PAYLOAD}) THEN json_extract({_PAYLOAD}, '$.entry') END
    ) VIRTUAL
    """,
    "CREATE INDEX entries_erasing ON entries (incident, erases) WHERE erases IS NOT NULL",
    "DROP TRIGGER IF EXISTS entries_keep",
    """
    CREATE TRIGGER entries_keep BEFORE UPDATE ON entries
    WHEN new.payload IS NOT NULL OR new.salt IS NOT NULL OR new.position IS NOT old.position
      OR new.writer IS NOT old.writer OR new.seq IS NOT old.seq OR new.id IS NOT old.id
      OR new.incident IS NOT old.incident OR new.kind IS NOT old.kind OR new.schema IS NOT old.schema
      OR new.occurred IS NOT old.occurred OR new.recorded IS NOT old.recorded OR new.actor IS NOT old.actor
      OR new.role IS NOT old.role OR new.supersedes IS NOT old.supersedes OR new.digest IS NOT old.digest
      OR new.previous IS NOT old.previous OR new.hash IS NOT old.hash OR old.kind = 'redaction'
      OR NOT EXISTS (SELECT 1 FROM entries WHERE incident = old.incident AND erases = old.id)
    BEGIN SELECT RAISE(ABORT, 'entries are never changed, only redacted'); END
    """,
    # A redaction erases what is there, whoever brings it in, and what it names is erased also when it comes later.
    """
    CREATE TRIGGER redaction_erases AFTER INSERT ON entries WHEN new.erases IS NOT NULL
    BEGIN
        UPDATE entries SET payload = NULL, salt = NULL
        WHERE id = new.erases AND incident = new.incident AND kind <> 'redaction' AND payload IS NOT NULL;
    END
    """,
    """
    CREATE TRIGGER redacted_arrives AFTER INSERT ON entries
    WHEN new.kind <> 'redaction' AND new.payload IS NOT NULL
      AND EXISTS (SELECT 1 FROM entries WHERE incident = new.incident AND erases = new.id)
    BEGIN UPDATE entries SET payload = NULL, salt = NULL WHERE position = new.position; END
    """,
    f"""
    CREATE TRIGGER erased_is_scrubbed AFTER UPDATE ON entries WHEN old.payload IS NOT NULL AND new.payload IS NULL
    BEGIN INSERT OR REPLACE INTO meta VALUES ('{UNSCRUBBED}', new.id); END
    """,
    """
    UPDATE entries SET payload = NULL, salt = NULL
    WHERE kind <> 'redaction' AND payload IS NOT NULL
      AND EXISTS (SELECT 1 FROM entries AS by WHERE by.incident = entries.incident AND by.erases = entries.id)
    """,
)
"""What layout 2 adds: redactions that erase."""

_THIRD = (
    # Where an entry came from: the shared record's id. What has none was written here, or brought here in a file.
    "ALTER TABLE entries ADD COLUMN source TEXT",
    "CREATE INDEX entries_unshared ON entries (position) WHERE source IS NULL",
    "CREATE TABLE former_labels (label TEXT PRIMARY KEY, incident TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """
    CREATE TABLE refused (
        writer TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (writer, seq, id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, words TEXT NOT NULL, until REAL NOT NULL)
    STRICT, WITHOUT ROWID
    """,
)
"""What layout 3 adds: entries of other journals, and what a shared record says about them."""

COLUMNS = (
    "id, incident, kind, schema, occurred, recorded, writer, seq, actor, role, supersedes,"
    " payload, salt, digest, previous, hash"
)
"""The columns of `entries` in the order in which `rows` reads and writes them."""


def layout(connection: sqlite3.Connection) -> int:
    """The layout of the journal; 0 when nothing was ever laid out in it."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tables(connection: sqlite3.Connection) -> frozenset[str]:
    """The names of the tables that are there."""
    query = "SELECT name FROM sqlite_schema WHERE type = 'table'"
    return frozenset(str(name) for (name,) in connection.execute(query))


def lay_out(connection: sqlite3.Connection, writer: str) -> None:
    """Bring the journal to the newest layout, inside the caller's transaction; a new one is `writer`'s."""
    version = layout(connection)
    if version == 0:
        _all(connection, _FIRST)
        connection.execute("INSERT INTO meta VALUES ('writer', ?)", (writer,))
    if version < 2:
        _all(connection, _SECOND)
    if version < 3:
        _all(connection, _THIRD)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _all(connection: sqlite3.Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(statement)
