"""Up to where somebody has seen an incident's record: kept beside the journal, on their own machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from msgspec import Struct

from cockpit.files import replace_privately
from cockpit.incident.entry import Entry, instant, stamp


class Seen(Struct, frozen=True):
    """A place in a record that journals write apart: the last entry of each writer that was seen, and when.

    What a journal elsewhere wrote before that time, and which came only afterwards, was not seen.
    """

    at: datetime
    upto: Mapping[str, int]
    """Counts of the writers' own chains, by the writers' ids."""

    @classmethod
    def of(cls, entries: Iterable[Entry], at: datetime) -> Self:
        """All of `entries`, seen at `at`."""
        upto: dict[str, int] = {}
        for entry in entries:
            upto[entry.writer] = max(upto.get(entry.writer, 0), entry.seq)
        return cls(at, upto)

    def has(self, entry: Entry) -> bool:
        """Whether `entry` was seen."""
        return entry.seq <= self.upto.get(entry.writer, 0)

    def joined(self, other: Seen | None) -> Seen:
        """What was seen at either place."""
        if other is None:
            return self
        writers = self.upto.keys() | other.upto.keys()
        upto = {writer: max(self.upto.get(writer, 0), other.upto.get(writer, 0)) for writer in writers}
        return Seen(max(self.at, other.at), upto)


class SeenMarks:
    """The marks of one journal, a file for each person and incident, readable by their owner only. Blocking.

    Args:
        folder: made when the first mark is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def beside(cls, journal: Path) -> Self:
        """The marks that belong to the journal at that path."""
        return cls(journal.parent / "seen")

    def keep(self, incident: str, handle: str, seen: Seen) -> None:
        """Keep `seen`, joined with what is there; raises OSError when the disk refuses."""
        seen = seen.joined(self.kept(incident, handle))
        fields = {"handle": handle, "at": stamp(seen.at), "upto": dict(seen.upto)}
        replace_privately(self._path(incident, handle), json.dumps(fields))

    def kept(self, incident: str, handle: str) -> Seen | None:
        """The mark, if there is a readable one."""
        try:
            fields = json.loads(self._path(incident, handle).read_text(encoding="utf-8"))
            return Seen(instant(fields["at"]), {str(each): int(seq) for each, seq in fields["upto"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _path(self, incident: str, handle: str) -> Path:
        """A handle may be longer than a file's name, so that it stands for itself only inside the file."""
        name = hashlib.sha256(handle.encode()).hexdigest()[:16]
        return self._folder / f"{incident}.{name}.json"
