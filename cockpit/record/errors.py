"""Why the journal could not do what was asked, in words for the person who waits for it."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import textwrap
from pathlib import Path
from typing import Literal

Kind = Literal["full", "read-only", "locked", "corrupt", "newer", "invalid", "unusable"]

_ROOM = 256 * 1024
"""Bytes: SQLite's shared memory, its log and the pages of a few entries."""


class JournalError(Exception):
    """The journal refused. Nothing of what was asked has been written.

    Args:
        kind: what is wrong, for programs.
        message: one line: what failed, why, and what to do now.
    """

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def explain(error: sqlite3.Error | OSError | UnicodeDecodeError, path: Path) -> JournalError:
    """Say what a failure of SQLite or of the file system means for the journal at `path`."""
    if path.is_dir():
        return JournalError("unusable", f"{path}: is a folder, not a journal; move it away, or set XDG_STATE_HOME")
    if isinstance(error, NotADirectoryError):
        why = textwrap.shorten(error.strerror or str(error), 200)
        return JournalError("unusable", f"{path}: no journal can be there, {why}; mend that, or set XDG_STATE_HOME")
    said = textwrap.shorten(str(error), 200)
    text = said.lower()
    code = getattr(error, "errno", None)
    # On a full disk SQLite often has no room for its own shared memory, and calls that an I/O error.
    if code in (errno.ENOSPC, errno.EDQUOT) or "full" in text or ("i/o error" in text and _no_room(path.parent)):
        return JournalError("full", f"{path}: not recorded, the disk is full; free some space, then try again")
    if code in (errno.EROFS, errno.EACCES, errno.EPERM) or "readonly" in text or "unable to open" in text:
        return JournalError("read-only", f"{path}: not recorded, the file cannot be written; check its owner and disk")
    if "locked" in text or "busy" in text:
        return JournalError("locked", f"{path}: not recorded, another program holds the journal; try again")
    if "i/o error" in text:
        return JournalError("unusable", f"{path}: not recorded, {said}; check the disk's quota and health, try again")
    # Of a damaged file SQLite says many things: a column is gone, a function unknown, a text no UTF-8.
    if isinstance(error, (sqlite3.DatabaseError, UnicodeDecodeError)) and "too big" not in text:
        return JournalError(
            "corrupt", f"{path}: the journal is damaged ({said}); run `cockpit incident verify`, and set the file aside"
        )
    return JournalError("unusable", f"{path}: not recorded, {said}; set XDG_STATE_HOME to a folder that works")


def _no_room(folder: Path) -> bool:
    """Whether the disk under `folder` has less left than an append may need."""
    try:
        return shutil.disk_usage(folder).free < _ROOM
    except OSError:
        return False


class Behind(Exception):  # noqa: N818  # no error: the caller reads on and asks again
    """Somebody else appended since the caller last looked; catch up, decide again, and append again."""
