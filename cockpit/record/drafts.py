"""Drafts: what somebody is typing, kept beside the journal so that no crash or alert loses a word of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from msgspec import Struct

from cockpit.files import replace_privately
from cockpit.incident import kinds
from cockpit.incident.entry import Entry, instant, stamp
from cockpit.values import asdict

_NEW = "new"
"""What stands for the incident of a draft that was begun before there was one."""


class DraftText(Struct, frozen=True):
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

    @classmethod
    def beside(cls, journal: Path) -> Self:
        """The drafts that belong to the journal at that path."""
        return cls(journal.parent / "drafts")

    def keep(self, incident: str, form: str, draft: DraftText) -> None:
        """Keep `draft` for the form named `form` (`note`, `status`, …); raises OSError when the disk refuses."""
        replace_privately(self._path(incident, form), json.dumps(asdict(draft) | {"began": stamp(draft.began)}))

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

    def forget(self, erased: Entry) -> None:
        """Drop what repeats the words of `erased`, among the drafts of its incident and those of none yet.

        What looks like a secret is enough, a common word is not: a draft is work that somebody would miss.
        """
        words = tuple(_words(erased))
        for (incident, form), draft in self.every().items():
            if incident in ("", erased.incident) and any(_repeats(draft.text, each) for each in words):
                self.drop(incident, form)
        for left in self._folder.glob("*.new"):  # what a crash left of a draft half written
            with suppress(OSError):
                left.unlink()

    def _path(self, incident: str, form: str) -> Path:
        return self._folder / f"{incident or _NEW}.{form}.json"


_PIECE = re.compile(r"[^\s=:,;\"'`()<>\[\]{}]{6,}")
"""A word, or what stands beside a sign that introduces a value."""

_LIKE_A_SECRET = re.compile(r"\d|[a-z][A-Z]|.{20}")
"""What a password, token or number has, and a word of prose has not."""

_WHOLE = 4
"""Characters: shorter texts are in every other one."""


def _words(entry: Entry) -> Iterator[str]:
    """The texts in an entry's payload that its redaction takes away."""
    kept = kinds.kept(entry)
    yield from _texts([value for name, value in entry.payload.items() if name not in kept])


def _texts(value: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _repeats(draft: str, erased: str) -> bool:
    """Whether `draft` says what was erased: all of it, a part of it and no more, or something secret out of it."""
    ours, theirs = " ".join(draft.split()), " ".join(erased.split())
    if min(len(ours), len(theirs)) >= _WHOLE and (theirs in ours or ours in theirs):
        return True
    return any(piece in ours for piece in _PIECE.findall(theirs) if _LIKE_A_SECRET.search(piece))
