"""Whole outputs of runs, beside the record: a redaction erases them too, on every machine that has one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cockpit.incident.kinds import RunIntent, RunResult
from cockpit.record.connect import sync_folder

OF_RUNS = frozenset({RunIntent.kind, RunResult.kind})
"""What is erased of a run is likely to be repeated by its output, or to be a part of it."""

_TEXT = "CAST(redaction.payload AS TEXT)"
_REDACTED = f"""
SELECT DISTINCT CASE WHEN json_valid({_TEXT}) THEN json_extract({_TEXT}, '$.kept.run') END
FROM entries AS redaction JOIN entries AS erased
ON erased.id = redaction.erases AND erased.incident = redaction.incident
WHERE redaction.erases IS NOT NULL AND erased.payload IS NULL AND erased.kind IN (?, ?)
"""


def beside(journal: Path) -> Path:
    """The folder in which a journal's whole outputs lie, as `RUN.log`."""
    return journal.with_name("output")


def redacted_runs(connection: sqlite3.Connection) -> frozenset[str]:
    """The runs whose intent or result was erased: the redaction keeps which it was, the entry not."""
    return frozenset(str(run) for (run,) in connection.execute(_REDACTED, sorted(OF_RUNS)) if run is not None)


def erase_outputs(connection: sqlite3.Connection, folder: Path) -> bool:
    """Remove the outputs of redacted runs from `folder`, also what imports have aside there; gives whether all went.

    What a disk or file system keeps below the file (a snapshot, a worn block) is beyond this program.
    """
    try:
        if not folder.is_dir():
            return True
        runs = redacted_runs(connection)
        found = [path for path in folder.rglob("*.log") if path.stem in runs and (path.is_file() or path.is_symlink())]
        for path in found:
            path.unlink(missing_ok=True)  # another cockpit on the same journal was quicker
            sync_folder(path.parent)
    except (OSError, sqlite3.Error):  # a file that is held, a folder that cannot be written: tried again next time
        return False
    return True
