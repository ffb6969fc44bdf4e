"""Targets of a policy in words: `15-30 min`, `Immediate (within 5 minutes)`, `Next business day`, `a few hours`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cockpit.config import TargetConfig
from cockpit.runbook.markdown.times import spans

_LONGEST = 3650 * 86400.0
_LONGEST_WORDS = 120
_ADVERBS = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "every day": 86400.0, "every hour": 3600.0}
_AT_ONCE = re.compile(r"(?i)\b(?:immediate(?:ly)?|instant(?:ly)?|asap|at once|right away)\b")
_BUSINESS_DAY = re.compile(r"(?i)\bnext (?:business|working) day\b")
_NOBODY = re.compile(r"(?i)^(?:n/?a|none|-+|—|tbd|not required|no)\W*$")
_NO_PERSON = re.compile(
    r"(?i)^(?:all|every(?:one|body)?|them|us|page|customers?|incident|level|next|as needed|if needed)$"
)


def target(words: str) -> TargetConfig | None:
    """What a text says of when something is due: its first time, at once, the next business day, or words that are no
    time; None where it says nothing."""
    words = words.strip(" .;")
    if not words or _NOBODY.match(words):
        return None
    if found := next((span for span in spans(words) if 0 < (span.upper or span.lower) <= _LONGEST), None):
        upper = found.upper if found.upper is not None else found.lower
        return TargetConfig("span", found.lower or upper, upper)
    if _BUSINESS_DAY.search(words):
        return TargetConfig("next business day")
    for adverb, seconds in _ADVERBS.items():
        if re.search(rf"(?i)\b{adverb}\b", words):
            return TargetConfig("span", seconds, seconds)
    if _AT_ONCE.search(words):
        return TargetConfig("span")
    return TargetConfig("words", words=words[:200])


def calls(words: str) -> Iterator[tuple[str, TargetConfig]]:
    """Who is told or called in, and how soon: `Immediate (CEO, CTO)`, `Engineering Manager within 1 hour`."""
    if len(words) > _LONGEST_WORDS:
        return  # a paragraph about what is done, no list of people
    due = target(re.sub(r"\([^()]*\)", " ", words)) or target(words)
    if due is None or due.kind == "words":
        return
    for who in _people(words):
        if name := re.sub(r"[^\w.]+", "-", who).strip("-.")[:60]:
            yield name, due


def _people(words: str) -> list[str]:
    """The people of a text: those in brackets, after `to`, or in front of the time."""
    inside = re.search(r"\(([^()]*)\)", words)
    if inside and not spans(inside[1]) and not _AT_ONCE.search(inside[1]):
        named = inside[1]
    elif to := re.search(r"(?i)\bto (?:the )?(.+)$", words):
        named = to[1]
    else:
        head = re.split(r"(?i)\b(?:within|in|after|immediate|next|notified|paged|every|if|when)", words)[0]
        named = head if head.strip() != words.strip() or not spans(words) else ""
    parts = re.split(r",|\band\b|&|\+|;|/", re.sub(r"(?i)^(?:page|notify|call|inform|all)\s+", "", named.strip()))
    people = [
        re.split(r"(?i)\b(?:within|in|after|if|when|immediate\w*)\b", part)[0].strip(" .:*-–—→") for part in parts
    ]
    return [
        each for each in people if re.match(r"[^\W\d_]", each) and len(each.split()) <= 5 and not _NO_PERSON.match(each)
    ]
