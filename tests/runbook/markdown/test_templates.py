"""Message templates: which text is one, who it is for, and that it stays as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbook.markdown.reading import DOCUMENTS, corpus, expected, markdown, read

from cockpit.runbook.markdown.templates import read_templates
from cockpit.runbook.model import Template


@pytest.mark.parametrize("file", DOCUMENTS)
def test_the_templates_of_each_document(shared: Path, file: str) -> None:
    found = read_templates(read(shared, file)).things
    wanted = expected(file)["templates"]
    assert [[each.source.line, each.title, each.audience] for each in found] == [each[:3] for each in wanted]
    for each, (*_, first, last) in zip(found, wanted, strict=True):
        assert each.text.startswith(first), each.id
        assert each.text.rstrip().endswith(last), each.id


@pytest.mark.parametrize("file", DOCUMENTS)
def test_a_template_has_every_line_of_its_message(shared: Path, file: str) -> None:
    document = read(shared, file)
    found = read_templates(document)
    for each in found.things:
        lines = {
            line
            for finding in found.findings
            if finding.became == f"template {each.id}"
            for line in range(finding.block.line, finding.block.end + 1)
        }
        assert each.source.line in lines
        words = " ".join(document.lines[number - 1] for number in sorted(lines))
        assert set(each.text.split()) <= set(words.replace("*", "").split()), each.id


def test_the_commands_of_a_chat_bot_are_text_and_said_to_be(shared: Path) -> None:
    file = "incident-response-process.md"
    found = [each.block.line for each in read_templates(read(shared, file)).findings if "bot" in each.became]
    assert found == expected(file)["bot"]


def test_a_message_that_is_only_an_example_asks_for_placeholders(shared: Path) -> None:
    found = read_templates(read(shared, "production-incident-response-plan.md"))
    assert [each.line for each in found.asks] == [476, 511]


def of(text: str) -> tuple[Template, ...]:
    return read_templates(markdown(text)).things


@pytest.mark.parametrize(
    ("text", "title", "audience"),
    [
        ("## Communication\n### Internal\n```\nWe see [issue].\nMore soon.\n```\n", "Internal", "internal"),
        (
            "## Customer notification\n```text\nWe see errors\nin payments now.\n```\n",
            "Customer notification",
            "customers",
        ),
        (
            "## Templates\nEmail to executives:\n```\nSubject: Outage\nWe are down.\n```\n",
            "Email to executives",
            "leadership",
        ),
        ("## Messages\n**Merchant update template**\n> [Service] is slow.\n", "Merchant update template", "partners"),
        ("## Communication templates\n### Status page\nWe know of [problem].\n", "Status page", "customers"),
    ],
)
def test_what_is_a_template_and_for_whom(text: str, title: str, audience: str) -> None:
    (found,) = of(text)
    assert (found.title, found.audience) == (title, audience)


@pytest.mark.parametrize(
    "text",
    [
        '## Notifications\n```bash\ncurl -X POST https://hooks.acme.io -d "{}"\nkubectl get pods\n```\n',
        '## Communication\n```json\n{"text": "down"}\n```\n',
        "## Status updates\n```sql\nSELECT * FROM updates\nWHERE id = 1;\n```\n",
        "## Diagnosis\n```\nSome output here\nof many words and lines\n```\n",
        "## Communication\n> Note: keep calm.\n",
        "## Update the configuration\nEdit the file.\n",
    ],
)
def test_commands_data_and_remarks_are_no_templates(text: str) -> None:
    assert of(text) == ()


@given(st.text(max_size=80), st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_text_crashes(text: str, info: str) -> None:
    read_templates(
        markdown(f"## Communication templates\n### {info} update\n{text}\n\n```{info}\n{text}\n```\n> {text}\n")
    )


def test_the_corpus_is_read_without_a_crash(shared: Path) -> None:
    for document in corpus(shared):
        ids = [each.id for each in read_templates(document).things]
        assert len(ids) == len(set(ids)), document.file
