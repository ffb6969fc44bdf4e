"""What every entry must be that comes in from elsewhere: as the shared record's own tables check it.

The same rules stand in `shared/migrations/001_record.sql`. What a file brings in goes on to a shared record, where one
entry that it refuses would come too late: the journal would tell a story that nobody else gets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from cockpit.incident.entry import SALT_BYTES, Entry, canonical, stamp
from cockpit.incident.kinds import Redaction
from cockpit.record.rows import encodable

MOST = 900_000
"""The greatest counter of a clock reading that leaves room for those after it."""
LARGEST = 4 * 1024 * 1024
"""Bytes of a payload."""
DEEPEST = 200
"""Lists and objects within each other in a payload: far more than any kind has, and than any reader gives up at."""
LONGEST = {"actor": 200, "role": 64, "supersedes": 64}
"""Characters."""

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A UUID in its usual form: of an entry, an incident, a writer."""
GREATEST = 2**62
"""Above every number that a record counts, and room to count on from there."""
_KIND = re.compile(r"[a-z][a-z0-9-]{0,63}")
_SCHEMAS = 2**31
_STAMP = len("2026-03-14T02:00:00.000000Z")


def breach(entry: Entry) -> str:
    """Which rule an entry breaks, whatever record it comes to; empty when none."""
    return next(_breaches(entry), "")


def _breaches(entry: Entry) -> Iterator[str]:
    for name in ("id", "incident", "writer"):
        if not ID.fullmatch(getattr(entry, name)):
            yield f"its {name} is no UUID"
    if not _KIND.fullmatch(entry.kind):
        yield "its kind is no name of one"
    if not 0 < entry.seq < GREATEST or not 0 < entry.schema < _SCHEMAS:
        yield "a number in it is out of range"
    yield from _unreadable_envelope(entry)
    yield from _unwritable_times(entry)
    if (entry.body is None) != (entry.salt is None):
        yield "half of it is erased"
    lengths = (entry.salt or bytes(SALT_BYTES), SALT_BYTES), (entry.digest, 32), (entry.previous, 32), (entry.hash, 32)
    if any(len(value) != length for value, length in lengths):
        yield "its salt or a hash is of another length"
    yield from _unreadable_payload(entry)


def _unreadable_envelope(entry: Entry) -> Iterator[str]:
    for name, most in LONGEST.items():
        text = getattr(entry, name)
        if text is None:
            continue
        if len(text) > most or (not text and name != "supersedes"):
            yield f"its {name} has {len(text)} characters"
        if "\0" in text or not encodable(text):
            yield f"its {name} is no text"


def _unwritable_times(entry: Entry) -> Iterator[str]:
    if any(len(stamp(at)) != _STAMP for at in (entry.occurred, entry.recorded.at)):  # a year of three digits, in places
        yield "a time in it cannot be written in the record's form"
    if not 0 <= entry.recorded.counter <= MOST:
        yield f"its clock's counter is at {entry.recorded.counter}, which leaves no room for those after it"


def _unreadable_payload(entry: Entry) -> Iterator[str]:
    """Why a payload cannot be read, which its hash does not say."""
    if entry.body is None:
        if entry.kind == Redaction.kind:
            yield "it is a redaction, and erased itself"
        return
    if len(entry.body) > LARGEST:
        yield f"its payload has more than {LARGEST >> 20} MB"
        return
    try:
        payload = json.loads(entry.body.decode())
        if not isinstance(payload, dict):
            yield "its payload is no object"
        # Halves of characters, numbers beyond all bounds: what no journal writes, no screen has to bear.
        elif entry.body != canonical(payload):
            yield "its payload is not in the record's form"
        elif entry.body.count(b"{") + entry.body.count(b"[") > DEEPEST and _deeper(payload, DEEPEST):
            yield "its payload is nested too deep"
        elif entry.kind == Redaction.kind:
            yield from _erases_nothing(entry.body, payload)
    except (ValueError, RecursionError) as error:
        yield f"its payload cannot be read: {error}"


def _deeper(value: Any, levels: int) -> bool:
    """Whether there are more lists and objects within each other than `levels`."""
    if not isinstance(value, dict | list):
        return False
    within = value.values() if isinstance(value, dict) else value
    return not levels or any(_deeper(each, levels - 1) for each in within)


def _erases_nothing(body: bytes, payload: dict[str, Any]) -> Iterator[str]:
    """PostgreSQL takes no character zero out of JSON, which it has to look into here."""
    named = payload.get("entry")
    if not isinstance(named, str) or len(named) > LONGEST["supersedes"]:
        yield "it is a redaction, and names no entry"
    elif rb"\u0000" in body.replace(rb"\\", b""):
        yield "it is a redaction, and has a character zero"
