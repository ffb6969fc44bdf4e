"""What a journal holds, read from its file: entries in the order of appending, labels, and how far it reaches."""

from __future__ import annotations

import sqlite3
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cockpit.incident.entry import Entry
from cockpit.record.adopt import Refused
from cockpit.record.errors import JournalError, explain
from cockpit.record.rows import entry_of, exact_entry_of
from cockpit.record.schema import COLUMNS, UNSCRUBBED, layout


class Contents:
    """The questions that a journal's file answers; each raises JournalError when it cannot be read.

    Args:
        connection: whoever made it closes it.
        path: the journal's, for what is said of it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @property
    def writer(self) -> str:
        """This journal's identity in the chain; empty when it was never written. Raises JournalError."""
        if self._layout() == 0:
            return ""
        row = self._connection.execute("SELECT value FROM meta WHERE name = 'writer'").fetchone()
        if row is None:
            raise self._damaged("it does not say whose it is")
        return str(row[0])

    def labels(self) -> dict[str, str]:
        """Each declared incident's label, by its id."""
        return dict(self.select("SELECT incident, label FROM labels"))

    def former_labels(self) -> dict[str, str]:
        """Labels that were given here before, and the incident that each still leads to."""
        return dict(self.select("SELECT label, incident FROM former_labels")) if self._layout() > 2 else {}

    def refused(self) -> tuple[str, ...]:
        """The entries of shared records that were not taken in, and why."""
        query = "SELECT writer, seq, id, why FROM refused ORDER BY at, writer, seq"
        rows = self.select(query) if self._layout() > 2 else []
        return tuple(str(Refused(*row)) for row in rows)

    def position(self) -> int:
        """How far the journal reaches now; grows with each entry."""
        return int(self.select("SELECT coalesce(max(position), 0) FROM entries")[0][0]) if self._layout() else 0

    def read(self, incident: str, *, since: int = 0, kinds: Sequence[str] = ()) -> list[Entry]:
        """The entries of `incident` appended after position `since`, in the order of appending.

        Args:
            kinds: those that are wanted; else all.

        Raises:
            JournalError: the journal cannot be read or a row is damaged; the entry is named.
        """
        wanted = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        query = f"SELECT {COLUMNS} FROM entries WHERE incident = ? AND position > ?{wanted} ORDER BY position"
        return [entry_of(row, self.path) for row in self.select(query, (incident, since, *kinds))]

    def read_all(self) -> Iterator[Entry | JournalError]:
        """Every entry of every writer by its chain; and the error that names it for each damaged row and index."""
        # Past the indexes: they may be what is damaged.
        for row in self.select(f"SELECT {COLUMNS} FROM entries NOT INDEXED ORDER BY writer, seq"):
            try:
                yield exact_entry_of(row, self.path)
            except JournalError as error:
                yield error
        for (text,) in self.select("PRAGMA integrity_check"):
            if text != "ok":
                said = textwrap.shorten(str(text), 200)
                yield JournalError("corrupt", f"{self.path}: {said}; copy the file, and export what it still gives")

    def incidents(self) -> list[str]:
        """The ids of all incidents, the latest written to last."""
        query = "SELECT incident FROM entries GROUP BY incident ORDER BY max(position)"
        return [str(row[0]) for row in self.select(query)]

    @property
    def unscrubbed(self) -> bool:
        """Whether bytes of an erased payload may still lie in the files, because somebody else is reading them."""
        return bool(self.select("SELECT 1 FROM meta WHERE name = ?", (UNSCRUBBED,)))

    def select(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        """The rows of a query; none from a journal that was never written. What is no UTF-8 has lone surrogates.

        Raises:
            JournalError: the journal cannot be read.
        """
        try:
            if not self._layout():
                return []
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.OperationalError as error:
                if "decode" not in str(error):
                    raise
            self._connection.text_factory = lambda text: text.decode(errors="surrogateescape")
            try:
                return self._connection.execute(query, values).fetchall()
            finally:
                self._connection.text_factory = str
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise explain(error, self.path) from error

    def _layout(self) -> int:
        return layout(self._connection)

    def _damaged(self, why: str) -> JournalError:
        return JournalError("corrupt", f"{self.path}: the journal is damaged, {why}; set it aside, and verify a copy")
