"""The rows of one collection, and which of them changed since when, so that whoever shows them walks only those."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Generic, Protocol, TypeVar

_REMEMBERED = 20_000
"""Changes that are remembered: some minutes of a churning cluster; who comes later walks all rows once."""


class Row(Protocol):
    """What a table needs of a row: the key that it is kept by."""

    @property
    def uid(self) -> str:
        """Unique in the collection."""


RowT = TypeVar("RowT", bound=Row)


class Table(Generic[RowT]):
    """Rows by their uid. Not for threads.

    Attributes:
        rows: the rows; only the table changes them.
        version: grows by one with each row that changes, comes or goes.
    """

    def __init__(self) -> None:
        self.rows: dict[str, RowT] = {}
        self.version = 0
        self._log: deque[tuple[int, str]] = deque(maxlen=_REMEMBERED)

    def put(self, row: RowT) -> None:
        """Take in a row; one that is as it was is no change."""
        if self.rows.get(row.uid) != row:
            self.rows[row.uid] = row
            self._note(row.uid)

    def drop(self, uid: str) -> None:
        """Forget a row, if it is there."""
        if self.rows.pop(uid, None) is not None:
            self._note(uid)

    def keep_only(self, uids: Collection[str]) -> None:
        """Forget all rows but these: what a whole new list no longer has is gone."""
        for uid in [uid for uid in self.rows if uid not in uids]:
            self.drop(uid)

    def changed_since(self, version: int) -> Collection[str] | None:
        """The uids of the rows that changed, came or went after `version`; None when that is no longer known."""
        if version >= self.version:
            return ()
        if not self._log or self._log[0][0] > version + 1:
            return None
        found: set[str] = set()
        for number, uid in reversed(self._log):
            if number <= version:
                break
            found.add(uid)
        return found

    def _note(self, uid: str) -> None:
        self.version += 1
        self._log.append((self.version, uid))
