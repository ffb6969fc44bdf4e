"""A judgement: how much something can do, why, and how a person takes part in it while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cockpit.runbook.actions.base import RISKS, Risk

Interactive = Literal["", "stream", "forward", "terminal"]
"""How a command is with people: not at all, output without end, a tunnel until it is stopped, a terminal of its own."""

_DEMANDS: tuple[Interactive, ...] = ("", "stream", "forward", "terminal")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What something can do.

    Attributes:
        why: the reason in a short phrase, with names in backticks.
        interactive: what it becomes when it does not simply end; also set where the risk is greater.
    """

    risk: Risk
    why: str
    interactive: Interactive = ""


def reads(why: str) -> Judgement:
    """It only reads."""
    return Judgement("read-only", why)


def changes(why: str) -> Judgement:
    """It changes something, or what it does is not known."""
    return Judgement("changing", why)


def destroys(why: str) -> Judgement:
    """It takes something away."""
    return Judgement("destructive", why)


def asks(why: str, how: Interactive = "terminal") -> Judgement:
    """It does not end by itself: a person types into it, watches it or stops it."""
    return Judgement("interactive", why, how)


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """The greatest of several, the first of equals; nothing at all only reads."""
    greatest, interactive = None, _DEMANDS[0]
    for each in judgements:
        if greatest is None or RISKS.index(each.risk) > RISKS.index(greatest.risk):
            greatest = each
        interactive = max(interactive, each.interactive, key=_DEMANDS.index)
    if greatest is None:
        return reads("it runs nothing")
    return Judgement(greatest.risk, greatest.why, interactive)


def short(text: str) -> str:
    """Text of a script for a reason: one line, at most 40 characters."""
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"
