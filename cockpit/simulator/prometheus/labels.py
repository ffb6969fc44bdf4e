"""Label sets and matchers: what names a series and what picks it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

Labels = tuple[tuple[str, str], ...]
"""A label set as pairs sorted by name, the metric's name under `__name__`: cheap to hash and to compare."""

NAME = "__name__"
BUCKET = "le"


def labels(pairs: Mapping[str, str]) -> Labels:
    """The label set of `pairs`; an empty value is the same as no label."""
    return tuple(sorted((name, value) for name, value in pairs.items() if value))


REMEMBERED = 8192
"""Label sets whose parts are remembered: the steps of a range ask for the parts of the same few again and again."""


@lru_cache(REMEMBERED)
def keep(metric: Labels, names: tuple[str, ...]) -> Labels:
    """Only the labels in `names`."""
    return tuple(pair for pair in metric if pair[0] in names)


@lru_cache(REMEMBERED)
def drop(metric: Labels, names: tuple[str, ...]) -> Labels:
    """All labels but those in `names`."""
    return tuple(pair for pair in metric if pair[0] not in names)


def without_name(metric: Labels) -> Labels:
    """The label set without the metric's name, as after any arithmetic."""
    return drop(metric, (NAME,))


def written(metric: Labels) -> str:
    """The label set as Prometheus writes it in its error messages."""
    return "{" + ", ".join(f'{name}="{escaped(value)}"' for name, value in metric) + "}"


def escaped(value: str) -> str:
    """A label's value as it stands between quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label: `operator` is `=`, `!=`, `=~` or `!~`; patterns are anchored at both ends.

    Raises:
        re.error: the pattern is not a regular expression.
    """

    name: str
    operator: str
    value: str
    _pattern: re.Pattern[str] | None = field(init=False, compare=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.operator in ("=~", "!~"):
            object.__setattr__(self, "_pattern", re.compile(f"(?:{self.value})"))

    def accepts(self, value: str) -> bool:
        """Whether a label of `value` (empty when it is missing) fits."""
        found = bool(self._pattern.fullmatch(value)) if self._pattern else value == self.value
        return found is not self.operator.startswith("!")

    def accepts_empty(self) -> bool:
        """Whether series without the label fit."""
        return self.accepts("")


def matches(metric: Labels, matchers: Iterable[Matcher]) -> bool:
    """Whether a label set fits all matchers."""
    values = dict(metric)
    return all(matcher.accepts(values.get(matcher.name, "")) for matcher in matchers)
