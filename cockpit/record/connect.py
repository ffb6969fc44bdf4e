"""Opening the journal's file: private to its owner, durable at each commit, and readable where nobody may write."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

BUSY_MS = 5000
"""How long an append waits for another cockpit on the same journal, in milliseconds."""

SMALLEST = 512
"""Bytes: the smallest page that a database can have."""


def connect(path: Path) -> sqlite3.Connection:
    """Open for writing, made if it is not there, and private to its owner. Nothing in it is changed yet.

    Raises:
        sqlite3.Error, OSError: it cannot be opened.
    """
    _must_have_a_place(path)
    _must_be_whole(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)


def settle(connection: sqlite3.Connection) -> None:
    """Keep what is written from now on: a write-ahead log, each commit on the disk before it returns."""
    for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {setting}")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open so that writing is impossible; an absent journal reads as an empty one.

    A journal on a read-only disk has no room for SQLite's shared memory: it is then read as it lies there.

    Raises:
        sqlite3.Error: it cannot be read.
        NotADirectoryError: there is no such place.
    """
    _must_have_a_place(path)
    _must_be_whole(path)
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


def _must_have_a_place(path: Path) -> None:
    """Refuse what can hold no journal: absent is empty only where one could be made.

    Raises:
        NotADirectoryError: a folder of the path is a file, or a link there leads nowhere; its message says which.
    """
    for folder in reversed(path.parents):
        if os.path.lexists(folder) and not folder.is_dir():
            what = "is a link that leads nowhere" if folder.is_symlink() and not folder.exists() else "is no folder"
            raise NotADirectoryError(errno.ENOTDIR, f"{folder} {what}")
    if path.is_symlink() and not path.exists():
        raise NotADirectoryError(errno.ENOTDIR, "it is a link that leads nowhere")


def _must_be_whole(path: Path) -> None:
    """Refuse a file too short for a database's first page, which SQLite takes for an empty one and writes over."""
    if path.is_file() and 0 < path.stat().st_size < SMALLEST:
        raise sqlite3.DatabaseError("file is not a database: it was cut off")


def sync_folder(folder: Path) -> None:
    """Make a new file's name durable, as its content is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
