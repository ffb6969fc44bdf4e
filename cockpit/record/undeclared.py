"""Records in which something was told of that may be an incident, and nobody has declared one yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cockpit.incident.entry import Recorded
from cockpit.incident.kinds import Declared
from cockpit.record.journal import Journal

_QUERY = """
    SELECT DISTINCT incident FROM entries AS told WHERE recorded > ? AND kind IN ({}) AND NOT EXISTS (
        SELECT 1 FROM entries WHERE incident = told.incident AND kind = ?
    )
"""


def undeclared(journal: Journal, since: datetime, kinds: Sequence[str]) -> list[str]:
    """The ids of the records in which an entry of one of `kinds` was written after `since` and nothing was declared.

    Raises:
        JournalError: the journal cannot be read.
    """
    query = _QUERY.format(", ".join("?" * len(kinds)))
    found = journal.select(query, (str(Recorded(since)), *kinds, Declared.kind))
    return [str(incident) for (incident,) in found]
