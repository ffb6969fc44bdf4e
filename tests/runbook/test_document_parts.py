"""What the five documents hold besides commands, in the shipped runbooks: every threshold, severity, box, contact,
rung, template, dashboard and link, on its line, against the lists made by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from runbook.documents import bare, line
from runbook.markdown.reading import DOCUMENTS, expected

from cockpit.runbook.library import Library
from cockpit.runbook.model import Cited, Impact, Item, Runbook, Severity, Sourced, Template, Threshold
from cockpit.runbook.shipped import shipped

SERVICE, ORDERS, PLAN = DOCUMENTS[3], DOCUMENTS[1], DOCUMENTS[4]
BOOKS = tuple(Library().runbook(name) for name in Library().names())

DECIDED = {
    (SERVICE, 164): ("", "> 0"),  # "Database connection failures" among the alerts: the first is one
    (ORDERS, 129): ("", "> 1"),  # a symptom is what is seen when it is broken already
}
"""Bounds that a list cannot have, since somebody has to decide them: warning and breach."""


def parts(whole: Sourced) -> Iterator[Sourced]:
    """Everything in a runbook that cites a line."""
    yield whole
    for name in type(whole).model_fields:
        value = getattr(whole, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Sourced):
                yield from parts(each)


EVERY = [part for book in BOOKS for part in parts(book)]


def at(file: str, section: Iterable[Sourced]) -> list[Any]:
    return [each for each in section if each.source.file == file]


def all_of(section: str) -> list[Any]:
    return [each for book in BOOKS for each in getattr(book, section)]


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.title)
def test_every_part_cites_a_line_that_says_something(documents: dict[str, list[str]], book: Runbook) -> None:
    assert [part.source for part in parts(book) if not line(documents, part.source).strip()] == []


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.title)
def test_quoted_words_stand_on_their_line(documents: dict[str, list[str]], book: Runbook) -> None:
    quoted = [part for part in parts(book) if isinstance(part, Cited)]
    assert [part.source for part in quoted if part.text not in bare(line(documents, part.source))] == []


@pytest.mark.parametrize("file", DOCUMENTS)
def test_every_threshold(file: str) -> None:
    found: dict[int, list[Threshold]] = {}
    for each in at(file, all_of("thresholds")):
        found.setdefault(each.source.line, []).append(each)
    for wanted in expected(file)["thresholds"]:
        (threshold,) = found[wanted["line"]]
        bounds = DECIDED.get((file, wanted["line"]), (wanted.get("warning", ""), wanted.get("breach", "")))
        assert (str(threshold.warning or ""), str(threshold.breach or "")) == bounds
        cited = threshold.breach_source.line if threshold.breach_source else None
        assert (threshold.unit, threshold.healthy, threshold.baseline, threshold.window, cited) == (
            wanted["unit"], wanted.get("healthy", ""), wanted.get("baseline"), wanted.get("window"),
            wanted.get("breach_line"),
        )  # fmt: skip


def test_a_bound_that_is_ours_says_so() -> None:
    """A bound above nothing at all on a line that the lists do not have comes from nobody's document."""
    listed = {(file, each["line"]) for file in DOCUMENTS for each in expected(file)["thresholds"]}
    for threshold in all_of("thresholds"):
        bound, where = threshold.breach or threshold.warning, (threshold.source.file, threshold.source.line)
        if bound and bound.value and where not in listed:
            assert "ours" in threshold.ask, threshold.id


@pytest.mark.parametrize("file", [file for file in DOCUMENTS if expected(file)["severities"]])
def test_every_severity(file: str) -> None:
    (book,) = [book for book in BOOKS if at(file, book.severities)]
    assert book.policy == expected(file)["policy"]
    assert [_severity(each, book) for each in book.severities] == [
        _wanted(each) for each in expected(file)["severities"]
    ]


def _severity(severity: Severity, book: Runbook) -> dict[str, Any]:
    found: dict[str, Any] = {"level": severity.level, "title": severity.title, "line": severity.source.line}
    found["impact"] = [_impact(each, book) for each in severity.impact]
    for name in ("response", "escalation", "notification", "update"):
        if cited := getattr(severity, name):
            found[name] = [cited.source.line, cited.text]
    return found


