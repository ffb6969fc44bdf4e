"""A short round of the campaign, and its checker, which must see what it looks for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from cockpit.record.shared.replicator import Replicator
from cockpit.record.store import Store
from cockpit.values import replace
from tests.campaign.shared.checking import Found, check
from tests.campaign.shared.rounds import play
from tests.postgres import running
from tests.record.crashing import note, secret_of
from tests.record.redacting import redact

FAULTS = ("answers lost", "writer killed", "server killed", "wire cut in mid sentence", "server paused")


def test_what_was_acknowledged_is_in_every_copy_once_after_everything_was_back(tmp_path: Path) -> None:
    with running() as server:
        faults, found = asyncio.run(play(server, tmp_path, "a round of the suite", 3, FAULTS))
    assert {name for name in faults if name != "clock skewed"} == set(FAULTS)
    assert (found.problems, found.lost, found.doubled) == ([], 0, 0)
    assert found.entries >= found.acknowledged > 3


async def together(folder: Path, dsn: str) -> None:
    """Two journals and the shared record, with three notes, one of them redacted; all acknowledged."""
    for name in "aba":
        store = await Store.open(folder / f"{name}.db", SystemClock(), shared=True)
        if not (folder / f"{name}.acks").exists():
            await store.call(lambda journal, name=name: fill(journal, name))  # type: ignore[misc]
        await Replicator(store, lambda: dsn, SystemClock()).once()
        await store.close()


def fill(journal: Journal, name: str) -> None:
    drafts = [replace(note("x"), actor=f"@{name}-1"), replace(note(secret_of(f"@{name}-2")), actor=f"@{name}-2")]
    entries = journal.append(drafts).entries
    redact(journal, *entries[1:] if name == "a" else ())
    acknowledge(journal.path.with_suffix(".acks"), {each.id: each.hash.hex() for each in entries})


def acknowledge(path: Path, entries: dict[str, str], erased: tuple[str, ...] = ()) -> None:
    with path.open("a") as file:
        print(json.dumps({"entries": entries, "erased": erased}), file=file)


def an_acknowledged_one_is_nowhere(folder: Path) -> None:
    acknowledge(folder / "a.acks", {"an-id-of-nobody": "00"})


def one_is_acknowledged_with_another_hash(folder: Path) -> None:
    said = json.loads((folder / "a.acks").read_text().splitlines()[0])
    acknowledge(folder / "b.acks", {next(iter(said["entries"])): "00"})


def one_is_in_one_journal_only(folder: Path) -> None:
    add(folder, "@only-here")


def one_was_written_twice(folder: Path) -> None:
    add(folder, "@a-1")


def add(folder: Path, actor: str) -> None:
    journal = Journal.open(folder / "a.db", SystemClock())
    journal.append([replace(note("y"), actor=actor)])
    journal.close()


def a_secret_is_on_the_disk(folder: Path) -> None:
    (folder / "left").write_text(f"...{secret_of('@a-2')}...")


def one_was_told_to_be_erased(folder: Path) -> None:
    said = json.loads((folder / "b.acks").read_text().splitlines()[0])
    acknowledge(folder / "b.acks", {}, erased=(list(said["entries"])[1],))


CASES: list[tuple[Callable[[Path], None], str, int, int]] = [
    (an_acknowledged_one_is_nowhere, "lost 1", 3, 0),
    (one_is_acknowledged_with_another_hash, "lost 1", 3, 0),
    (one_is_in_one_journal_only, "a: not the same as postgresql: 6 entries beside 5", 0, 0),
    (one_was_written_twice, "a: doubled 1: @a-1", 0, 1),
    (a_secret_is_on_the_disk, "erased, and on the disk", 0, 0),
    (one_was_told_to_be_erased, "acknowledged, and still there", 0, 0),
]


@pytest.mark.parametrize(("damage", "said", "lost", "doubled"), CASES, ids=lambda each: getattr(each, "__name__", ""))
def test_the_checker_sees(
    damage: Callable[[Path], None], said: str, lost: int, doubled: int, tmp_path: Path, dsn: str
) -> None:
    asyncio.run(together(tmp_path, dsn))
    assert check(tmp_path, dsn) == Found(entries=5, acknowledged=4, redacted=1)
    damage(tmp_path)
    found = check(tmp_path, dsn)
    assert said in "\n".join(found.problems)
    assert (found.lost, found.doubled) == (lost, doubled)


def test_the_checker_sees_a_secret_in_the_database_files(tmp_path: Path, dsn: str) -> None:
    asyncio.run(together(tmp_path, dsn))
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE left_over (words text)")
        connection.execute("INSERT INTO left_over VALUES (%s)", (secret_of("@a-2"),))
    assert check(tmp_path, dsn).problems == [f"erased, and on the disk: {secret_of('@a-2')}"]
