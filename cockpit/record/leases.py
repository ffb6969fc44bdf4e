"""Leases among the cockpits on one journal: what only one of them may do at a time, freed by whoever died."""

from __future__ import annotations

import sqlite3

from cockpit.record.errors import explain
from cockpit.record.journal import Journal

LASTS = 30.0
"""Seconds that a lease holds when it is not taken anew."""


def take(journal: Journal, name: str, holder: str, words: str) -> str:
    """Take a lease, or take it anew; gives the words of who else holds it, and nothing when it is ours.

    Raises:
        JournalError: the journal cannot be written.
    """
    now = journal.clock.now().timestamp()
    try:
        with journal.transaction() as connection:
            row = connection.execute("SELECT holder, until, words FROM leases WHERE name = ?", (name,)).fetchone()
            if row and row[0] != holder and now < row[1] <= now + LASTS:  # a clock that was set back frees it too
                return str(row[2])
            connection.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)", (name, holder, words, now + LASTS))
    except sqlite3.Error as error:
        raise explain(error, journal.path) from error
    return ""


def free(journal: Journal, name: str, holder: str) -> None:
    """Give a lease back; raises JournalError."""
    try:
        with journal.transaction() as connection:
            connection.execute("DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder))
    except sqlite3.Error as error:
        raise explain(error, journal.path) from error
