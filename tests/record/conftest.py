"""What tests of moving share: a journal where an incident was, one where it goes, and the file between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.record.bundle.write import write_bundle
from cockpit.record.journal import Journal
from tests.record.bundles import opened, two_incidents
from tests.stories import INCIDENT


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Journal]:
    """Where the incident was."""
    journal = opened(tmp_path / "there" / "record.db")
    yield journal
    journal.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Journal]:
    """Where it goes."""
    journal = opened(tmp_path / "here" / "record.db")
    yield journal
    journal.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The bundle's place."""
    return tmp_path / "incident.bundle"


@pytest.fixture
def honest(there: Journal, file: Path) -> Path:
    """An honest bundle: five entries of one writer, three links, one output."""
    two_incidents(there)
    write_bundle(there, INCIDENT, file)
    return file
