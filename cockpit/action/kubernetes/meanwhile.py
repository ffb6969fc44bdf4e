"""What somebody changed between a run and its undo: the undo says so, and does not put back what was before the run."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.text import MASK, safe

_MADE = "made."


def making(made: Mapping[str, str]) -> dict[str, str]:
    """The part of a run's captured state that says what it made of each thing; what is masked cannot be compared."""
    return {f"{_MADE}{name}": value for name, value in made.items() if value != MASK}


def made_by(prior: Mapping[str, str]) -> dict[str, str]:
    """What `making` put there; empty for a run that was recorded without it."""
    return {name.removeprefix(_MADE): value for name, value in prior.items() if name.startswith(_MADE)}


def conflict(what: str, now: str = "", made: str = "") -> str:
    """The refusal of an undo: `what` was changed since the run, and is `now` instead of what it had `made`."""
    moved = f" from {_short(made)} to {_short(now)}" if made or now else ""
    return f"conflict: {what} was changed{moved} since this run, so it is not put back: change it by a step of its own"


def _short(value: str) -> str:
    told = safe(value)
    return told if len(told) <= 60 else f"{told[:59]}…"
