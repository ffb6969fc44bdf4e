"""The shipped runbooks against the five documents, held to lists made by hand: every command, threshold, severity, box,
contact, rung and template of a document stands in a shipped runbook that cites its line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from runbook.documents import bare, line
from runbook.markdown.by_hand import COMMANDS, Line

from cockpit.action.catalog import action_of
from cockpit.action.means import Means
from cockpit.config import PostgresConfig, Secret, ServiceKubernetes
from cockpit.runbook.actions import KubernetesAction, Sql
from cockpit.runbook.actions.base import greater
from cockpit.runbook.fill import fill, needs, values
from cockpit.runbook.kubectl import typed
from cockpit.runbook.library import Library
from cockpit.runbook.markdown.placeholders import rewritten
from cockpit.runbook.model import Cited, Item, Sourced, Step, Template
from cockpit.runbook.parameters import STANDING, Values
from cockpit.runbook.shipped import shipped

LIBRARY = Library()
BOOKS = {name: LIBRARY.runbook(name) for name in LIBRARY.names()}
EXPECTED = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "markdown" / "expected").glob("*.yaml"))
}
SERVICES = {"order-service": "order-service", "payment-service": "payment-service"}


def parts(whole: Sourced) -> Iterator[Sourced]:
    """Everything in a runbook that cites a line."""
    yield whole
    for name in type(whole).model_fields:
        value = getattr(whole, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Sourced):
                yield from parts(each)


EVERY = [(name, part) for name, book in BOOKS.items() for part in parts(book)]
STEPS = [(name, step) for name, book in BOOKS.items() for step in book.steps()]


def named(value: object) -> str:
    return f"{value.source}" if isinstance(value, Sourced) else str(value)


@pytest.mark.parametrize(("book", "part"), EVERY, ids=named)
def test_every_part_cites_a_line_that_says_something(documents: dict[str, list[str]], book: str, part: Sourced) -> None:
    assert line(documents, part.source).strip()


WORDS = [(name, part) for name, part in EVERY if isinstance(part, Cited)]


@pytest.mark.parametrize(("book", "part"), WORDS, ids=named)
def test_quoted_words_stand_on_their_line(documents: dict[str, list[str]], book: str, part: Cited) -> None:
    text = re.sub(r"\s+", " ", bare(line(documents, part.source)).replace("|", " "))
    words = re.sub(r"\s+", " ", part.text)
    assert all(word in text for word in words.split(": ")), f"{part.source} reads: {text}"


ALL = [(document, each) for document, lines in COMMANDS.items() for each in lines]


@pytest.mark.parametrize(("document", "command"), ALL, ids=lambda v: str(v.line) if isinstance(v, Line) else str(v))
def test_every_command_of_a_document_is_a_step_that_can_run(document: str, command: Line) -> None:
    found = [
        step for _, step in STEPS if (step.source.file, step.source.line) == (document, command.line) and step.action
    ]
    sleeps = command.begins.startswith("sleep")
    assert found or sleeps, "no step cites it"
    for step in found:
        assert greater(step.risk, command.risk) == step.risk, "never less than what a person says of it"  # type: ignore[arg-type]


def kubectl(documents: dict[str, list[str]], step: Step) -> list[str]:
    """The words of the one kubectl command on a step's line."""
    text = line(documents, step.source)
    quoted = re.search(r"`(kubectl [^`]+)`", text)
    words = shlex.split((quoted[1] if quoted else text).strip().split(" | ")[0])
    return [rewritten(word) for word in words]


KUBECTL = [
    (name, step) for name, step in STEPS
    if step.action is not None and step.action.kind == "kubernetes" and not step.note
]  # fmt: skip


@pytest.mark.parametrize(("book", "step"), KUBECTL, ids=named)
def test_what_a_kubectl_line_says_is_what_the_step_does(documents: dict[str, list[str]], book: str, step: Step) -> None:
    """The document's namespace yields to the configured one; a follow and a tunnel are what they are."""
    text = line(documents, step.source)
    if "kubectl " not in text:
        pytest.skip("the document says it in words")
    expected = typed(kubectl(documents, step))
    assert expected is not None, text
    service = SERVICES[book]
    place = ServiceKubernetes(cluster="c", namespace="ns", selector=f"app={service}", deployment=service)
    known = values(place, pod="$pod") | {each.name: each.default or "" for each in step.parameters if each.default}
    actual = fill(step.action, Values(known), BOOKS[book].parameters_of(step))  # type: ignore[arg-type]
    assert fields(actual) == fields(expected)  # type: ignore[arg-type]


