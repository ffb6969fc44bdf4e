"""Whether a change helped: the signals and pods before it, compared with those some minutes after; and why nobody can
say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from msgspec import Struct

from cockpit.incident.kinds import Reading, RunEffect
from cockpit.incident.quantities import quantity
from cockpit.incident.state import Run
from cockpit.incident.times import time_of_day

MINUTES = (1, 5, 10)
"""How long after the end of a change the signals are compared."""
NOTICEABLE = 0.2
"""By which part of itself a value must have moved to be called better or worse, while its state stays the same."""

Word = Literal["helped", "no effect", "worse", "unknown"]
_RANK = {"ok": 0, "warning": 1, "breach": 2}


class Judged(Struct, frozen=True):
    """The verdict, and what speaks for it."""

    verdict: Word
    findings: tuple[str, ...]


def verdict(run: Run) -> str:
    """The latest verdict on a change, as `helped after 5 min`; before there is one, when it comes, or why none will."""
    said = [effect for effect, _ in run.effects if effect.verdict]
    if said:
        return f"{said[-1].verdict} after {said[-1].after} min"
    if run.effect(0) is None:
        return "effect unknown: no cockpit saw how it was before"
    if run.ended is None:
        return "effect unknown: nobody saw its end"
    return f"looked at again at {time_of_day(run.ended.at + timedelta(minutes=MINUTES[0]))}Z"


def judged(before: RunEffect, now: RunEffect) -> Judged:
    """Compare two looks at the same service.

    What got worse anywhere makes it worse; else what got better makes it helped. Where nothing moved, it had no effect.
    Without a reading that could be compared, nobody knows: a signal that was alarming and cannot be read any more is
    not better.
    """
    after = {reading.id: reading for reading in now.readings}
    moves = [_moved(reading, after.get(reading.id)) for reading in before.readings if reading.state in _RANK]
    moves += _pods(before, now)
    findings = tuple(words for _, words in moves if words)
    turns = {turn for turn, _ in moves}
    if "worse" in turns:
        return Judged("worse", findings)
    if "better" in turns:
        return Judged("unknown" if "lost" in turns else "helped", findings)
    if "lost" in turns or not turns:
        return Judged("unknown", findings or ("no signal could be read",))
    return Judged("no effect", findings or ("nothing that is measured has moved",))


def _moved(before: Reading, after: Reading | None) -> tuple[str, str]:
    """Which way one signal went, and the words; nothing to say of what was well and is."""
    if after is None or after.state not in _RANK or after.value is None or before.value is None:
        reason = after.reason if after is not None and after.reason else "not read"
        return ("lost", f"{before.title}: unknown now, {reason}") if _RANK[before.state] else ("same", "")
    change = f"{before.title} {quantity(before.value, before.unit)} → {quantity(after.value, after.unit)}"
    by = _RANK[after.state] - _RANK[before.state]
    if by:
        return ("worse" if by > 0 else "better", f"{change}, {before.state} → {after.state}")
    if not _RANK[before.state]:
        return "same", ""
    turn = _turn(before, after)
    return turn, f"{change}, still in {after.state}"


def _turn(before: Reading, after: Reading) -> str:
    """Which way an alarming value went, by its bound's side; the same, where it hardly moved."""
    assert before.value is not None
    assert after.value is not None
    by = after.value - before.value
    if abs(by) < NOTICEABLE * max(abs(before.value), 1e-9) or not before.bound:
        return "same"
    upward = before.bound.lstrip().startswith(">")
    return "worse" if (by > 0) is upward else "better"


def _pods(before: RunEffect, now: RunEffect) -> Sequence[tuple[str, str]]:
    """What became of the pods; nothing where either look did not see them."""
    if before.ready is None or before.wanted is None:
        return ()
    missing = before.wanted - before.ready
    if now.ready is None or now.wanted is None:
        return (("lost", "pods: unknown now"),) if missing > 0 else ()
    words = f"pods {before.ready}/{before.wanted} → {now.ready}/{now.wanted} ready"
    still = now.wanted - now.ready
    if still == missing:
        return (("same", words if still > 0 else ""),)
    return (("worse" if still > missing else "better", words),)
