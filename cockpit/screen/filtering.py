"""A filter as people type it: words, /regular expressions/ and labels, of which all must hold and each can be negated.

crash            holds the word, in any case of letters
/time(d )?out/   holds a match of the regular expression, in any case of letters
app=web,tier!=db has these labels (of pods only)
-l SELECTOR      what follows is a label selector in full, as kubectl takes it (of pods only)
!health          does not hold the word; so before a regular expression and before labels
!                is in fault (of pods only)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cockpit.screen.selector import EQUALITY, Labels, selector

LONGEST = 2_000
"""Characters of a text in which a regular expression is looked for: its time may grow with their square."""

_TERM = re.compile(r"(!?)(?:/((?:\\.|[^/\\])+)/(?=\s|$)|(\S+))")
_LABELS = re.compile(rf"{EQUALITY}(?:,{EQUALITY})*")
_SELECTOR = re.compile(r"(?:^|(?<=\s))-l(?:\s+|$)(.*)")
_NESTED = re.compile(r"\((?:\\.|[^()\\])*(?<!\\)[+*}](?:\\.|[^()\\])*\)[+*{]")
"""A repetition of what holds a repetition, as in `(a+)+`: on some texts that takes for ever."""

_Test = Callable[[str, Labels], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a line of text asks for.

    Attributes:
        text: as it was typed.
        faults: only what is in fault is wanted; whoever holds the pods knows which are.
        error: what is wrong with it, in words; that part of it then keeps nothing out.
    """

    text: str = ""
    faults: bool = False
    error: str = ""
    _tests: tuple[_Test, ...] = ()

    @property
    def all_pass(self) -> bool:
        """Whether it keeps nothing out."""
        return not self._tests and not self.faults

    def holds(self, text: str, labels: Labels | None = None) -> bool:
        """Whether what reads `text` and has `labels` passes; whether it is in fault is not asked here."""
        known = labels or {}
        for test in self._tests:  # noqa: SIM110 - it is asked of 20,000 pods at each letter of a filter
            if not test(text, known):
                return False
        return True


def pod_filter(text: str) -> Filter:
    """Read a filter of pods."""
    return _read(text, pods=True)


def line_filter(text: str) -> Filter:
    """Read a filter of lines, in which `level=error` is a word as any other."""
    return _read(text, pods=False)


def _read(text: str, *, pods: bool) -> Filter:
    tests: list[_Test] = []
    faults, errors = False, []
    asked = _SELECTOR.search(text) if pods else None
    for negated, pattern, word in _TERM.findall(text[: asked.start()] if asked else text):
        if word == "!":
            faults = pods
            continue
        try:
            test = _matching(pattern) if pattern else _labelled(word) if pods and _is_label(word) else _holding(word)
        except ValueError as wrong:
            errors.append(str(wrong))
            continue
        tests.append(_not(test) if negated else test)
    if asked and asked[1].strip():
        try:
            tests.append(_labelled(asked[1]))
        except ValueError as wrong:
            errors.append(str(wrong))
    return Filter(text.strip(), faults, errors[-1] if errors else "", tuple(tests))


def _is_label(word: str) -> bool:
    return _LABELS.fullmatch(word) is not None


def _holding(word: str) -> _Test:
    wanted = word.lower()
    return lambda text, labels: wanted in text.lower()


def _matching(pattern: str) -> _Test:
    """Raises ValueError with what is wrong with the pattern."""
    if _NESTED.search(pattern):
        raise ValueError(f"/{pattern}/ repeats a repetition, which may take for ever")
    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError) as error:
        raise ValueError(f"/{pattern}/ is no regular expression: {error}") from error
    return lambda text, labels: wanted.search(text[:LONGEST]) is not None


def _labelled(text: str) -> _Test:
    """Raises ValueError where it is no selector."""
    selects = selector(text)
    return lambda text, labels: selects(labels)


def _not(test: _Test) -> _Test:
    return lambda text, labels: not test(text, labels)