def _impact(impact: Impact, book: Runbook) -> list[object]:
    if impact.bound:
        assert impact.threshold in {each.id for each in book.thresholds}
    return [impact.source.line, impact.text, *([str(impact.bound)] if impact.bound else [])]


def _wanted(severity: dict[str, Any]) -> dict[str, Any]:
    """Without the names that the reader gives to thresholds: the shipped runbooks have their own."""
    return severity | {"impact": [[*each[:2], *each[3:]] for each in severity["impact"]]}


@pytest.mark.parametrize("file", DOCUMENTS)
def test_everybody_to_reach(file: str) -> None:
    contacts = at(file, all_of("contacts"))
    assert [[each.source.line, each.name, each.how, each.unfilled] for each in contacts] == expected(file)["contacts"]
    rungs = [[each.source.line, each.text, each.when] for each in at(file, all_of("ladder"))]
    assert rungs == expected(file)["ladder"]
    assert [each.source.line for each in at(file, all_of("communications"))] == expected(file)["communications"]


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.title)
def test_a_rung_names_a_contact_of_its_runbook(book: Runbook) -> None:
    assert {each.contact for each in book.ladder if each.contact} <= {each.id for each in book.contacts}


@pytest.mark.parametrize("file", DOCUMENTS)
def test_every_dashboard_and_every_link(file: str) -> None:
    dashboards = [[each.source.line, each.title, each.tool] for each in at(file, all_of("dashboards"))]
    assert dashboards == expected(file)["dashboards"]
    related = [[each.source.line, each.title, each.href] for each in at(file, all_of("related"))]
    assert related == expected(file)["related"]


@pytest.mark.parametrize("file", DOCUMENTS)
def test_every_message_is_there_as_it_stands(documents: dict[str, list[str]], file: str) -> None:
    """Its audience, its first and last words, and between them the document's lines (their marks and emoji aside);
    those of `templates/` are held to their lines where messages are tested."""
    found: list[Template] = sorted(at(file, all_of("templates")), key=lambda each: each.source.line)
    wanted = [each for each in expected(file)["templates"] if each[0] not in sent(file)]
    assert [[each.source.line, each.audience] for each in found] == [[each[0], each[2]] for each in wanted]
    for each, (number, *_, first, last) in zip(found, wanted, strict=True):
        assert each.text.startswith(first), each.id
        assert each.text.rstrip().endswith(last), each.id
        lines = [_plain(text) for text in documents[file][number - 1 :]]
        assert "\n".join(_plain(text) for text in each.text.splitlines()) in "\n".join(lines), each.id


def sent(file: str) -> set[int]:
    """The lines of a document that are templates of the cockpit itself, with fields where it has brackets."""
    heads = [path.read_text(encoding="utf-8") for path in shipped("templates").glob("*.md")]
    found = [re.search(rf"^source: {re.escape(file)}:(\d+)-(\d+)$", head, re.M) for head in heads]
    return {number for lines in found if lines for number in range(int(lines[1]), int(lines[2]) + 1)}


def _plain(text: str) -> str:
    return "".join(each for each in text.replace("**", "") if each.isascii()).strip()


@pytest.mark.parametrize("file", DOCUMENTS)
def test_every_box_of_the_documents_is_an_item(documents: dict[str, list[str]], file: str) -> None:
    boxes = {n: bare(text) for n, text in enumerate(documents[file], 1) if re.match(r"\s*- \[ \]", text)}
    items = {each.source.line: each.text for each in at(file, (part for part in EVERY if isinstance(part, Item)))}
    assert boxes.items() <= items.items()
    assert len(boxes) == {SERVICE: 16, DOCUMENTS[0]: 21}.get(file, 0)


@pytest.mark.parametrize("file", DOCUMENTS)
def test_what_a_document_says_of_itself(file: str) -> None:
    about = expected(file)["about"]
    for book in BOOKS:
        if book.document == file and book.service:
            assert book.version == about.get("version", "")
            for name in ("updated", "review"):
                cited = getattr(book, name)
                assert (
                    [cited.source.line, cited.text] == [about[name][0], str(about[name][1])]
                    if cited
                    else (name not in about)
                )
