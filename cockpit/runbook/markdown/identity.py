"""Ids that stay when a document is imported again: what stayed keeps the id it had, also where it was reworded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, TypeVar

from pydantic import BaseModel

from cockpit.runbook.actions import Checks
from cockpit.runbook.checklists import Phase
from cockpit.runbook.markdown.findings import Given
from cockpit.runbook.model import Procedure, Runbook, Scenario, Step

Model = TypeVar("Model", bound=BaseModel)

_ALIKE = 0.7
"""How alike two texts must be to be the same thing, reworded; 1 is equal."""
_MOST = 400
"""More leftovers than this are not compared pairwise: the document is another one."""


@dataclass(frozen=True, slots=True)
class Known:
    """A thing with an id: its `what` is the command or the words, its `title` the heading or comment over it."""

    id: str
    place: str
    what: str
    title: str


@dataclass(slots=True)
class _Match:
    """Which old id each new one gets."""

    renamed: dict[str, str] = field(default_factory=dict)
    old: list[Known] = field(default_factory=list)
    new: list[Known] = field(default_factory=list)

    def pair(self, key: Callable[[Known], object]) -> None:
        """Match those whose key is the same, in their order; a key that says nothing matches nothing."""
        waiting: dict[object, list[Known]] = {}
        for each in self.old:
            if key(each):
                waiting.setdefault(key(each), []).append(each)
        for each in list(self.new):
            if key(each) and (found := waiting.get(key(each))):
                self._take(found.pop(0), each)

    def liken(self) -> None:
        """Match what is left by how alike it is, the most alike first."""
        if len(self.old) * len(self.new) > _MOST * _MOST:
            return
        pairs = [(score, old, new) for new in self.new for old in self.old if (score := _alike(old, new)) >= _ALIKE]
        for _, old, new in sorted(pairs, key=lambda pair: -pair[0]):
            if old in self.old and new in self.new:
                self._take(old, new)

    def _take(self, old: Known, new: Known) -> None:
        self.renamed[new.id] = old.id
        self.old.remove(old)
        self.new.remove(new)


@dataclass(frozen=True, slots=True)
class Kept:
    """A runbook whose ids stayed.

    Attributes:
        names: by section, the id that each thing has now, by the one that it would have had.
    """

    runbook: Runbook
    names: dict[str, dict[str, str]]


def keep(old: Runbook, new: Runbook) -> Kept:
    """`new` with the ids that `old` had for the same things; whatever refers to an id follows it."""
    names = {"steps": _renamed(_steps(old), _steps(new)), "items": _renamed(_items(old), _items(new))}
    for section in ("scenarios", "procedures", "contacts", "dashboards", "templates", "thresholds"):
        names[section] = _renamed(_things(getattr(old, section)), _things(getattr(new, section)))
    return Kept(_following(new, names, ""), names)


def _renamed(old: Iterable[Known], new: Iterable[Known]) -> dict[str, str]:
    match = _Match(old=list(old), new=list(new))
    fresh = list(match.new)
    match.pair(lambda each: (each.what, each.title, each.place) if each.what or each.title else None)
    match.pair(lambda each: (each.what, each.title) if each.what else None)
    match.pair(lambda each: (each.what, each.place) if each.what else None)
    match.pair(lambda each: each.what)
    match.pair(lambda each: (each.title, each.place) if each.title else None)
    match.liken()
    given = Given(set(match.renamed.values()))
    for each in fresh:
        if each.id not in match.renamed:
            match.renamed[each.id] = given.new(each.id)
    return match.renamed


def _alike(old: Known, new: Known) -> float:
    """How alike two things are: by what they do and what they are called; the same place counts a little."""
    found = max(_ratio(old.what, new.what), _ratio(old.title, new.title) - 0.1)
    return min(1.0, found + (0.05 if old.place == new.place else 0.0))


def _ratio(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    matcher = SequenceMatcher(None, one[:400].lower(), other[:400].lower(), autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE - 0.1 or matcher.quick_ratio() < _ALIKE - 0.1:
        return 0.0
    return matcher.ratio()


def _steps(runbook: Runbook) -> list[Known]:
    found = [_step(step, scenario.title) for scenario in runbook.scenarios for step in scenario.steps]
    found += [_step(step, procedure.title) for procedure in runbook.procedures for step in procedure.steps]
    return found + [_step(check, check.group) for check in runbook.health_checks]


def _step(step: Step, place: str) -> Known:
    return Known(step.id, place, _does(step), step.title)


def _does(step: Step) -> str:
    """What a step does; where its values come from is no part of that."""
    return step.command or (step.action.model_dump_json() if step.action else step.manual)


def _things(section: Sequence[Any]) -> list[Known]:
    """Scenarios, contacts and the like: known by what is in them, and by what they are called."""
    return [
        Known(
            each.id, getattr(each, "group", ""), _holds(each), getattr(each, "title", "") or getattr(each, "name", "")
        )
        for each in section
    ]


def _holds(thing: Any) -> str:
    if isinstance(thing, Scenario | Procedure):
        return "\n".join(_does(step) for step in thing.steps)
    return getattr(thing, "text", "")


def _items(runbook: Runbook) -> list[Known]:
    phases: list[tuple[str, Phase]] = [(each.role, phase) for each in runbook.checklists for phase in each.phases]
    phases += [("after", phase) for phase in (runbook.post_incident.phases if runbook.post_incident else ())]
    return [Known(item.id, f"{role} {phase.title}", item.text, "") for role, phase in phases for item in phase.items]


_KINDS = {"health_checks": "steps"}
_REFERS = {"undo_step": "steps", "step": "steps", "threshold": "thresholds", "contact": "contacts"}
"""Fields that name another thing."""
Names = dict[str, dict[str, str]]


def _following(model: Model, names: Names, kind: str) -> Model:
    """The model with the new ids of itself and of what it names; `kind` is the section that it stands in."""
    changed: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        new = _followed(name, value, names, kind, model)
        if new is not value:
            changed[name] = new
    return model.model_copy(update=changed) if changed else model


def _followed(name: str, value: Any, names: Names, kind: str, model: BaseModel) -> Any:
    if isinstance(value, str):
        return _name(name, value, names, kind)
    if isinstance(value, BaseModel):
        return _following(value, names, "")
    if not isinstance(value, tuple):
        return value
    if all(isinstance(each, BaseModel) for each in value):
        new = tuple(_following(each, names, _KINDS.get(name, name)) for each in value)
        return new if any(one is not other for one, other in zip(new, value, strict=True)) else value
    refers = (
        "steps" if isinstance(model, Checks) else {"stop_on": "thresholds", "thresholds": "thresholds"}.get(name, "")
    )
    return tuple(names[refers].get(each, each) for each in value) if refers and name != "kind" else value


def _name(name: str, value: str, names: Names, kind: str) -> str:
    if name == "id":
        return names.get(kind, {}).get(value, value)
    if name == "answered_by" and ":" in value:
        fact, _, step = value.partition(":")
        return f"{fact}:{names['steps'].get(step, step)}"
    return names[_REFERS[name]].get(value, value) if name in _REFERS else value