def fields(action: KubernetesAction) -> dict[str, Any]:
    """What an action says, but for where."""
    found = action.model_dump(exclude={"namespace"})
    return {name: value for name, value in found.items() if name not in ("matching", "ignore_case")}


@pytest.mark.parametrize("document", EXPECTED)
def test_every_threshold_of_a_document_is_there(document: str) -> None:
    ours_by_line: dict[tuple[str, int], set[str]] = {}
    for _, book in BOOKS.items():
        for each in book.thresholds:
            for source in filter(None, (each.source, each.breach_source)):
                bounds = {str(bound) for bound in (each.warning, each.breach) if bound}
                ours_by_line.setdefault((source.file, source.line), set()).update(bounds)
    for each in EXPECTED[document].get("thresholds") or ():
        theirs = {each[side] for side in ("warning", "breach") if each.get(side)}
        lines = (each["line"], each.get("breach_line") or each["line"])
        ours = set().union(*(ours_by_line.get((f"{document}.md", number), set()) for number in lines))
        assert (f"{document}.md", each["line"]) in ours_by_line, each
        assert ours >= theirs or document == "order-service-playbook", (each, ours)


@pytest.mark.parametrize("document", EXPECTED)
def test_every_severity_contact_rung_template_box_and_dashboard_of_a_document_is_there(document: str) -> None:
    lines = {(part.source.file, part.source.line) for _, part in EVERY} | sent()
    missing = [
        (section, number)
        for section in ("severities", "contacts", "ladder", "templates", "checklists", "post_incident", "dashboards")
        for number in sorted(set(_lines(EXPECTED[document].get(section) or ())))
        if (f"{document}.md", number) not in lines
    ]
    assert not missing


def sent() -> set[tuple[str, int]]:
    """The lines that the templates which are sent (templates/) come from."""
    heads = [re.search(r"^source: (\S+\.md):(\d+)-(\d+)$", each.read_text(encoding="utf-8"), re.M)
             for each in sorted(shipped("templates").glob("*.md"))]  # fmt: skip
    return {(head[1], number) for head in heads if head for number in range(int(head[2]), int(head[3]) + 1)}


def _lines(found: Any) -> Iterator[int]:
    """Every line number of a hand-made list, however it is nested."""
    if isinstance(found, dict):
        if isinstance(found.get("line"), int):
            yield found["line"]
        for value in found.values():
            yield from _lines(value)
    elif isinstance(found, list):
        if len(found) >= 2 and isinstance(found[0], int) and isinstance(found[1], str):
            yield found[0]
        for value in found:
            yield from _lines(value)


@pytest.mark.parametrize(("book", "step"), STEPS, ids=lambda v: v.id if isinstance(v, Step) else str(v))
def test_every_step_can_be_made_once_its_parameters_have_values(book: str, step: Step) -> None:
    if step.action is None:
        assert step.manual
        return
    place = ServiceKubernetes(cluster="c", namespace="ns", selector="app=x", deployment="x")
    standing = values(place, pod="x-1", name="x", database="main")
    declared = BOOKS[book].parameters_of(step)
    known = {each.name: each.default or each.choices[0] if each.choices else each.default or "7" for each in declared}
    unknown = set(needs(step.action, declared)) - set(known) - set(STANDING)
    assert not unknown, "a parameter that nobody declares"
    databases = {"main": PostgresConfig(dsn=Secret(env="DSN"), write_dsn=Secret(env="WRITE"))}
    secret = frozenset(each.name for each in declared if each.secret)
    means = Means(place, Values(standing | known, secret), declared, databases, runbook=BOOKS[book], teller=None)
    assert action_of(step, means)


def test_statements_that_were_corrected_say_so_and_none_is_unparsed() -> None:
    corrected = {step.id for _, step in STEPS if isinstance(step.action, Sql) and step.note}
    assert {"slow.kill", "database.slow-queries", "database.indexes", "health.tables"} <= corrected
    for _, step in STEPS:
        if isinstance(step.action, Sql):
            reads = (
                step.action.statement.lstrip().upper().startswith("SELECT") and "terminate" not in step.action.statement
            )
            assert (step.risk == "read-only") is reads, step.id


def test_templates_are_the_documents(documents: dict[str, list[str]]) -> None:
    for _, part in EVERY:
        if isinstance(part, Template):
            whole = bare(" ".join(documents[part.source.file]))
            first = next(each for each in part.text.splitlines() if each.strip()).encode("ascii", "ignore").decode()
            assert bare(first)[:30].strip() in whole, part.id


def test_items_are_unique_in_what_a_cockpit_shows() -> None:
    for name, book in BOOKS.items():
        ids = [item.id for item in parts(book) if isinstance(item, Item)]
        assert len(ids) == len(set(ids)), name
