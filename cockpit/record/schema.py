"""The journal's tables. Entries can be inserted and redacted; nothing else is possible, also by hand."""

from __future__ import annotations

VERSION = 1
"""The newest layout this program knows; a journal with a greater one is not touched."""

STATEMENTS = (
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
    """
    CREATE TRIGGER entries_keep BEFORE UPDATE ON entries
    WHEN new.payload IS NOT NULL OR new.salt IS NOT NULL
      OR new.writer IS NOT old.writer OR new.seq IS NOT old.seq OR new.id IS NOT old.id
      OR new.incident IS NOT old.incident OR new.kind IS NOT old.kind OR new.schema IS NOT old.schema
      OR new.occurred IS NOT old.occurred OR new.recorded IS NOT old.recorded OR new.actor IS NOT old.actor
      OR new.role IS NOT old.role OR new.supersedes IS NOT old.supersedes OR new.digest IS NOT old.digest
      OR new.previous IS NOT old.previous OR new.hash IS NOT old.hash
    BEGIN SELECT RAISE(ABORT, 'entries are never changed, only redacted'); END
    """,
)

COLUMNS = (
    "id, incident, kind, schema, occurred, recorded, writer, seq, actor, role, supersedes,"
    " payload, salt, digest, previous, hash"
)
"""The columns of `entries` in the order in which `journal` reads and writes them."""
