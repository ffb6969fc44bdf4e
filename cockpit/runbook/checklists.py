"""Checklists as data: one for each role, and one for after the incident; their phases, time boxes and dates."""

from __future__ import annotations

from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config.values import span
from cockpit.incident.answers import ANSWERS, answer_of
from cockpit.incident.policies import Range
from cockpit.runbook.source import Cited, Id, Sourced, Words


def _known_answer(name: str) -> str:
    if name and answer_of(name) is None:
        shapes = "ran:STEP, verified:STEP, review:SECTION"
        known = f"{', '.join(ANSWERS)}, {shapes}"
        near = get_close_matches(name, ANSWERS, 1, 0.6)
        mend = f"did you mean `{near[0]}`?" if near else "known: {known}"
        raise PydanticCustomError("answer", f"names no fact that ticks an item; {mend}", {"known": known})
    return name


def _within(value: Any) -> Any:
    """`2h`, or `24h-48h`: due soon after the first, overdue after the last."""
    return value if isinstance(value, Range) else Range(*(timedelta(seconds=each) for each in span(value)))


class Item(Cited):
    """One thing to tick. `answered_by` names the fact of the record that ticks it by itself
    (cockpit/incident/answers.py)."""

    id: Id
    answered_by: Annotated[str, AfterValidator(_known_answer)] = ""


class Phase(Sourced):
    """A part of a checklist. `begins` and `ends` are minutes after the declaration, None without a time box; `within`
    is how long after the resolution it is due (`2h`, `24h-48h`). `box` is the document's wording of either. `document`
    is the one it quotes, where that is not the file's."""

    id: Id
    title: Words
    begins: float | None = Field(default=None, ge=0)
    ends: float | None = Field(default=None, gt=0)
    within: Annotated[Range, BeforeValidator(_within)] | None = None
    box: str = ""
    document: str = ""
    items: tuple[Item, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_box(self) -> Phase:
        if self.ends is not None and (self.begins is None or self.begins >= self.ends):
            raise PydanticCustomError(
                "box", "needs a `begins` before its `ends`; both are minutes from the declaration"
            )
        if self.within is not None and self.begins is not None:
            raise PydanticCustomError(
                "box", "runs from the declaration (`begins`) or from the resolution (`within`), not from both"
            )
        return self


class Phases(Sourced):
    """A list. `document` is the one it quotes, where that is not the file's."""

    title: Words
    document: str = ""
    phases: tuple[Phase, ...] = Field(min_length=1)


class Checklist(Phases):
    """One role's list."""

    role: Literal["ic", "ops", "comms", "scribe", "tl", "oncall", "support"]


class PostIncident(Phases):
    """The list for after the incident, which belongs to no one role."""

    role: Literal["after"] = "after"
