"""The source documents, for the tests that compare with them."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def documents(shared: Path) -> dict[str, list[str]]:
    """The lines of each document; line n is at n - 1."""
    folder = shared / "source-documents"
    return {path.name: path.read_text(encoding="utf-8").splitlines() for path in folder.glob("*.md")}
