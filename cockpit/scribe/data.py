"""The record as JSON for programs: every entry as it is stored, also those of kinds that this version does not know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cockpit.incident.entry import Entry, stamp
from cockpit.incident.timeline import Timeline
from cockpit.scribe.tails import tails
from cockpit.values import asdict

FORMAT = "incident-cockpit-record"
VERSION = 1


def export_json(timeline: Timeline, label: str) -> str:
    """The whole record, from which a reader can check every hash (hash = SHA-256(previous ‖ envelope ‖ digest)).

    `writers` states where each writer's part ends. Bytes are hexadecimal. Of a redacted entry, payload and salt are
    null. ASCII only, ends with a line end.
    """
    record = {
        "format": FORMAT,
        "version": VERSION,
        "label": label,
        "incident": timeline.state.incident,
        "writers": [asdict(tail) for tail in tails(timeline.entries)],
        "entries": [_entry(entry) for entry in timeline.entries],
    }
    return json.dumps(record, indent=1) + "\n"


def _entry(entry: Entry) -> Mapping[str, Any]:
    names = ("id", "incident", "kind", "schema", "writer", "seq", "actor", "role", "supersedes")
    fields: dict[str, Any] = {name: getattr(entry, name) for name in names}
    fields |= {"occurred": stamp(entry.occurred), "recorded": str(entry.recorded)}
    fields |= {"payload": None if entry.body is None else json.loads(entry.body)}
    fields |= {"salt": entry.salt.hex() if entry.salt is not None else None}
    return fields | {name: getattr(entry, name).hex() for name in ("digest", "previous", "hash")}
