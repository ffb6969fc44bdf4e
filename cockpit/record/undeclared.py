"""Records in which an alert told of something and nobody has declared an incident yet."""

from __future__ import annotations

from datetime import datetime

from cockpit.incident.entry import Recorded
from cockpit.incident.kinds import Declared, Detected
from cockpit.record.journal import Journal

_QUERY = """
    SELECT DISTINCT incident FROM entries AS told WHERE recorded > ? AND kind = ? AND NOT EXISTS (
        SELECT 1 FROM entries WHERE incident = told.incident AND kind = ?
    )
"""


def undeclared(journal: Journal, since: datetime) -> list[str]:
    """The ids of the records in which something was detected after `since` and nothing was declared.

    Raises:
        JournalError: the journal cannot be read.
    """
    found = journal.select(_QUERY, (str(Recorded(since)), Detected.kind, Declared.kind))
    return [str(incident) for (incident,) in found]
