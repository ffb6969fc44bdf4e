"""What people say of the incident: notes, decisions, hypotheses, links, and what they correct."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from cockpit.incident.kinds.payload import Payload


class Note(Payload):
    """Free text; `occurred` is its first keystroke."""

    kind = "note"
    free = ("text",)
    amends = ("text",)
    movable = True
    text: str


class Decision(Payload):
    """What was decided."""

    kind = "decision"
    free = ("text",)
    amends = ("text",)
    movable = True
    text: str


class Mitigation(Payload):
    """What was done against the impact, in words."""

    kind = "mitigation"
    free = ("text",)
    amends = ("text",)
    movable = True
    text: str


class KeyEvent(Payload):
    """A turn of the incident that the review must not miss."""

    kind = "key-event"
    free = ("text",)
    amends = ("text",)
    movable = True
    text: str


class Hypothesis(Payload):
    """What may be the cause: opened, then confirmed or eliminated by evidence; `number` is for people (H1)."""

    kind = "hypothesis"
    free = ("text", "evidence")
    amends = ("evidence", "text")
    movable = True
    hypothesis: str
    number: int = Field(ge=1)
    state: Literal["open", "confirmed", "eliminated"] = "open"
    text: str = ""
    evidence: str = ""


class Link(Payload):
    """A place elsewhere that belongs to the incident: a dashboard, a ticket, a pull request."""

    kind = "link"
    free = ("url", "title")
    amends = ("title",)
    url: str
    title: str = ""


class Attachment(Payload):
    """A text file, kept with the record. `sha256` is of the file as it was, `text` what is kept of it, redacted."""

    kind = "attachment"
    free = ("name", "title", "text", "sha256")
    amends = ("title",)
    name: str
    title: str = ""
    bytes: int = 0
    sha256: str = ""
    text: str = ""


class Redaction(Payload):
    """The words of an entry were erased in every copy. `kept` are the fields of it that are no words."""

    kind = "redaction"
    entry: str
    why: str
    kept: dict[str, JsonValue] = Field(default_factory=dict)


SECTIONS = ("summary", "impact", "what-happened", "went-well", "went-wrong", "lucky", "contributing", "severity")
"""What a person writes of the review; `severity` is the one that it should have had, for the severity accuracy."""


class Review(Payload):
    """A part of the review that a person wrote; the latest of a section stands."""

    kind = "review"
    free = ("text",)
    amends = ("text",)
    section: Literal[
        "summary", "impact", "what-happened", "went-well", "went-wrong", "lucky", "contributing", "severity"
    ]
    text: str
