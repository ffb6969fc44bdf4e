"""Taking in what other journals wrote: whatever arrives when, twice or not at all, and what must not come in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry, Recorded
from cockpit.incident.ids import new_id
from cockpit.record.adopt import Origin
from cockpit.record.errors import JournalError
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from cockpit.values import replace
from tests.stories import INCIDENT, START

SHARED = Origin("shared-1", read=7)


def note(text: str) -> Draft:
    return Draft(INCIDENT, "note", {"text": text}, START, "@alice")


def opened(path: Path) -> Journal:
    return Journal.open(path, ManualClock(START))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Journal]:
    journal = opened(tmp_path / "here.db")
    yield journal
    journal.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Journal]:
    journal = opened(tmp_path / "elsewhere.db")
    yield journal
    journal.close()


def texts(journal: Journal) -> list[str]:
    """What its notes say, in the record's order."""
    entries = sorted(journal.read(INCIDENT), key=lambda entry: entry.order)
    return [str(entry.payload.get("text", "-")) for entry in entries]


def redact(journal: Journal, entry: Entry) -> Entry:
    redaction = kinds.Redaction(entry=entry.id, why="a name", kept=dict(kinds.kept(entry)))
    return journal.append([Draft(INCIDENT, redaction.kind, redaction.fields(), START, "@alice")]).entries[0]


def test_what_came_once_comes_no_second_time(here: Journal, elsewhere: Journal) -> None:
    here.append([note("ours")])
    theirs = elsewhere.append([note("one"), note("two")]).entries
    first, again = here.adopt(theirs), here.adopt(theirs, SHARED)
    assert (len(first.added), first.present, first.refused) == (2, 0, ())
    assert (len(again.added), again.present, again.refused) == (0, 2, ())
    assert sorted(texts(here)) == ["one", "ours", "two"]
    assert verify(here.read_all()).sound


def test_what_is_written_next_is_recorded_after_all_that_was_seen(tmp_path: Path, here: Journal) -> None:
    ahead = Journal.open(tmp_path / "ahead.db", ManualClock(START + timedelta(hours=1)))
    theirs = ahead.append([note("an hour ahead")]).entries
    ahead.close()
    here.adopt(theirs)
    assert here.append([note("after it")]).entries[0].recorded > theirs[0].recorded


def changed(entry: Entry) -> dict[str, Entry]:
    """An honest entry in dishonest shapes, by what is said about each."""
    body = b'{"text":"another"}'
    digest = hashlib.sha256((entry.salt or b"") + body).digest()
    listed = replace(entry, body=b"[1]", digest=hashlib.sha256((entry.salt or b"") + b"[1]").digest(), hash=b"")
    far = replace(entry, recorded=Recorded(START + timedelta(days=3)), hash=b"")
    worn = replace(entry, recorded=Recorded(START, 999_999), hash=b"")
    return {
        "not what its hash says": replace(entry, body=body),
        "another entry here has its id": rehashed(replace(entry, body=body, digest=digest, hash=b"")),
        "half of it is erased": rehashed(replace(entry, id=new_id(), seq=2, salt=None, hash=b"")),
        "far ahead": rehashed(replace(far, id=new_id(), seq=9)),
        "leaves no room": rehashed(replace(worn, id=new_id(), seq=9)),
        "no object": rehashed(replace(listed, id=new_id(), seq=9)),
        "has its place in": rehashed(replace(entry, id=new_id(), hash=b"")),
        "does not continue its writer's chain": rehashed(replace(entry, id=new_id(), seq=2, hash=b"")),
    }


def rehashed(entry: Entry) -> Entry:
    return replace(entry, hash=entry.true_hash())


SAID = (
    "not what its hash says",
    "another entry here has its id",
    "half of it is erased",
    "far ahead",
    "leaves no room",
    "no object",
    "has its place in",
    "does not continue its writer's chain",
)


@pytest.mark.parametrize("said", SAID)
def test_what_no_honest_cockpit_wrote_stays_out(here: Journal, elsewhere: Journal, said: str) -> None:
    entry = elsewhere.append([note("honest")]).entries[0]
    here.adopt([entry])
    bad = changed(entry)[said]
    adopted = here.adopt([bad])
    assert adopted.added == ()
    assert said in str(adopted.refused[0])
    assert texts(here) == ["honest"]
    assert verify(here.read_all()).sound


