"""Statistics of the durations that log lines name: how many, average, least, greatest, percentiles."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cockpit.action.kubernetes.logs.counting import Counting, Gathered
from cockpit.action.kubernetes.logs.loglines import compiled
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.live import Live
from cockpit.action.model import Outcome
from cockpit.kube.errors import KubeError

_MILLISECONDS = {
    "ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "msec": 1.0, "millis": 1.0, "milliseconds": 1.0,
    "s": 1e3, "sec": 1e3, "secs": 1e3, "second": 1e3, "seconds": 1e3, "m": 6e4, "min": 6e4, "minutes": 6e4,
}  # fmt: skip
_UNITS = "|".join(sorted(_MILLISECONDS, key=len, reverse=True))
_UNIT = re.compile(rf"\s?(?P<unit>{_UNITS})(?![a-z])", re.IGNORECASE)
_WORD = r"(?:duration|took|elapsed|latency)"
_NAMED = re.compile(
    rf"(?P<name>(?<![a-z]){_WORD}[\w.]{{0,20}})[\"']?\s{{0,3}}(?:[:=]|is|was|of|in|for)?\s{{0,3}}[\"']?"
    r"(?P<value>\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
"""The number after the word: `duration=12ms`, `"latency_ms": 12`, `took 1.2 s`."""
_LAST = re.compile(rf"(?P<value>\d+(?:\.\d+)?)(?:{_UNITS})?$", re.IGNORECASE)
"""The number that ends a line in which the word stands, as `awk '{print $NF}'` takes it
(production-incident-response-plan.md:312)."""
_NAME_UNIT = re.compile(rf"[_.]?({_UNITS})$", re.IGNORECASE)
_MENTIONS = re.compile(_WORD, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Durations:
    """What was found: milliseconds, and how many of them had no unit and were taken for milliseconds."""

    values: Sequence[float]
    without_unit: int


@dataclass(frozen=True, slots=True)
class LogDurations(Counting):
    """Reads the durations out of the selected logs and tells their statistics.

    Args:
        matching: a regular expression whose group `value`, else its first group, is the number; a group `unit`, or a
            unit right after the number, tells what it means; without one it is milliseconds.
    """

    matching: str = ""
    heading: Heading = field(default_factory=lambda: Heading("log durations"), kw_only=True)

    def looked_for(self) -> str:
        """Raises KubeError where the expression names no number."""
        self._pattern()
        return "statistics of the durations in them"

    def _pattern(self) -> re.Pattern[str] | None:
        """The runbook's own expression. Raises KubeError when it names no number."""
        if not self.matching:
            return None
        pattern = compiled(self.matching)
        if not pattern.groups:
            message = f"`{self.matching}` has no group for the number"
            raise KubeError("invalid", message, "put the number in a group: (?P<value>[0-9.]+)")
        return pattern

    async def count(self, gathered: Gathered, live: Live) -> Outcome | None:
        """That there is none is a failure."""
        found = await asyncio.to_thread(_found, gathered.lines, self._pattern())
        if not found.values:
            what = f"hold {self.matching}" if self.matching else "name a duration"
            return Outcome("failed", 1, f"no durations found: of {gathered.said} none {what}")
        await live.write([f"{len(found.values)} durations in {gathered.said}", *statistics(found.values)])
        if found.without_unit:
            await live.write([f"{found.without_unit} had no unit and were taken for milliseconds"])
        return None


def statistics(values: Iterable[float]) -> list[str]:
    """Lines with count, average, least, greatest and percentiles (nearest rank) of milliseconds; there must be one."""
    ranked = sorted(values)
    told = {"avg": math.fsum(ranked) / len(ranked), "min": ranked[0], "max": ranked[-1]}
    told |= {f"p{share}": ranked[max(math.ceil(len(ranked) * share / 100), 1) - 1] for share in (50, 95, 99)}
    return [f"count  {len(ranked)}", *(f"{name:<5}  {_said(value)}" for name, value in told.items())]


def _said(milliseconds: float) -> str:
    """A duration with three significant digits or more, in ms below a second, in s from there on."""
    if milliseconds < 1000:
        return f"{milliseconds:.3g} ms" if milliseconds < 100 else f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.2f} s"


def _found(lines: Mapping[str, tuple[str, ...]], pattern: re.Pattern[str] | None) -> Durations:
    values, without_unit = list[float](), 0
    for some in lines.values():
        for line in some:
            number = duration_in(line, pattern)
            if number is not None:
                values.append(number[0])
                without_unit += not number[1]
    return Durations(values, without_unit)


def duration_in(line: str, pattern: re.Pattern[str] | None = None) -> tuple[float, str] | None:
    """The duration that a line names, in milliseconds, with its unit as it was told; None when it names none.

    Args:
        pattern: takes the place of the usual search; its group `value`, else its first, is the number.
    """
    if pattern is None:
        found = _NAMED.search(line)
        if found is None and _MENTIONS.search(line):
            found = _LAST.search(line.rstrip().rpartition(" ")[2])
            line = line.rstrip().rpartition(" ")[2]
    else:
        found = pattern.search(line)
    if found is None:
        return None
    group: str | int = "value" if "value" in found.re.groupindex else 1
    try:
        value = float(found[group] or "")
    except ValueError:
        return None
    unit = _unit(found, line[found.end(group) :]).lower()
    return (value * _MILLISECONDS.get(unit, 1.0), unit) if math.isfinite(value) else None


def _unit(found: re.Match[str], rest: str) -> str:
    """The unit of a number: of its own group, right after it, or at the end of the name before it."""
    named = found.groupdict()
    if named.get("unit"):
        return str(named["unit"])
    if after := _UNIT.match(rest):
        return after["unit"]
    before = _NAME_UNIT.search(named.get("name") or "")
    return before[1] if before else ""
