"""Reads a runbook from YAML: the model's shape, then what one part of it says about another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cockpit.config import SHIPPED_POLICIES, Document, Problem, YamlError, YamlMapping, parse, problems, read, told
from cockpit.incident.answers import steps_of
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.model import Runbook
from cockpit.text import clean


def read_runbook(path: Path) -> Runbook:
    """Read a runbook file; parts that cite nothing cite the file's own name and their line.

    Raises:
        RunbookError: it cannot be read, or is no runbook.
    """
    try:
        return _runbook(read(path))
    except YamlError as error:
        raise RunbookError(f"{clean(str(path))}:{error.line}:{error.column}: {error.what}") from None


def parse_runbook(data: bytes, file: str) -> Runbook:
    """Read a runbook from the bytes of a YAML text that errors call `file`.

    Raises:
        RunbookError: it is no runbook.
    """
    try:
        return _runbook(parse(data, file))
    except YamlError as error:
        raise RunbookError(f"{clean(file)}:{error.line}:{error.column}: {error.what}") from None


def _runbook(document: Document) -> Runbook:
    _cite(document.value, "", Path(document.file).name)
    try:
        runbook = Runbook.model_validate(document.value)
    except ValidationError as error:
        raise _refusal(document, problems(error, document)) from None
    if wrong := list(_inconsistent(runbook, document)):
        raise _refusal(document, wrong)
    return runbook


def _refusal(document: Document, found: list[Problem]) -> RunbookError:
    first, *others = told(document.file, sorted(found), columns=True)
    return RunbookError(first, tuple(others))


def _cite(value: Any, document: str, file: str) -> None:
    """Tell each mapping which document it quotes: the nearest `document` around it. The depth is bounded by `read`."""
    if isinstance(value, YamlMapping):
        named = value.get("document")
        document = named if isinstance(named, str) else document
        value.document, value.file = document, file
        for each in value.values():
            _cite(each, document, file)
    elif isinstance(value, list):
        for each in value:
            _cite(each, document, file)


def _inconsistent(runbook: Runbook, document: Document) -> Iterator[Problem]:
    """What the shape allows and the sense does not."""
    yield from _twice(document, "step", _ids(document.value, ("scenarios", "procedures"), "steps", "health_checks"))
    for section in ("thresholds", "scenarios", "procedures", "contacts", "dashboards"):
        listed = ((section, number) for number in range(len(getattr(runbook, section))))
        yield from _twice(document, section.removesuffix("s"), ((at, _at(document.value, at)["id"]) for at in listed))
    yield from _twice(document, "checklist item", ((at, item["id"]) for at, item in _items(document.value)))
    yield from _role_twice(runbook, document)
    yield from _unknown_steps(runbook, document)
    if runbook.policy is not None and runbook.policy not in SHIPPED_POLICIES:
        known = ", ".join(sorted(SHIPPED_POLICIES))
        yield _problem(document, ("policy",), f"there is no policy `{runbook.policy}`; use one of {known}")
    known_ids = {threshold.id for threshold in runbook.thresholds}
    for at, id in _referred(runbook):
        if id not in known_ids:
            names = ", ".join(sorted(known_ids)) or "none is defined"
            yield _problem(document, at, f"there is no threshold `{id}`; known here: {names}")


Located = tuple[tuple[str | int, ...], str]


def _referred(runbook: Runbook) -> Iterator[Located]:
    for number, severity in enumerate(runbook.severities):
        for line, impact in enumerate(severity.impact):
            if impact.threshold:
                yield ("severities", number, "impact", line, "threshold"), impact.threshold
    for number, scenario in enumerate(runbook.scenarios):
        for line, id in enumerate(scenario.suggest_when.thresholds):
            yield ("scenarios", number, "suggest_when", "thresholds", line), id


def _ids(whole: Any, sections: tuple[str, ...], inner: str, flat: str) -> Iterator[Located]:
    for section in sections:
        for number, part in enumerate(whole.get(section) or ()):
            for line, step in enumerate(part[inner]):
                yield (section, number, inner, line), step["id"]
    for number, check in enumerate(whole.get(flat) or ()):
        yield (flat, number), check["id"]


def _items(whole: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The items of all lists, each with where it stands."""
    lists = [(("checklists", number), each) for number, each in enumerate(whole.get("checklists") or ())]
    if whole.get("post_incident"):
        lists.append((("post_incident",), whole["post_incident"]))  # type: ignore[arg-type]  # a shorter path
    for at, checklist in lists:
        for number, phase in enumerate(checklist["phases"]):
            for line, item in enumerate(phase["items"]):
                yield (*at, "phases", number, "items", line), item


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def _role_twice(runbook: Runbook, document: Document) -> Iterator[Problem]:
    roles = [each.role for each in runbook.checklists]
    for number, role in enumerate(roles):
        if role in roles[:number]:
            what = f"the role `{role}` has a list above; put their phases together"
            yield _problem(document, ("checklists", number, "role"), what)


def _unknown_steps(runbook: Runbook, document: Document) -> Iterator[Problem]:
    """Steps that tick an item and are not in this file; a file of lists alone speaks of the steps of others."""
    known = {step.id for step in runbook.steps()}
    for at, item in _items(document.value) if known else ():
        for step in steps_of(item.get("answered_by") or ""):
            if step not in known:
                near = get_close_matches(step, known, 1, 0.6)
                mend = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(sorted(known))}"
                yield _problem(document, (*at, "answered_by"), f"there is no step `{step}` in this runbook; {mend}")


def _twice(document: Document, what: str, found: Iterator[Located]) -> Iterator[Problem]:
    seen: Counter[str] = Counter()
    for at, id in found:
        seen[id] += 1
        if seen[id] == 2:
            yield _problem(document, at, f"a {what} with the id `{id}` stands above; ids are unique, rename one")


def _problem(document: Document, at: tuple[str | int, ...], what: str) -> Problem:
    place = document.keys[document.find(at)]
    return Problem(place.line, place.column, what)
