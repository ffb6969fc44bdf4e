"""Counts what kinds of lines logs hold: lines that differ only in numbers, ids, addresses and times are one kind."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.action.kubernetes.logs.counting import Counting, Gathered
from cockpit.action.kubernetes.logs.loglines import compiled
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.live import Live
from cockpit.action.model import Outcome

_LONGEST_PATTERN = 300

# In this order: an address holds numbers, a time too. Repetitions have bounds, as lines come from outside.
_PLACEHOLDERS = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?", "<time>"),
        (r"\d{1,2}/[a-z]{3}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?", "<time>"),
        (r"(?<![\d:])\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?![\d:])", "<time>"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uuid>"),
        (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?\b", "<ip>"),
        (r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])", "<ip>"),
        (r"\b0x[0-9a-f]{1,64}\b", "<hex>"),
        (r"\b(?=[a-f]{0,64}\d)(?=\d{0,64}[a-f])[0-9a-f]{8,64}\b", "<hex>"),
        (r"(?<![a-z0-9])(?=[a-z]{0,40}\d)(?=\d{0,40}[a-z])[a-z0-9]{10,64}(?![a-z0-9])", "<id>"),
        (r"\d+(?:[.,]\d+)*", "<n>"),
    )
)


def kind_of_line(line: str) -> str:
    """The line with placeholders for what differs from one occurrence to the next."""
    for pattern, instead in _PLACEHOLDERS:
        line = pattern.sub(instead, line)
    line = " ".join(line.split())
    return line if len(line) <= _LONGEST_PATTERN else line[:_LONGEST_PATTERN] + " …"


@dataclass(frozen=True, slots=True)
class LogPatterns(Counting):
    """Counts the kinds of lines that hold `matching` in the selected logs, the most frequent first.

    Args:
        matching: a regular expression.
        limit: how many kinds are shown.
    """

    matching: str = "(?i)error|fatal|exception"
    limit: int = 20
    heading: Heading = field(default_factory=lambda: Heading("log patterns"), kw_only=True)

    def looked_for(self) -> str:
        """Raises KubeError where it is no expression."""
        compiled(self.matching)
        return f"counts the kinds of lines that hold {self.matching}"

    async def count(self, gathered: Gathered, live: Live) -> Outcome | None:
        """That none is found is no failure."""
        counted, pods = await asyncio.to_thread(_counted, gathered.lines, compiled(self.matching))
        found = counted.total()
        await live.write([f"{found} of {gathered.said} hold {self.matching}; {len(counted)} kinds"])
        table = [f"{count:>7}  {pods[kind]:>4}  {kind}" for kind, count in counted.most_common(self.limit)]
        await live.write([f"{'COUNT':>7}  PODS  KIND", *table] if table else [])
        rest = len(counted) - self.limit
        await live.write([f"… and {rest} kinds more"] if rest > 0 else [])
        return None


def _counted(lines: Mapping[str, tuple[str, ...]], pattern: re.Pattern[str]) -> tuple[Counter[str], dict[str, int]]:
    """How often each kind of line occurs, and in how many pods."""
    counted: Counter[str] = Counter()
    where: defaultdict[str, set[str]] = defaultdict(set)
    for pod, some in lines.items():
        for line in some:
            if pattern.search(line):
                kind = kind_of_line(line)
                counted[kind] += 1
                where[kind].add(pod)
    return counted, {kind: len(pods) for kind, pods in where.items()}
