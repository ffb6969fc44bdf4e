"""Numbers of a line of text as bounds: `Error rate: should be <1%`, `Pod restart count > 3 in 10 minutes`, `5-10%`."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

from cockpit.config import Unit
from cockpit.runbook.markdown.times import UNITS, spans

Comparison = Literal["<", "<=", ">", ">=", "~", "-"]
"""As it stands in the text; `~` is about, `-` is a range."""

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,12}(?:\.\d{1,9})?"
_UNIT = (
    r"%|percent(?:age points)?\b|[KMGT]i?B\b|[KMGT]i\b|bytes\b|(?:k|K)(?![\w])|x\b|×"
    r"|(?:milli)?seconds?\b|msecs?\b|ms\b|secs?\b|s\b|min(?:ute)?s?\b|h(?:ou)?rs?\b|h\b|m\b|days?\b|d\b|weeks?\b"
    r"|rps\b|rpm\b|qps\b|tps\b"
)
_PER = r"(?:\s?[A-Za-z]{0,12}?)?\s?(?:/|\bper )\s?(?P<per>s|sec|second|m|min|minute|h|hour)\b"
_WORDS: dict[Comparison, str] = {
    ">=": r"at least|no less than|not less than|minimum of",
    "<=": r"at most|no more than|not exceed(?:ing)?|up to|maximum of",
    "<": r"(?:drops?|falls?|fell|dropped|goes|is|be|stays?) (?:below|under)|(?:less|lower|fewer|smaller) than"
    r"|below|under",
    ">": r"(?:goes|is|rises|spikes?|be) (?:above|over)|(?:more|greater|higher|larger|longer) than|above|over"
    r"|exceed(?:s|ed|ing)?",
}
_SIGNS = {"≤": "<=", "≥": ">=", "=<": "<=", "=>": ">=", "≈": "~", "around": "~", "approximately": "~", "approx.": "~"}
_WORD = "|".join(f"(?:{words})" for words in _WORDS.values())
_STATED = re.compile(
    r"(?i)(?:(?P<sign><=|>=|=<|≤|≥|(?<![=>-])(?<!\s\d)>(?!>)|(?<!<)<(?![<!/a-z])|~|≈"
    r"|\baround\b|\bapproximately\b|\bapprox\.)"
    rf"|\b(?P<word>{_WORD})\b)\s*[~$]?\s*(?P<number>{_NUMBER})\s?(?P<unit>{_UNIT})?(?:{_PER})?"
    rf"|(?<![\w.:/-])(?P<low>{_NUMBER})\s?%?\s?(?:-|–|—|\bto\b)\s?(?P<high>{_NUMBER})\s?(?P<runit>{_UNIT})(?!\w)"
)
_LASTING = re.compile(r"(?i)\bfor(?:\s+(?:at least|more than|over|longer than))?\s*[>≥]?=?\s*$")
_WINDOW = re.compile(r"(?i)\b(?:in|within|over|during|last|past|per)(?:\s+(?:the|a|any|last|past))*\s*$")
_RELATIVE = re.compile(
    r"(?i)^\s*(?:x\b|times\b|increase|decrease|drop|above (?:the )?(?:baseline|average|normal)|slower|faster"
    r"|(?:of |from |over )?(?:the )?(?:baseline|normal|average)|degradation)"
)
_OF_NORMAL = re.compile(
    r"(?i)^\s*(?:of\s+)?(?:(?:the|its|our)\s+)?(?:(?:usual|expected)\s+)?(?:baseline|normal|average)\b"
)
_CHANGED = re.compile(
    r"(?i)(?:increas\w*|decreas\w*|drop(?:ped|s)?|degradation|slow(?:er|down)?|impact|change[ds]?)\s*(?:by|of|:)?\s*\(?\s*$"
)
_BYTES = {"k": 1, "m": 2, "g": 3, "t": 4}
_RATE = {"rps": 60.0, "qps": 60.0, "tps": 60.0, "rpm": 1.0}
_PER_MINUTE = {"s": 60.0, "sec": 60.0, "second": 60.0, "h": 1 / 60, "hour": 1 / 60}


@dataclass(frozen=True, slots=True)
class Stated:
    """One number of a text and what is said of it.

    Attributes:
        before: the text in front of it, from the number before or the beginning.
        after: the text behind it, to the next number or the end.
        value: in `unit`; of a range its lower end, `upper` its upper one.
        words: comparison, number and unit as they stand, with what belongs to them: `<80% of limit`.
        window: seconds over which the text looks; None without.
        lasting: seconds for which it must hold; 0 without.
        relative: whether the number is measured against a normal that is not said (`20 % slower`).
        of_normal: of a share of that normal (`below 50 % of normal`, `2x baseline`), how many percent; else None.
        in_words: whether the comparison is words, which prose also has where it measures nothing.
    """

    before: str
    after: str
    comparison: Comparison
    value: float
    unit: Unit
    words: str
    upper: float | None = None
    window: float | None = None
    lasting: float = 0.0
    relative: bool = False
    in_words: bool = False
    of_normal: float | None = None


def stated(text: str) -> list[Stated]:
    """The numbers with a comparison, an about, or a range, that a line of text states.

    A time that says for how long (`for 5 minutes`) or over which time (`in 10 minutes`) belongs to the number before
    it; at the beginning (`stopped for >15 minutes`) it is the number itself.
    """
    text = html.unescape(text)[:2000]
    matches = list(_STATED.finditer(text))
    found: list[Stated] = []
    for number, match in enumerate(matches):
        start = matches[number - 1].end() if number else 0
        before = text[start : match.start()]
        if found and (_LASTING.search(before) or _is_window(match)):
            continue
        end = matches[number + 1].start() if number + 1 < len(matches) else len(text)
        if each := _one(match, before, text[match.end() : end], text[match.end() :]):
            found.append(each)
    return found


def _one(match: re.Match[str], before: str, after: str, rest: str) -> Stated | None:
    comparison: Comparison = "-" if match["low"] else _comparison(match)
    first = match["low"] or match["number"]
    unit, factor = _unit(match["runit"] or match["unit"] or "", match["per"] if not match["low"] else None)
    upper = _value(match["high"]) * factor if match["high"] else None
    value = _value(first) * factor
    if upper is not None and upper < value:
        return None
    window, lasting = _times(rest)
    of = re.match(r"\s*(?:of (?:the )?[a-z]+|(?:p|P)\d{2}\b|req/min\b)", after)
    words = f"{match[0]}{of[0] if of else ''}".strip()
    changed = unit == "percent" and _CHANGED.search(before)
    times = (match["unit"] or "").lower() in ("x", "×")
    relative, share = bool(_RELATIVE.match(after) or changed) or times, None
    if upper is None and (times or unit == "percent") and not changed and (normal := _OF_NORMAL.match(after)):
        relative, share, words = True, value * (100.0 if times else 1.0), f"{match[0]}{normal[0]}".strip()
    in_words = bool(match["word"])
    return Stated(before, after, comparison, value, unit, words, upper, window, lasting, relative, in_words, share)


def _is_window(match: re.Match[str]) -> bool:
    """Whether it only says over which time another number is looked at: `> 0 over 15 minutes`."""
    return (match["word"] or "").lower() == "over" and (match["unit"] or "").lower() in UNITS


def _comparison(match: re.Match[str]) -> Comparison:
    if match["word"]:
        word = match["word"].lower()
        return next(sign for sign, words in _WORDS.items() if re.fullmatch(words, word))
    sign = match["sign"].lower()
    return _SIGNS.get(sign, sign)  # type: ignore[return-value]  # the pattern has no other


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _unit(word: str, per: str | None) -> tuple[Unit, float]:
    """The unit as a threshold has it, and what the number is multiplied with to be in it."""
    small = word.lower()
    if per:
        return "per-minute", _PER_MINUTE.get(per.lower(), 1.0) * (1000.0 if small == "k" else 1.0)
    if small in _RATE:
        return "per-minute", _RATE[small]
    if small == "%" or small.startswith("percent"):
        return "percent", 1.0
    if small == "k":
        return "count", 1000.0
    if found := re.fullmatch(r"([kmgt])(i?)b?", small):
        if found[1] == "m" and len(small) == 1:
            return "seconds", 60.0
        return "bytes", float((1024 if found[2] else 1000) ** _BYTES[found[1]])
    if small == "bytes":
        return "bytes", 1.0
    return ("seconds", UNITS[small]) if small in UNITS else ("count", 1.0)


def _times(rest: str) -> tuple[float | None, float]:
    """Over which time, and for how long, by what follows a number; to the next number with a comparison of its own."""
    window, lasting = None, 0.0
    for span in spans(rest[:200]):
        before = rest[: span.start]
        if _LASTING.search(before) or re.search(r"(?i)sustained\s*$", before):
            lasting = lasting or span.lower
        elif _WINDOW.search(before):
            window = window or span.lower
        elif re.search(r"[<>≤≥,;]", before):
            break
    return window, lasting
