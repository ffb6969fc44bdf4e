"""The escalation ladder from the shell: each rung with when it was paged, and who is next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cockpit.incident.ladder import Ladder, Rung, fallen
from cockpit.incident.state import State
from cockpit.incident.times import span


def ladder_lines(found: Ladder | None, state: State, now: datetime) -> list[str]:
    """The rungs under a sentence on where the ladder stands; nothing without a ladder."""
    if found is None:
        return []
    wide = max(len(rung.call.who) for rung in found.rungs)
    rungs = [f"  {rung.call.who:<{wide}}  {_standing(rung, found, state, now)}".rstrip() for rung in found.rungs]
    return [f"Ladder: {found.words(state, now)}", *rungs]


def _standing(rung: Rung, found: Ladder, state: State, now: datetime) -> str:
    if rung.reached is not None:
        only = fallen(state, rung.page[0]) if rung.page is not None else ""
        return f"paged{only} {span((now - rung.reached).total_seconds())} ago"
    if rung.page is not None:
        return "paged, and nobody has heard it yet"
    if rung is found.next and found.waiting:
        return "next, now" if found.due(now) else "next"
    return rung.call.when


def ladder_data(found: Ladder | None, now: datetime) -> Mapping[str, Any] | None:
    """The same as JSON values; None without a ladder."""
    if found is None:
        return None
    rungs = [
        {"who": rung.call.who, "target": rung.target, "when": rung.call.when, "reached": rung.reached, "by": rung.by}
        for rung in found.rungs
    ]
    next_one = found.next.target if found.next is not None and found.waiting else None
    seconds = found.within.total_seconds()
    return {"rungs": rungs, "next": next_one, "due": found.due(now), "since": found.since, "within": seconds}
