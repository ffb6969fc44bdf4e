"""What comments around a command say: its title, when it applies, what one should see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_EXPECTED = re.compile(
    r"(?i)^(?:[-=>→\s]*)(?:(?:this |it |you |output |result |response |all pods |all |status )?(?:should|must)\b"
    r"|expect(?:ed|s)?\b|(?:sample |example )?output\s*:|look for\b|returns?\b|→|=>)"
)
_CONDITION = re.compile(
    r"(?i)^(?P<condition>(?:or|alternatively|otherwise|else)\b(?:\s*[,:]|\s+(?=if\b|when\b|for\b|using\b|via\b|with\b)|$)"
    r"|option(?:al)?(?:ly)?\s*\w?\d?\s*[:)]|optional\b|(?:only )?(?:if|when|in case)\b[^,:]*[,:]?|for \w+ only\s*:?)"
    r"\s*(?P<rest>.*)$"
)
_IN_BRACKETS = re.compile(r"(?i)\((?P<condition>(?:only )?(?:if|when)\b[^()]*|optional[^()]*|alternative[^()]*)\)")
_NUMBER = re.compile(r"^(?:step\s+)?\d{1,2}[.):]\s+", re.I)
_BEHIND = re.compile(
    r"(?i)(?<!check)(?<!verify)(?<!see)(?<!determine)(?<!confirm)(?<!know)(?<!test)(?<!decide)(?<!identify)(?<!ask)"
    r"(?<!consider)\s(?P<condition>(?:only )?if\s\S.*)$"
)
_RULER = re.compile(r"^[\W_]*$")


@dataclass(frozen=True, slots=True)
class Remarks:
    """What comments say about the command that they stand at."""

    title: str = ""
    condition: str = ""
    expected: str = ""
    remark: str = ""


def is_expected(comment: str) -> bool:
    """Whether a comment says what should be seen."""
    return bool(_EXPECTED.match(comment))


def remarks_of(above: Sequence[str], behind: str = "") -> Remarks:
    """The title is the first comment above that says neither a condition nor what is expected; else the one behind."""
    title, condition, expected, rest = "", "", "", []
    for comment in above:
        comment = _NUMBER.sub("", comment.strip(" -=#*").strip())
        if _RULER.match(comment):
            continue
        if is_expected(comment):
            expected = f"{expected} {comment}".strip()
            continue
        found, words = conditioned(comment)
        condition = condition or found
        if words and not title:
            title = words
        elif words:
            rest.append(words)
    if behind and is_expected(behind):
        expected = f"{expected} {behind}".strip()
    elif behind and not title:
        title = behind
    elif behind:
        rest.append(behind)
    return Remarks(title.removesuffix(":").strip(), condition, expected, "; ".join(rest))


def conditioned(words: str) -> tuple[str, str]:
    """A condition at the beginning of some words, or in brackets, and the words without it.

    "If pods crashing, check logs" -> ("If pods crashing", "check logs"); where the condition comes last, or is all that
    is said, the words stay.
    """
    if inside := _IN_BRACKETS.search(words):
        rest = re.sub(r"\s+", " ", words[: inside.start()] + words[inside.end() :]).strip(" :")
        return inside["condition"].strip(), rest or words
    found = _CONDITION.match(words)
    if found is None:
        behind = _BEHIND.search(words)
        return (behind["condition"] if behind else ""), words
    rest = found["rest"].strip(" :")
    condition = found["condition"].strip(" ,:")
    if not rest and (len(condition) > 60 or condition.lower().startswith("when to")):
        return "", words
    if not rest:
        return condition, "" if re.fullmatch(r"(?i)or|alternatively|otherwise|else", condition) else words
    return condition, rest[:1].upper() + rest[1:]
