"""Taking what was redacted off the disk: SQLite's log and its old pages keep bytes that no row has any more."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cockpit.record.connect import BUSY_MS
from cockpit.record.outputs import erase_outputs
from cockpit.record.schema import UNSCRUBBED


def scrub(connection: sqlite3.Connection, outputs: Path | None) -> bool:
    """Get rid of those bytes, if there are any and it is possible now; gives whether none are left.

    So go the whole outputs of redacted runs in the folder `outputs`, if there is one that may be written.

    Another program that is reading keeps the log from being emptied: what is left is then tried again at the next
    append or opening. A crash at any point loses nothing, and leaves the mark that there is work to do. What a disk
    or file system keeps below the file (a snapshot, a worn block) is beyond this program.
    """
    try:
        entry = _erased(connection)
        if not entry:
            return True
        outputs_left = outputs is not None and not erase_outputs(connection, outputs)
        return _rebuild(connection) and not outputs_left and _done(connection, entry)
    except sqlite3.Error:  # busy, or no room for a second copy: the entries are safe, and the mark stays
        return False


def _erased(connection: sqlite3.Connection) -> str:
    """The entry whose erased bytes may still lie somewhere in the journal's files; empty when none may."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (UNSCRUBBED,)).fetchone()
    return str(row[0]) if row else ""


def _rebuild(connection: sqlite3.Connection) -> bool:
    """Write the file anew from its rows; False when somebody else was reading.

    Pages that SQLite filled again, or moved rows between, hold older copies: only a rebuilt file has none.
    """
    connection.execute("PRAGMA busy_timeout = 50")
    connection.execute("PRAGMA temp_store = MEMORY")  # no copy of the record in a folder that others share
    try:
        if not _empty_log(connection):
            return False
        connection.execute("VACUUM")
        return _empty_log(connection)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def _done(connection: sqlite3.Connection, entry: str) -> bool:
    """Take the mark away, unless another redaction has set it anew meanwhile."""
    connection.execute("DELETE FROM meta WHERE name = ? AND value = ?", (UNSCRUBBED, entry))
    return not _erased(connection)


def _empty_log(connection: sqlite3.Connection) -> bool:
    """Bring the whole write-ahead log into the file and cut it to nothing; False while somebody reads from it."""
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
