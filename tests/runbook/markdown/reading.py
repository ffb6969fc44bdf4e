"""The source documents, the lists made of them by hand, and the corpus, for the tests of what is not a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cockpit.runbook.markdown.text.document import Document, read_document

DOCUMENTS = (
    "incident-response-process.md",
    "order-service-playbook.md",
    "payment-incident-management.md",
    "payment-service-runbook.md",
    "production-incident-response-plan.md",
)


def expected(file: str) -> dict[str, Any]:
    """What a document holds, by hand."""
    path = Path(__file__).parent / "expected" / Path(file).with_suffix(".yaml").name
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def read(shared: Path, file: str) -> Document:
    return read_document((shared / "source-documents" / file).read_bytes(), file)


def corpus(shared: Path) -> list[Document]:
    """The public runbooks; the test is skipped where they are not."""
    folder = shared / "runbook-corpus"
    if not folder.is_dir():
        pytest.skip(f"no corpus: {folder} is not there")
    return [read_document(path.read_bytes(), path.name) for path in sorted(folder.glob("*.md"))]


def markdown(text: str) -> Document:
    return read_document(text.encode("utf-8", "replace"), "test.md")
