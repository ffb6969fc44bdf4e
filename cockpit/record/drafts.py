"""Drafts: what somebody is typing, kept beside the journal so that no crash or alert loses a word of it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cockpit.incident.entry import instant, stamp

_NEW = "new"
"""What stands for the incident of a draft that was begun before there was one."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """Unfinished text: its words, and when its first key was struck."""

    text: str
    began: datetime


class Drafts:
    """The drafts of one journal, one file each, readable by their owner only. Blocking, a few hundred bytes a call.

    Args:
        folder: made when the first draft is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, incident: str, form: str, draft: DraftText) -> None:
        """Keep `draft` for the form named `form` (`note`, `status`, …); raises OSError when the disk refuses."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(incident, form)
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            json.dump(asdict(draft) | {"began": stamp(draft.began)}, file)
        fresh.replace(path)

    def kept(self, incident: str, form: str) -> DraftText | None:
        """The draft of that form, if there is a readable one."""
        try:
            fields = json.loads(self._path(incident, form).read_text(encoding="utf-8"))
            return DraftText(str(fields["text"]), instant(fields["began"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def every(self) -> dict[tuple[str, str], DraftText]:
        """Every readable draft, by its incident and form."""
        found = {}
        for path in self._folder.glob("*.*.json"):
            incident, form = path.name.removesuffix(".json").split(".", 1)
            incident = "" if incident == _NEW else incident
            if draft := self.kept(incident, form):
                found[incident, form] = draft
        return found

    def drop(self, incident: str, form: str) -> None:
        """Forget it: it was sent, or emptied."""
        with suppress(OSError):
            self._path(incident, form).unlink()

    def _path(self, incident: str, form: str) -> Path:
        return self._folder / f"{incident or _NEW}.{form}.json"
