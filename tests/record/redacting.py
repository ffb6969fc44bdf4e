"""Redactions for tests: secrets that are recorded, erased, and then looked for in every byte."""

from __future__ import annotations

from pathlib import Path

from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry
from cockpit.record.journal import Journal
from tests.stories import START

SECRET = "hunter2-4711"


def redaction(entry: Entry) -> Draft:
    """What erases `entry`, as the room writes it."""
    payload = kinds.Redaction(entry=entry.id, why="a password slipped in", kept=dict(kinds.kept(entry)))
    return Draft(entry.incident, payload.kind, payload.fields(), START, "@alice")


def redact(journal: Journal, *entries: Entry) -> tuple[Entry, ...]:
    """Erase `entries` at once; gives the redactions."""
    return journal.append([redaction(entry) for entry in entries]).entries


def on_disk(folder: Path, text: str) -> list[str]:
    """The files under `folder` that have `text` in their bytes."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path.name for path in files if text.encode() in path.read_bytes()]
