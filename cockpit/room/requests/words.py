"""Requests that put words into the record."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.room.requests.deeds import mirrored
from cockpit.room.requests.desk import (
    Desk,
    Refusal,
    must_be_declared,
    must_not_be_merged,
    optional,
    severity_of,
    worded,
)
from cockpit.room.requests.placing import placed
from cockpit.text import clean, redact

MOST = 2000
"""Characters of an address: what browsers take."""


class Write(Struct, frozen=True):
    """A note or a decision, at the time of its first keystroke or at a time given.

    Args:
        mirror: it is also noted at the pagers that hold a page of the incident, and on its ticket.
    """

    text: str
    at: datetime | None = None
    decision: bool = False
    mirror: bool = False

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The words as they stand, cleaned and redacted."""
        must_not_be_merged(state)
        what, model = ("the decision", kinds.Decision) if self.decision else ("the note", kinds.Note)
        said = model(text=worded(self.text, what))
        elsewhere = mirrored(said.text, state, desk) if self.mirror else []
        if self.mirror and not elsewhere:
            raise Refusal("there is no page that takes notes, and no ticket, to mirror it to; leave --mirror out")
        return [placed(said, self.at, state, desk), *(desk.draft(each) for each in elsewhere)]


class Mark(Struct, frozen=True):
    """A key event: a turn of the incident that the review must not miss."""

    text: str
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The key event."""
        must_be_declared(state)
        return [placed(kinds.KeyEvent(text=worded(self.text, "the key event")), self.at, state, desk)]


class AddLink(Struct, frozen=True):
    """A place elsewhere that belongs to the incident."""

    url: str
    title: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The link. Credentials have no place in a record."""
        must_be_declared(state)
        url = clean(self.url).strip()
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            good = False
        if not good or len(url) > MOST or any(map(str.isspace, url)):
            raise Refusal(f"'{redact(url)[:60]}' is no address; write it like https://host/path")
        if parts.username or parts.password:
            raise Refusal("the address holds a user name or password; take it out: the record is read by many")
        if redact(url) != url:
            raise Refusal("the address holds what looks like a secret; take it out: the record is read by many")
        return [desk.draft(kinds.Link(url=url, title=optional(self.title, "the title")))]


class WriteReview(Struct, frozen=True):
    """A part of the review that a person writes."""

    section: str
    text: str

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The part; of `severity`, the level that it should have had."""
        must_be_declared(state)
        if self.section not in kinds.SECTIONS:
            raise Refusal(f"'{clean(self.section)[:20]}' is no part of the review; {', '.join(kinds.SECTIONS)} are")
        text = worded(self.text, "the text")
        if self.section == "severity":
            text = severity_of(text, desk.policy)
        return [desk.draft(kinds.Review.model_validate({"section": self.section, "text": text}))]
