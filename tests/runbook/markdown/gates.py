"""What must hold for every document that is imported, whatever stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cockpit.runbook.actions import Command, Http, Sql, Wait
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.fill import fill, needs, variable
from cockpit.runbook.markdown.importer import Imported, import_markdown
from cockpit.runbook.markdown.placeholders.marks import marked
from cockpit.runbook.markdown.placeholders.placeholders import find
from cockpit.runbook.markdown.text.blocks import Document
from cockpit.runbook.markdown.text.document import read_document
from cockpit.runbook.model import Runbook, Step
from cockpit.runbook.parameters import STANDING, Parameter, Values
from cockpit.runbook.reader import parse_runbook
from cockpit.runbook.writer import to_yaml

KNOWN = dict.fromkeys(STANDING, "known")


def hold(data: bytes, file: str) -> Imported:
    """Import a document and check all that must hold; give what it was imported as."""
    imported = import_markdown(data, file)
    document = read_document(data, file)
    every_line_is_in_the_report(document, imported)
    every_step_stands_on_its_line(document, imported.runbook)
    for step in imported.runbook.steps():
        nothing_is_left_open(imported.runbook, step)
    ids_are_unique(imported.runbook)
    assert parse_runbook(to_yaml(imported.runbook).encode(), file) == imported.runbook
    return imported


def every_line_is_in_the_report(document: Document, imported: Imported) -> None:
    told = {line for each in imported.report.outcomes for line in range(each.line, each.end + 1)}
    silent = [number for number, line in enumerate(document.lines, 1) if line.strip() and number not in told]
    assert not silent, f"{document.file}: no word on the lines {silent[:10]}"
    for each in imported.report.outcomes:
        assert each.became or each.why, f"{document.file}:{each.line} became nothing and does not say why"


def every_step_stands_on_its_line(document: Document, runbook: Runbook) -> None:
    """A part of what a step does stands on the line that it cites."""
    for step in runbook.steps():
        assert 1 <= step.source.line <= len(document.lines)
        line = document.lines[step.source.line - 1]
        words = first_words(step)
        assert any(word in line for word in words), f"{step.source} `{line}` holds none of {words} of {step.id}"


def first_words(step: Step) -> list[str]:
    """Some words of what a step does, one of which stands on its line."""
    if step.action is None:
        return re.findall(r"[\w$/]+|[^\w\s]", step.command or step.manual)[:8]
    if isinstance(step.action, Wait):
        return ["sleep", *re.findall(r"[^\W\d]+", step.title)]
    programs = {Http: ["curl", step.action.method] if isinstance(step.action, Http) else [], Sql: ["psql", "mysql"]}
    if step.action.kind == "kubernetes":
        return ["kubectl", "oc ", "k "]
    text = " ".join(strings(step.action.model_dump(exclude={"kind", "via"})))
    return [*programs.get(type(step.action), []), *re.findall(r"[^\W_]+|\S", text)]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from strings(each)


def sample(parameter: Parameter) -> str:
    if parameter.choices:
        return parameter.choices[0]
    return {"integer": "7", "number": "7", "duration": "7m", "boolean": "true"}.get(parameter.type, "filled")


def nothing_is_left_open(runbook: Runbook, step: Step) -> None:
    """A step that has a blank is refused until it is filled; filled, no blank is left in it."""
    if step.action is None:
        return
    declared = runbook.parameters_of(step)
    wanted = [name for name in needs(step.action, declared) if name not in STANDING]
    assert set(wanted) <= {each.name for each in declared}, f"{step.id} wants {wanted}, which nobody declares"
    if wanted:
        with pytest.raises(RunbookError):
            fill(step.action, Values(KNOWN), declared)
    values = KNOWN | {each.name: sample(each) for each in declared}
    filled = fill(step.action, Values(values, frozenset(each.name for each in declared if each.secret)), declared)
    if isinstance(filled, Command) and filled.shell:
        names = {variable(each.name) for each in declared}
        left = [each.text for each in marked(filled.shell).placeholders if each.text.strip("${}") not in names]
    else:
        texts = [filled.statement] if isinstance(filled, Sql) else list(strings(filled.model_dump()))
        left = [each.text for text in texts for each in find(text) if not each.text.startswith("$")]
    assert not left, f"{step.id} still has {left}"


def ids_are_unique(runbook: Runbook) -> None:
    ids = [step.id for step in runbook.steps()]
    assert len(ids) == len(set(ids))
