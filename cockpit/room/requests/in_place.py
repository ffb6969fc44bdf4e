"""What was changed and is still in place at a resolution: of each somebody says that it stays, or undoes it first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cockpit.incident.kinds import MitigationLeft
from cockpit.incident.state import Run, State
from cockpit.incident.times import lasting, time_of_day
from cockpit.room.refusal import Refusal
from cockpit.room.requests.desk import Request
from cockpit.values import replace

ALL = "all"
"""Instead of a run's id: every change stays."""


def standing(state: State) -> list[Run]:
    """The changes that are in place and of which nobody has said that they stay; what ends by itself does not."""
    return [run for run in state.in_place() if run.left is None and run.ends is None]


def left(state: State, stays: frozenset[str]) -> list[MitigationLeft]:
    """What is recorded of the changes that stay.

    Raises:
        Refusal: of one nobody has said that it stays.
    """
    runs = standing(state)
    if open_ := [run for run in runs if not {run.intent.run, ALL} & stays]:
        names = "; ".join(told(run) for run in open_)
        raise Refusal(f"still in place: {names}. Undo it (`cockpit runbook undo`), or say that it stays with --stays")
    return [MitigationLeft(run=run.intent.run, title=run.intent.title) for run in runs]


def told(run: Run) -> str:
    """One change in words: what, by whom, since when, what it made of what."""
    intent = run.intent
    move = f", {intent.before} → {intent.after}" if intent.after else ""
    doubt = " (outcome unknown)" if run.outcome == "unknown" else ""
    return f"{intent.title}{move}, {run.started.actor} {time_of_day(run.started.at)}Z{doubt}"


def expiry(run: Run, now: datetime) -> str:
    """When what a change made ends by itself: `ends in 41 min`, `ended 5 min ago`; empty where it does not."""
    if run.ends is None:
        return ""
    seconds = (run.ends - now).total_seconds()
    return f"ends in {lasting(seconds)}" if seconds > 0 else f"ended {lasting(seconds)} ago"


def undecided(request: Request, state: State) -> list[Run]:
    """The changes about which whoever performs `request` is to be asked first; none unless it resolves."""
    parts: tuple[Any, ...] = getattr(request, "parts", (request,))
    asking = [part for part in parts if resolves(part)]
    if not asking:
        return []
    return [run for run in standing(state) if not {run.intent.run, ALL} & asking[0].stays]


def staying(request: Request, runs: list[Run]) -> Request:
    """`request`, with what was answered: these stay."""
    ids = frozenset(run.intent.run for run in runs)
    changed: Any = request
    if hasattr(request, "parts"):
        return replace(changed, parts=tuple(staying(part, runs) for part in changed.parts))  # type: ignore[no-any-return]
    return replace(changed, stays=changed.stays | ids) if resolves(request) else request


def resolves(request: Any) -> bool:
    """Whether a single request ends the impact."""
    return hasattr(request, "stays") and (not hasattr(request, "to") or request.to == "resolved")