def test_one_bad_entry_keeps_no_good_one_out(here: Journal, elsewhere: Journal) -> None:
    good, bad = elsewhere.append([note("good"), note("bad")]).entries
    adopted = here.adopt([good, replace(bad, actor="@mallory")], SHARED)
    assert [entry.id for entry in adopted.added] == [good.id]
    assert here.refused() == (f"entry {bad.id} (writer {bad.writer}, seq 2): it is not what its hash says",)


def test_a_redaction_erases_whenever_it_comes(here: Journal, elsewhere: Journal) -> None:
    secret = elsewhere.append([note("a name")]).entries[0]
    redaction = redact(elsewhere, secret)
    here.adopt([redaction])
    assert here.adopt([secret]).added
    assert texts(here) == texts(elsewhere)
    assert here.read(INCIDENT)[-1].redacted
    assert verify(here.read_all()).problems[0:] == []


def test_nothing_comes_into_a_journal_that_was_opened_to_read(tmp_path: Path, elsewhere: Journal) -> None:
    entries = elsewhere.append([note("one")]).entries
    opened(tmp_path / "old.db").close()
    reader = Journal.open(tmp_path / "old.db", ManualClock(START), read_only=True)
    with pytest.raises(JournalError, match="read-only"):
        reader.adopt(entries)
    reader.close()


def test_labels_are_provisional_until_the_shared_record_gives_one(here: Journal) -> None:
    here.shared = True
    first, second = new_id(), new_id()
    for incident in (first, second):
        here.append([Draft(incident, "declared", {"name": "x"}, START, "@alice")])
    assert here.labels() == {first: "INC-2026-L01", second: "INC-2026-L02"}
    here.adopt([], Origin("shared-1", 1, {second: "INC-2026-001"}))
    assert here.labels()[second] == "INC-2026-001"
    assert here.former_labels() == {"INC-2026-L02": second}


def test_a_label_that_two_journals_gave_goes_to_whom_the_shared_record_gave_it(here: Journal) -> None:
    ours, theirs = new_id(), new_id()
    here.append([Draft(ours, "declared", {"name": "x"}, START, "@alice")])
    here.adopt([], Origin("shared-1", 1, {theirs: "INC-2026-001"}))
    assert here.labels() == {theirs: "INC-2026-001", ours: "INC-2026-L01"}
    assert here.former_labels() == {"INC-2026-001": ours}


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[int]]:
    """Batches of places in a list of twelve entries: any order, some more than once, each at least once."""
    order = draw(st.permutations(range(12)))
    again = draw(st.lists(st.integers(0, 11), max_size=8))
    places = [*order, *again]
    cuts = sorted(draw(st.lists(st.integers(0, len(places)), max_size=5)))
    return [places[a:b] for a, b in zip([0, *cuts], [*cuts, len(places)], strict=True)]


def written(folder: Path) -> Sequence[Entry]:
    """What two journals wrote apart; each redacted one of its own."""
    found: list[Entry] = []
    for name in ("one", "two"):
        journal = opened(folder / f"{name}.db")
        for n in range(5):
            journal.append([note(f"{name} {n}")])
        found += [*journal.read(INCIDENT), redact(journal, journal.read(INCIDENT)[2])]
        journal.close()
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals())
def test_every_copy_tells_the_same_whatever_came_when(tmp_path_factory: pytest.TempPathFactory, batches: list) -> None:
    folder = tmp_path_factory.mktemp("copies")
    entries = written(folder)
    copy = opened(folder / "copy.db")
    for batch in batches:
        copy.adopt([entries[place] for place in batch], SHARED)
    verdict = verify(copy.read_all())
    assert (verdict.entries, verdict.redacted, verdict.problems) == (12, 2, [])
    assert {writer: hash for writer, (_, hash) in verdict.tails.items()} == {
        entry.writer: entry.hash.hex() for entry in entries if entry.seq == 6
    }
    copy.close()
