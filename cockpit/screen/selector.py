"""Label selectors as kubectl's `-l` takes them: equality, sets, and whether a label is there.

app=web,tier!=db   `==` too; `!=` holds also where there is no such label
app in (web, db)   `notin` holds also where there is no such label
canary,!legacy     has the label, whatever its value; has none of that name
Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Labels = Mapping[str, str]
Selects = Callable[[Labels], bool]

_KEY, _VALUE = r"[\w./-]+", r"[\w.-]*"
EQUALITY = rf"{_KEY}(?:==|!=|=){_VALUE}"
"""The regular expression of one requirement by equality, which holds no blank: a word may be told to be one."""

_COMMA = re.compile(r",(?![^(]*\))")
_EQUAL = re.compile(rf"({_KEY})\s*(==|!=|=)\s*({_VALUE})")
_SET = re.compile(rf"({_KEY})\s+(in|notin)\s*\(\s*({_VALUE}(?:\s*,\s*{_VALUE})*)\s*\)")
_THERE = re.compile(rf"(!?)\s*({_KEY})")


def selector(text: str) -> Selects:
    """Read a selector: what tells whether an object with such labels is meant.

    Raises:
        ValueError: with the part that is none, in words.
    """
    tests = [_requirement(part.strip()) for part in _COMMA.split(text)]
    return lambda labels: all(test(labels) for test in tests)


def _requirement(part: str) -> Selects:
    if found := _EQUAL.fullmatch(part):
        key, how, value = found.groups()
        return _among(key, frozenset((value,)), negated=how == "!=")
    if found := _SET.fullmatch(part):
        key, how, values = found.groups()
        return _among(key, frozenset(value.strip() for value in values.split(",")), negated=how == "notin")
    if found := _THERE.fullmatch(part):
        missing, key = found.groups()
        return lambda labels: (key in labels) is not bool(missing)
    raise ValueError(f"`{part}` is no label selector, as in: -l app=web,tier in (cache,db),!legacy")


def _among(key: str, values: frozenset[str], *, negated: bool) -> Selects:
    return lambda labels: (key in labels and labels[key] in values) is not negated
