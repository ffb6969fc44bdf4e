"""What is redacted is gone: from the row, from every byte beside it, and from what was being typed; the chain stays."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.incident.entry import Draft, Entry
from cockpit.incident.ids import new_id
from cockpit.incident.timeline import Timeline
from cockpit.record.drafts import Drafts, DraftText
from cockpit.record.journal import Journal
from cockpit.record.schema import COLUMNS
from cockpit.record.verify import verify
from cockpit.values import replace
from tests.record.redacting import SECRET, on_disk, redact, redaction
from tests.record.test_journal import INCIDENT, note
from tests.stories import START


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal.open(tmp_path / "record.db", SystemClock())
    yield opened
    opened.close()


def noted(journal: Journal, text: str = f"the password is {SECRET}") -> Entry:
    """A note, recorded among others."""
    return journal.append([note("before"), note(text), note("after")]).entries[1]


def sound(journal: Journal, redacted: int) -> bool:
    """Whether the record verifies, and has lost exactly so many payloads."""
    verdict = verify(journal.read_all())
    return (verdict.problems, verdict.redacted) == ([], redacted)


def test_what_a_later_version_wrote_beside_the_words_is_erased_too(journal: Journal, tmp_path: Path) -> None:
    """Nobody here knows whether it is words."""
    (entry,) = journal.append([replace(note("x"), payload={"text": "x", "later": f"{SECRET}\0"})]).entries
    (by,) = redact(journal, entry)
    assert by.payload["kept"] == {}
    assert on_disk(tmp_path, SECRET) == []


def test_an_erased_entry_is_in_no_byte_and_the_chain_holds(journal: Journal, tmp_path: Path) -> None:
    secret = noted(journal)
    assert on_disk(tmp_path, SECRET)
    by = redact(journal, secret)[0]
    assert on_disk(tmp_path, SECRET) == []
    assert not journal.unscrubbed
    again = {entry.id: entry for entry in journal.read(INCIDENT)}
    assert again[secret.id] == replace(secret, body=None, salt=None)
    assert again[by.id].payload["entry"] == secret.id
    assert sound(journal, 1)


def test_a_reader_elsewhere_learns_of_it(journal: Journal, tmp_path: Path) -> None:
    secret = noted(journal)
    other = Journal.open(tmp_path / "record.db", SystemClock())
    seen = Timeline(other.read(INCIDENT))
    position = other.position()
    redact(journal, secret)
    for entry in other.read(INCIDENT, since=position):
        seen.add(entry)
    assert [entry.redacted for entry in seen.entries] == [entry.id == secret.id for entry in seen.entries]
    assert SECRET not in repr([entry.payload for entry in seen.entries])
    other.close()


def test_a_reader_that_holds_on_delays_it_and_the_next_append_ends_it(journal: Journal, tmp_path: Path) -> None:
    secret = noted(journal)
    with closing(sqlite3.connect(tmp_path / "record.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchone()
        redact(journal, secret)
        assert journal.unscrubbed
        assert on_disk(tmp_path, SECRET)
        assert journal.append([note("the record goes on")]).entries[0].seq == 5
        assert sound(journal, 1)
        reader.execute("COMMIT")
    journal.append([note("one more")])
    assert on_disk(tmp_path, SECRET) == []
    assert not journal.unscrubbed
    assert sound(journal, 1)


def test_what_a_reader_delayed_is_ended_by_who_opens_it_next(tmp_path: Path) -> None:
    first = Journal.open(tmp_path / "record.db", SystemClock())
    secret = noted(first)
    with closing(sqlite3.connect(tmp_path / "record.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchone()
        redact(first, secret)
        first.close()
        assert on_disk(tmp_path, SECRET)
    second = Journal.open(tmp_path / "record.db", SystemClock())
    assert on_disk(tmp_path, SECRET) == []
    assert sound(second, 1)
    second.close()


@pytest.mark.parametrize("seed", range(3))
def test_no_page_keeps_an_older_copy(tmp_path: Path, seed: int) -> None:
    """Written as by a SQLite that leaves old bytes where they are, in rows of all sizes, erased in any order."""
    chance = random.Random(seed)
    journal = Journal.open(tmp_path / "record.db", SystemClock())
    journal._connection.execute("PRAGMA secure_delete = OFF")
    secrets = {}
    for n in range(40):
        word = f"secret{n:02}x{chance.randrange(10**9):09}"
        entry = journal.append([note(word + " " * chance.choice((1, 100, 800, 1500, 9000)) + word)]).entries[0]
        secrets[entry.id] = (entry, word)
    erased = chance.sample(sorted(secrets), 25)
    for n in range(0, 25, 5):
        redact(journal, *(secrets[id][0] for id in erased[n : n + 5]))
    assert [word for _, word in (secrets[id] for id in erased) if on_disk(tmp_path, word)] == []
    assert all(on_disk(tmp_path, secrets[id][1]) for id in secrets.keys() - set(erased))
    assert sound(journal, 25)
    journal.close()


def test_only_the_same_incident_is_reached(journal: Journal) -> None:
    elsewhere = journal.append([note("not yours", new_id())]).entries[0]
    journal.append([replace(redaction(elsewhere), incident=INCIDENT)])
    assert journal.read(elsewhere.incident) == [elsewhere]
    assert sound(journal, 0)


def test_a_redaction_cannot_be_redacted(journal: Journal) -> None:
    by = redact(journal, noted(journal))[0]
    redact(journal, by)
    assert by in journal.read(INCIDENT)
    assert sound(journal, 1)


def test_sql_can_erase_nothing_that_no_redaction_names(journal: Journal) -> None:
    noted(journal)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        journal._connection.execute("UPDATE entries SET payload = NULL, salt = NULL")


def bring_in(journal: Journal, other: Path, where: str) -> None:
    """Copy entries from another journal, as a record that is shared does."""
    journal._connection.execute("ATTACH ? AS other", (str(other),))
    query = f"INSERT INTO main.entries ({COLUMNS}) SELECT {COLUMNS} FROM other.entries WHERE {where} ORDER BY seq"
    journal._connection.execute(query)
    journal._connection.execute("DETACH other")


@pytest.mark.parametrize("order", [("kind = 'redaction'", "kind <> 'redaction'"), ("seq < 4", "seq >= 4")])
def test_it_does_not_matter_which_comes_first(tmp_path: Path, order: tuple[str, str]) -> None:
    """The redacted entry is brought in with its words, as from a copy that had not heard of the redaction."""
    path = tmp_path / "elsewhere" / "record.db"
    other = Journal.open(path, SystemClock())
    secret = noted(other)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("DROP TRIGGER redaction_erases")
    redact(other, secret)
    other.close()
    journal = Journal.open(tmp_path / "here" / "record.db", SystemClock())
    for where in order:
        bring_in(journal, path, where)
    assert sound(journal, 1)
    journal.append([note("and on")])
    assert on_disk(tmp_path / "here", SECRET) == []
    journal.close()


def test_a_redaction_that_did_not_erase_is_found(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "record.db", SystemClock())
    secret = noted(journal)
    with closing(sqlite3.connect(tmp_path / "record.db")) as raw, raw:
        raw.execute("DROP TRIGGER redaction_erases")
    by = redact(journal, secret)[0]
    (problem,) = verify(journal.read_all()).problems
    assert (problem.entry, problem.seq) == (secret.id, 2)
    assert by.id in problem.what
    journal.close()


FORGOTTEN = (f"the password is {SECRET}", f"rotate {SECRET} now", "the password is hunt", f"x password={SECRET}, ok")
KEPT = ("the password was changed", "nothing to do with it", "the")


def test_drafts_with_the_words_go_and_others_stay(journal: Journal, tmp_path: Path) -> None:
    drafts, began = Drafts.beside(tmp_path / "record.db"), START
    for n, text in enumerate((*FORGOTTEN, *KEPT)):
        drafts.keep(INCIDENT, f"form{n}", DraftText(text, began))
    drafts.keep("", "note", DraftText(f"before there was an incident: {SECRET}", began))
    drafts.keep(new_id(), "note", DraftText("the password is", began))
    (tmp_path / "drafts" / f"{INCIDENT}.note.new").write_text(f'{{"text": "{SECRET}')
    redact(journal, noted(journal))
    assert on_disk(tmp_path, SECRET) == []
    assert sorted(draft.text for draft in drafts.every().values()) == sorted((*KEPT, "the password is"))


def test_words_of_any_depth_are_looked_for(journal: Journal, tmp_path: Path) -> None:
    drafts = Drafts.beside(tmp_path / "record.db")
    drafts.keep(INCIDENT, "note", DraftText(f"see {SECRET}", START))
    deep = Draft(INCIDENT, "tomorrow", {"a": [{"b": f"key {SECRET}"}], "n": 3}, START, "@alice")
    redact(journal, journal.append([deep]).entries[0])
    assert drafts.every() == {}
    assert on_disk(tmp_path, SECRET) == []
