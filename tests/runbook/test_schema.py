"""The schema for editors: what is shipped fits it, what the reader refuses it refuses where a schema can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cockpit.runbook.markdown.importer import import_markdown
from cockpit.runbook.reader import parse_runbook
from cockpit.runbook.schema import schema
from cockpit.runbook.shipped import shipped
from cockpit.runbook.writer import to_yaml

VALIDATOR = jsonschema.Draft202012Validator(schema())
BOOKS = sorted(shipped("runbooks").glob("*.yaml"))

DOCUMENT = b"""# Shop

## Symptoms
- Error rate should be <1%

## Steps

```bash
kubectl get pods -n shop -l app=shop --since=5m
sleep 300
kubectl scale deployment/shop --replicas=4 -n shop
```
"""


def wrong(text: str) -> list[str]:
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message}" for each in VALIDATOR.iter_errors(_data(text))]


def _data(text: str) -> Any:
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_file_for_editors_is_the_schema() -> None:
    """After a change of the model: cockpit runbook schema > runbooks/runbook.schema.json."""
    written = (shipped("runbooks") / "runbook.schema.json").read_text(encoding="utf-8")
    assert json.loads(written) == schema(), test_the_file_for_editors_is_the_schema.__doc__


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_an_editor_finds_the_schema_of_a_shipped_runbook(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=runbook.schema.json\n")


@pytest.mark.parametrize("source", ["41", "{file: other.md, line: 41}"])
def test_a_line_of_another_document_can_be_cited(source: str) -> None:
    text = f"title: X\ndocument: a.md\nsource: {source}"
    assert wrong(text) == []
    assert parse_runbook(text.encode(), "x.yaml").source.line == 41


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_every_shipped_runbook_fits(path: Path) -> None:
    assert wrong(path.read_text(encoding="utf-8")) == []


def test_what_an_import_writes_fits() -> None:
    assert wrong(to_yaml(import_markdown(DOCUMENT, "shop.md").runbook)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: X\nthresholds: [{id: e, title: E, unit: percent, warning: 5}]", "thresholds.0.warning"),
        ("title: X\nscenaros: []", "scenaros"),
        ("title: X\nprocedures: [{id: p, title: P, steps: [{id: a, title: A, timeout: 5}]}]", "timeout"),
        ("service: x", "'title' is a required property"),
    ],
)
def test_what_is_wrong_is_shown(text: str, words: str) -> None:
    assert any(words in each for each in wrong(text)), wrong(text)
