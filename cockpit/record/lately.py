"""Which records were written to lately, without reading the others: a journal may hold years of them."""

from __future__ import annotations

from datetime import datetime

from cockpit.incident.entry import Recorded
from cockpit.record.journal import Journal

_QUERY = "SELECT incident FROM entries WHERE recorded > ? GROUP BY incident ORDER BY max(position) DESC"


def lately(journal: Journal, since: datetime) -> list[str]:
    """The ids of the records that were written to after `since`, the latest first. Raises JournalError."""
    return [str(incident) for (incident,) in journal.select(_QUERY, (str(Recorded(since)),))]
