"""Which incidents of a journal have messages that did not arrive yet, without reading the incidents."""

from __future__ import annotations

from datetime import datetime

from cockpit.incident.entry import stamp
from cockpit.record.journal import Journal

# Of the incidents about whose messages something was recorded since the last look; and what was recorded lately alone,
# so that the journal is not read further back, however long it is. A delivery that asks for a message again counts as
# the message.
_QUERY = """
SELECT incident, max(position) FROM (
    SELECT incident, position, kind, json_extract(body, '$.message') AS message, json_extract(body, '$.state') AS state
    FROM (
        SELECT incident, position, kind, CAST(payload AS TEXT) AS body FROM entries
        WHERE incident IN (SELECT incident FROM entries WHERE position > ? AND kind IN ('message', 'delivery'))
          AND recorded >= ? AND kind IN ('message', 'delivery') AND payload IS NOT NULL
    ) WHERE json_valid(body)
)
GROUP BY incident, message
HAVING max(kind = 'message' OR state = 'queued') AND NOT max(coalesce(state, '') = 'sent') AND max(position) > ?
"""


def undelivered(journal: Journal, since: datetime, after: int = 0) -> list[str]:
    """The incidents with a message that was recorded since `since`, that no channel took, and about which something
    was recorded after the position `after`; the one that was written to first, first. Raises JournalError."""
    rows = journal.select(_QUERY, (after, stamp(since), after))
    latest: dict[str, int] = {}
    for incident, position in rows:
        latest[str(incident)] = max(latest.get(str(incident), 0), int(position))
    return sorted(latest, key=latest.__getitem__)
