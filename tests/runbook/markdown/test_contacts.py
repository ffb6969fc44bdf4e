"""Contacts, the ladder, ways of communication, dashboards, related runbooks, and what a document says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbook.markdown.reading import DOCUMENTS, corpus, expected, markdown, read

from cockpit.runbook.markdown.contacts import Contacts, entry, read_contacts


@pytest.mark.parametrize("file", DOCUMENTS)
def test_whom_each_document_names(shared: Path, file: str) -> None:
    found, wanted = read_contacts(read(shared, file)).things, expected(file)
    assert [[c.source.line, c.name, c.how, c.unfilled] for c in found.contacts] == wanted["contacts"]
    assert [[each.source.line, each.text, each.when] for each in found.ladder] == wanted["ladder"]
    assert [each.source.line for each in found.communications] == wanted["communications"]
    known = {each.id for each in found.contacts}
    assert all(each.contact in known for each in found.ladder if each.contact)


@pytest.mark.parametrize("file", DOCUMENTS)
def test_where_each_document_sends_its_readers(shared: Path, file: str) -> None:
    found, wanted = read_contacts(read(shared, file)).things, expected(file)
    assert [[each.source.line, each.title, each.tool] for each in found.dashboards] == wanted["dashboards"]
    assert [[each.source.line, each.title, each.href] for each in found.related] == wanted["related"]


@pytest.mark.parametrize("file", DOCUMENTS)
def test_what_each_document_says_of_itself(shared: Path, file: str) -> None:
    about = read_contacts(read(shared, file)).things.about
    found: dict[str, Any] = {"version": about.version} if about.version else {}
    for name in ("updated", "review", "owner"):
        if cited := getattr(about, name):
            found[name] = [cited.source.line, cited.text]
    wanted = {
        name: value if isinstance(value, str) else [value[0], str(value[1])]
        for name, value in expected(file)["about"].items()
    }
    assert found == wanted


def test_what_is_not_filled_in_is_asked_about_before_an_incident(shared: Path) -> None:
    found = read_contacts(read(shared, "payment-service-runbook.md"))
    assert [each.line for each in found.asks] == [214, 215, 216, 217, 256, 258]
    assert "[Priority support number]" in found.asks[0].question


def of(text: str) -> Contacts:
    return read_contacts(markdown(text)).things


def test_a_table_of_contacts_with_several_ways() -> None:
    (found,) = of("## Contacts\n| Name | Phone | Slack |\n|---|---|---|\n| Database team | 123 | #db |\n").contacts
    assert (found.id, found.name, found.how) == ("database-team", "Database team", "Phone: 123, Slack: #db")


def test_a_telephone_number_that_is_none_is_asked_about() -> None:
    found = read_contacts(markdown("## On-call rotation\n- **Primary**: +1-xxx-xxx-xxxx\n"))
    assert [each.line for each in found.asks] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "## Key roles\n- **Scribe**: writes\n",
        "## Steps\n- **Check**: the logs\n",
        "## Communications lead checklist\n- Contact: the team\n",
        "## Contacts\n- **Last updated**: yesterday\n",
    ],
)
def test_lists_of_other_things_are_no_contacts(text: str) -> None:
    assert of(text).contacts == ()


def test_dashboards_with_addresses_and_links_to_known_tools() -> None:
    text = (
        "## Dashboards\n- [Overview](https://grafana.acme.io/d/1)\n- **Logs**: https://kibana.acme.io/app\n\n"
        "## Steps\nLook at [the errors](https://sentry.acme.io/x), not at [the docs](https://docs.datadoghq.com/y).\n"
        "1. Open the dashboard\n"
    )
    found = [(each.id, each.title, each.tool, each.url) for each in of(text).dashboards]
    assert found == [
        ("grafana", "Overview", "Grafana", "https://grafana.acme.io/d/1"),
        ("kibana", "Logs", "Kibana", "https://kibana.acme.io/app"),
        ("sentry", "the errors", "Sentry", "https://sentry.acme.io/x"),
    ]


def test_related_runbooks_are_linked_documents_and_no_anchors() -> None:
    text = "- [Steps](#steps)\n\nSee [failover](../db/failover.md#now) and [failover](../db/failover.md#now).\n"
    assert [(each.title, each.href) for each in of(text).related] == [("failover", "../db/failover.md#now")]


def test_front_matter_says_what_the_document_is() -> None:
    about = of("---\nversion: 3\nlast_updated: 2026-02-03\nowner: Payments\n---\n# Title\n\n## Steps\n").about
    assert (about.version, about.updated and about.updated.text, about.owner and about.owner.text) == (
        "3", "2026-02-03", "Payments",
    )  # fmt: skip


@given(st.text(st.one_of(st.characters(), st.sampled_from("*[](): →-|#htps:/.m")), max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_text_crashes(text: str) -> None:
    entry(text)
    body = f"# T\n{text}\n## Contacts\n- {text}\n- **{text}**: x\n\n## Escalation\n1. {text} lead\n"
    read_contacts(
        markdown(f"{body}\n## Dashboards\n- {text}\n- [{text}]({text})\n\n| {text} | b |\n|---|---|\n| {text} | c |\n")
    )


def test_the_corpus_is_read_without_a_crash(shared: Path) -> None:
    for document in corpus(shared):
        found = read_contacts(document).things
        for section in (found.contacts, found.dashboards):
            ids = [each.id for each in section]
            assert len(ids) == len(set(ids)), document.file
