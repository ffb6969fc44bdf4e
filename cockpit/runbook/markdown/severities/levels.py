"""What severities are called: P0, SEV-1, Sev 2, Severity 3, or Critical, High, Medium and Low where nothing else is."""

from __future__ import annotations

import re

_NUMBERED = re.compile(
    r"(?<![\w-])(?:(?P<p>P|S)|(?P<sev>SEV|Sev|sev)[- ]?|(?P<word>(?i:severity|priority))[- ]?(?i:level )?)"
    r"(?P<digit>[0-5])(?!\w)"
)
_GRADES = {
    "critical": 0, "blocker": 0, "emergency": 0, "high": 1, "major": 1, "medium": 2, "moderate": 2, "minor": 3,
    "low": 3, "informational": 4, "info": 4,
}  # fmt: skip
_GRADE = re.compile(
    rf"(?i)^\W*(?P<grade>{'|'.join(_GRADES)})\b(?:[ -]?(?:severity|priority|incidents?|issues?))?(?=\W|$)"
)


def levels_in(text: str) -> list[str]:
    """The numbered levels that a text names, in order, each once, as policies call them: `P0`, `SEV-1`."""
    found = (_name(match) for match in _NUMBERED.finditer(text))
    return list(dict.fromkeys(found))


def leading_level(text: str) -> str:
    """The level with which a text begins, apart from marks and emoji; empty where it begins with none."""
    head = re.sub(r"^[^\w]+", "", text)
    match = _NUMBERED.match(head)
    return _name(match) if match else ""


def leading_grade(text: str) -> str:
    """Critical, High, Medium, … with which a text begins; empty where it begins with none."""
    match = _GRADE.match(text)
    return match["grade"].capitalize() if match else ""


def rank(level: str) -> int:
    """How grave: 0 is the gravest, of a scheme that counts from 1 as of one from 0."""
    digit = re.search(r"\d", level)
    if digit is None:
        return _GRADES.get(level.lower(), 2)
    return int(digit[0]) - (0 if level.upper().startswith("P") else 1)


def _name(match: re.Match[str]) -> str:
    if match["p"]:
        return f"{match['p']}{match['digit']}"
    if match["sev"]:
        return f"SEV-{match['digit']}"
    return f"{'P' if match['word'].lower() == 'priority' else 'SEV-'}{match['digit']}"
