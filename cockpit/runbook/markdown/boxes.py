"""Time boxes in headings: `(First 5 Minutes)`, `(5-15 Minutes)`, `Within 24 Hours`, `(4+ hours)`, `(Ongoing)`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from cockpit.incident.policies import Range
from cockpit.runbook.markdown.text.inline import plain
from cockpit.runbook.markdown.times import Span, spans

_ONGOING = re.compile(r"(?i)^(?:ongoing|continuous(?:ly)?|until resolved|throughout)$")
_WITHIN = re.compile(r"(?i)\bwithin\b|\bafter (?:the )?(?:incident|resolution)\b")
_BARE = re.compile(r"(?i)^\W*(?:(?:the )?first|within|minutes?|hours?|t ?\+|next|immediate\w*|\d+\s*[-–—])\b")
_SHORTEST = 60.0
_LONGEST = 366 * 86400.0


@dataclass(frozen=True, slots=True)
class Box:
    """When something is to be done.

    Attributes:
        text: the document's words.
        begins: minutes after the declaration; `ends` likewise, None where it is open.
        within: after the resolution.
        ongoing: that it begins where the one before ends.
    """

    text: str
    begins: float | None = None
    ends: float | None = None
    within: Range | None = None
    ongoing: bool = False


def box_of(heading: str, *, after: bool) -> Box | None:
    """The time box of a heading; None where it has none.

    Args:
        after: whether it stands in a section about what comes after the incident, where `within` runs from the
            resolution; elsewhere it runs from the declaration.
    """
    words = plain(heading)
    inside = [text.strip() for text in re.findall(r"\(([^()]*)\)", words)]
    candidates = inside or ([re.sub(r"^\W+", "", words)] if _BARE.match(words) else [])
    for text in candidates:
        if _ONGOING.match(text):
            return Box(text, ongoing=True)
        found = [span for span in spans(text) if _SHORTEST <= (span.upper or span.lower) <= _LONGEST]
        if found:
            return _box(text, found[0], after=after)
    return None


def due_within(text: str) -> Range | None:
    """How long after the resolution a line says that it is due: `Schedule post-mortem within 48 hours`."""
    if not _WITHIN.search(text):
        return None
    found = [span for span in spans(text) if _SHORTEST <= (span.upper or span.lower) <= _LONGEST]
    return _range(found[0]) if found else None


def without_box(heading: str) -> str:
    """A heading without its number, its emoji and its time box."""
    words = re.sub(r"\s*\([^()]*\)\s*$", "", plain(heading)) if box_of(heading, after=False) else plain(heading)
    words = re.sub(
        r"(?i)^\W*(?:(?:phase|step|stage)\s*\d+\b|\d+(?:\.\d+)+(?=\s)|\d+(?:\.\d+)*[.)](?!\d))[\s:.–-]*", "", words
    )
    return re.sub(r"^[^\w\[<(]+", "", words).strip() or plain(heading).strip()


def _box(text: str, span: Span, *, after: bool) -> Box:
    if after and _WITHIN.search(text):
        return Box(text, within=_range(span))
    begins = 0.0 if span.upper == span.lower else span.lower / 60
    return Box(text, begins=begins, ends=span.upper / 60 if span.upper is not None else None)


def _range(span: Span) -> Range:
    return Range(timedelta(seconds=span.lower), timedelta(seconds=span.upper if span.upper is not None else span.lower))
