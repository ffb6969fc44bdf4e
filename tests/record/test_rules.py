"""What a journal takes in: exactly what the shared record takes, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.record.adopt import Origin
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from tests.record.bundles import opened, rewritten, taken
from tests.record.hostile import HOSTILE, ODD
from tests.record.shared.forging import forged

SHARED = Origin("shared-1", read=7)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    found = opened(tmp_path / "record.db")
    yield found
    found.close()


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("origin", [None, SHARED], ids=["from a file", "from the shared record"])
def test_what_is_hostile_stays_out(journal: Journal, name: str, origin: Origin | None) -> None:
    bad, good = forged(**HOSTILE[name]), forged()
    adopted = journal.adopt([bad, good], origin)
    assert (adopted.added, [each.entry for each in adopted.refused]) == ((good,), [bad.id])
    assert len(adopted.refused[0].why) < 200
    assert adopted.refused[0].why.isprintable()


@pytest.mark.parametrize("name", ODD)
def test_what_is_only_odd_comes_in(journal: Journal, name: str) -> None:
    odd = forged(**ODD[name])
    assert journal.adopt([odd]).added == (odd,)
    assert [each.entry for each in verify(journal.read_all()).problems] == ([] if odd.seq == 1 else [odd.id])


FITS_A_LINE = (
    "an id in capitals", "a writer that is none", "a kind with a control sequence",
    "an actor without end", "an actor with a zero", "a role that is empty", "it amends what cannot be", "UTF-32",
    "a salt of one byte", "a salt without end", "too large", "no schema", "a clock that is full",
)  # fmt: skip
"""What the form of a bundle does not keep out."""


@pytest.mark.parametrize("name", FITS_A_LINE)
def test_a_bundle_with_one_hostile_entry_does_not_come_in(honest: Path, here: Journal, name: str) -> None:
    came = taken(rewritten(honest, lambda fields: fields.update(HOSTILE[name])), here)
    assert (came.added, len(came.refused), here.position()) == (0, 1, 0)
