"""Several looks at once: health checks of any kind side by side, one table, what failed in full below it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cockpit.action.effort import attempt
from cockpit.action.errors import RefusedError
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.live import Live
from cockpit.action.model import Action, Never, Outcome, Plan, ReadOnly, Situation, needs_cluster
from cockpit.incident.ids import new_id
from cockpit.incident.quantities import took
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.text import clean

AT_ONCE = 4
"""Checks that run at the same time."""

_MARGIN = 10.0
_LONGEST_FINDING = 100
_MOST_LINES = 40
"""Lines that are shown of the output of one that failed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One check: what it is called, and its plan, or why there is none."""

    title: str
    plan: Plan | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """Looks at all `parts` together, each within its own time.

    Args:
        parts: by title; a text in place of an action says why that one cannot be looked at.
    """

    parts: Sequence[tuple[str, Action | str]]
    heading: Heading = field(default_factory=lambda: Heading("Health check"))

    needs_cluster = False

    async def prepare(self, access: Access | None, situation: Situation) -> Plan:
        """The plan of all; a part that cannot be prepared is unknown later, one that changes something is a refusal."""
        parts = await asyncio.gather(*(_prepared(title, part, access, situation) for title, part in self.parts))
        plans = [part.plan for part in parts if part.plan]
        place = next((plan for plan in plans if plan.context), None)
        longest = max((plan.timeout for plan in plans), default=0.0)
        changing = [part.title for part in parts if part.plan and part.plan.risk != "read-only"]
        refusals = [f"{title} does more than look, so it cannot be looked at with others" for title in changing]
        refusals += [] if parts else ["there is nothing to look at: the runbook has no health check that can run"]
        return Plan(
            run=new_id(),
            title=self.heading.title,
            risk="read-only",
            command="\n".join(plan.command for plan in plans),
            execution=Never() if refusals else Looking(tuple(parts)),
            step=self.heading.step,
            request="\n".join(f"{part.title}: {part.plan.request if part.plan else part.why}" for part in parts),
            context=place.context if place else "",
            server=place.server if place else "",
            namespace=place.namespace if place else "",
            object=f"{len(parts)} checks",
            refusals=tuple(refusals),
            checks=self.heading.checks,
            timeout=longest * math.ceil(len(parts) / AT_ONCE) + _MARGIN,
        )


async def _prepared(title: str, part: Action | str, access: Access | None, situation: Situation) -> Part:
    if isinstance(part, str):
        return Part(title, None, part)
    if access is None and needs_cluster(part):
        return Part(title, None, "the cluster is not open")
    try:
        plan = await part.prepare(access, situation)  # type: ignore[arg-type]  # None: it needs no cluster
    except (KubeError, RefusedError) as error:
        return Part(title, None, str(error))
    return Part(title, plan, plan.refusals[0] if plan.refusals else "")


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one check: `finding` in a few words, `lines` in full."""

    title: str
    state: Literal["ok", "failed", "unknown"]
    finding: str
    seconds: float | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looking(ReadOnly):
    """The execution: all parts, a few at a time."""

    parts: tuple[Part, ...]

    async def run(self, live: Live) -> Outcome:
        """Look at all, and write the table. Failed when any failed; unknown when any could not be looked at."""
        turn = asyncio.Semaphore(AT_ONCE)
        waiting = {number: part.title for number, part in enumerate(self.parts)}

        async def look(number: int, part: Part) -> Found:
            async with turn:
                live.say(f"{len(self.parts) - len(waiting)} of {len(self.parts)} done, {part.title}")
                found = await _looked(part, live)
            del waiting[number]
            if waiting:
                live.say(f"{len(self.parts) - len(waiting)} of {len(self.parts)} done, {next(iter(waiting.values()))}")
            return found

        async with asyncio.TaskGroup() as group:  # it waits for all to end, also when it is cancelled
            looks = [group.create_task(look(number, part)) for number, part in enumerate(self.parts)]
        found = [task.result() for task in looks]
        await live.write(_table(found))
        return _outcome(found)


async def _looked(part: Part, live: Live) -> Found:
    """Run one with an output of its own, which is only shown when it failed."""
    if part.plan is None or part.why:
        return Found(part.title, "unknown", part.why)
    own = Live(live.clock)
    outcome, cancelled = await attempt(part.plan, own)
    if cancelled:
        raise asyncio.CancelledError
    lines = tuple(own.output.text().splitlines())
    state: Literal["ok", "failed", "unknown"] = "ok" if outcome.outcome == "succeeded" else "failed"
    if outcome.outcome == "unknown":
        state = "unknown"
    return Found(part.title, state, outcome.error or _finding(lines), own.elapsed, lines)


def _finding(lines: Sequence[str]) -> str:
    """An output in a few words: one line as it is, a table of one row as its row, else the first and how many more."""
    said = [line for line in lines if line.strip()]
    if not said:
        return "nothing was said"
    if len(said) == 4 and set(said[1]) <= set("-+"):
        return ", ".join(f"{name.strip()} {value.strip()}" for name, value in zip(*_cells(said), strict=False))
    return said[0] if len(said) == 1 else f"{said[0]} (and {len(said) - 1} lines)"


def _cells(said: Sequence[str]) -> tuple[list[str], list[str]]:
    return said[0].split(" | "), said[2].split(" | ")


def _table(found: Sequence[Found]) -> Iterator[str]:
    width = max(len(clean(each.title)) for each in found)
    for each in found:
        seconds = took(each.seconds) if each.seconds is not None else ""
        yield f"{each.state:<7}  {clean(each.title):<{width}}  {seconds:>7}  {_cut(each.finding)}".rstrip()
    for each in found:
        if each.state == "failed" and each.lines:
            yield from ("", f"{clean(each.title)}:")
            yield from (f"  {line}" for line in each.lines[:_MOST_LINES])
            if len(each.lines) > _MOST_LINES:
                yield f"  … {len(each.lines) - _MOST_LINES} lines left out"


def _cut(text: str) -> str:
    text = clean(text)
    return text if len(text) <= _LONGEST_FINDING else f"{text[: _LONGEST_FINDING - 1]}…"


def _outcome(found: Sequence[Found]) -> Outcome:
    failed = [each.title for each in found if each.state == "failed"]
    unknown = [each.title for each in found if each.state == "unknown"]
    words = [f"{len(failed)} of {len(found)} failed: {', '.join(failed)}"] if failed else []
    words += [f"{len(unknown)} could not be looked at: {', '.join(unknown)}"] if unknown else []
    if failed:
        return Outcome("failed", 1, "; ".join(words))
    return Outcome("unknown", None, words[0]) if unknown else Outcome("succeeded", 0)
