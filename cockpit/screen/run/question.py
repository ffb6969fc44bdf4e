"""The last line of a run: the question that its stage asks, and the keys that answer it."""

from __future__ import annotations

from typing import Literal

from cockpit.room.runs.runs import Plan
from cockpit.screen.run.rows import place_of
from cockpit.screen.spans import Span, Spans, width_of

Stage = Literal["preparing", "asking", "asking again", "flying", "unrecorded", "over", "refused", "forbidden"]

UNRECORDED = "UNRECORDED"
"""The word that somebody types who acts although the record cannot be written."""
_BACK = (Span(" esc ", "accent"), Span("back", "quiet"))
_ANSWERS = (Span("y", "accent"), Span(" yes, change it  "), Span("n", "accent"), Span(" no (default)"))


def follows(plan: Plan | None) -> bool:
    """Whether what runs only shows something until it is stopped."""
    return plan is not None and plan.interactive == "stream"


def question(stage: Stage, plan: Plan | None, width: int, *, step: bool, cut: bool, undoable: bool) -> Spans:
    """The line for a stage.

    Args:
        plan: None while it is prepared, and where it cannot be.
        width: cells that there are.
        step: whether it is a step of the runbook, which may be done by hand.
        cut: whether the preview has more rows than are seen.
        undoable: whether there is a way back.
    """
    if plan is not None and stage in ("asking", "asking again"):
        return _asking(plan, width, cut=cut) if stage == "asking" else _asking_again(plan)
    if stage == "unrecorded":
        return (Span(f" NOT DONE, not recorded: type {UNRECORDED} and enter to do it all the same ", "bad"), *_BACK)
    if stage == "flying" and follows(plan):
        return (Span(" X ", "accent"), Span("stops it", "quiet"), Span("  esc ", "accent"), Span("too", "quiet"))
    if stage == "flying":
        return (*_BACK, Span(" (it goes on)  ", "quiet"), Span("X", "accent"), Span(" cancel", "quiet"))
    if stage == "over" and plan is not None and undoable:
        return (*_BACK, *_key("U", f"undo: {plan.undo}"))
    if stage == "forbidden":
        return (*_BACK, *_key("B", "break the glass: do it once, with a reason"))
    if stage == "refused" and step:
        return (*_BACK, *_key("Y", "copy the command"), *_key("space", "it was done by hand"))
    return _BACK


def _asking(plan: Plan, width: int, *, cut: bool) -> Spans:
    """Yes or no, or the name to type."""
    if plan.confirm.kind == "yes":
        ask = f" {plan.title} in {place_of(plan)}? "
        return (Span(ask if len(ask) <= width - width_of(_ANSWERS) else " Do it? ", "warn"), *_ANSWERS)
    return (Span(f" type {plan.confirm.name} and enter to do it ", "warn"), *_BACK, *(_key("↑↓", "the rest") * cut))


def _asking_again(plan: Plan) -> Spans:
    answers = (Span("y", "accent"), Span(" yes  "), Span("n", "accent"), Span(" no (default)  "))
    return (Span(" Really? ", "bad"), *answers, Span(plan.confirm.extra, "bad"))


def _key(key: str, does: str) -> Spans:
    return (Span(f"  {key} ", "accent"), Span(does, "quiet"))
