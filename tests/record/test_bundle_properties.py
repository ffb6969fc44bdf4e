"""Whatever was recorded, wherever it went, it comes out as it went in; whatever happens to a file is noticed."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import ManualClock
from cockpit.incident.entry import Draft, Entry
from cockpit.record.bundle.format import BundleError
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.write import write_bundle
from cockpit.record.journal import Journal
from tests.record.bundles import OTHER, WHOLE, checked, in_order, moved, opened, spooled, taken, two_incidents, verified
from tests.record.redacting import redact
from tests.stories import INCIDENT, START

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
"""All that a record can hold: not halves of characters."""
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
"""Whom a record says that it was."""
payloads = st.dictionaries(names, st.recursive(words | st.integers() | st.none() | st.booleans(), st.lists), max_size=3)
drafts = st.builds(
    Draft, st.sampled_from([INCIDENT, OTHER]), st.sampled_from(["note", "decision", "of-a-later-version", "x"]),
    payloads, st.datetimes(min_value=START.replace(tzinfo=None), timezones=st.just(START.tzinfo)), names,
    st.none() | names,
)  # fmt: skip
steps = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["write", "redact", "move"]), drafts), max_size=25)
"""In which of three journals, what happens there, and what is written."""


@settings(max_examples=15, deadline=None)
@given(steps, st.integers())
def test_three_journals_that_exchange_bundles_tell_the_same(steps: list[tuple[int, str, Draft]], seed: int) -> None:
    chance = random.Random(seed)
    with TemporaryDirectory() as name:
        folder = Path(name)
        journals = [opened(folder / str(n) / "record.db") for n in range(3)]
        for place, what, draft in steps:
            step(journals, place, what, draft, chance, folder / "moved.bundle")
        for incident in (INCIDENT, OTHER):
            settle(journals, incident, folder / "moved.bundle")
        for journal in journals:
            assert verified(journal).problems == []
            journal.close()


def step(journals: list[Journal], place: int, what: str, draft: Draft, chance: random.Random, file: Path) -> None:
    journal = journals[place]
    present = [entry for entry in journal.read(draft.incident) if entry.kind != "redaction" and not entry.redacted]
    if what == "redact" and present:
        redact(journal, chance.choice(present))
    elif what == "move" and journal.read(draft.incident):
        came = moved(journal, file, chance.choice(journals), draft.incident)
        assert came.refused == ()
    else:
        journal.append([draft])


def settle(journals: list[Journal], incident: str, file: Path) -> None:
    """Everybody tells everybody twice: then all have the same, and so the same fingerprint."""
    for one in [*journals, *journals]:
        for other in journals:
            if one.read(incident):
                assert moved(one, file, other, incident).refused == ()
    first, *others = [in_order(journal.read(incident)) for journal in journals]
    assert others == [first, first]
    if first:
        assert len({write_bundle(journal, incident, file).manifest.fingerprint for journal in journals}) == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(drafts.filter(lambda draft: draft.incident == INCIDENT), min_size=1, max_size=8))
def test_an_entry_comes_out_to_the_byte_as_it_went_in(written: list[Draft]) -> None:
    with TemporaryDirectory() as name:
        there, here = opened(Path(name) / "a" / "record.db"), opened(Path(name) / "b" / "record.db")
        entries = list(there.append(written).entries)
        file = Path(name) / "x.bundle"
        assert moved(there, file, here).added == len(entries)
        assert here.read(INCIDENT) == entries
        again = Path(name) / "again.bundle"
        write_bundle(here, INCIDENT, again)
        assert again.read_bytes() == file.read_bytes()
        there.close()
        here.close()


class Honest:
    """A bundle's bytes, and the entries in it. No dataclass: hypothesis would print all of it."""

    def __init__(self) -> None:
        with TemporaryDirectory() as name:
            journal = opened(Path(name) / "record.db")
            two_incidents(journal)
            spooled(journal, "another", WHOLE[:200])
            file = Path(name) / "x.bundle"
            write_bundle(journal, INCIDENT, file)
            self.bytes = file.read_bytes()
            self.entries: list[Entry] = journal.read(INCIDENT)
            journal.close()


HONEST = Honest()


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(HONEST.bytes) - 1),
    st.integers(0, 255),
    st.sampled_from(["flip", "cut", "drop", "double"]),
)
def test_whatever_happens_to_a_byte_is_noticed_or_changes_nothing(at: int, byte: int, what: str) -> None:
    """What ZIP itself does not look at, such as a part's time, may change; no entry and no output may."""
    changed = {
        "flip": HONEST.bytes[:at] + bytes([byte]) + HONEST.bytes[at + 1 :],
        "cut": HONEST.bytes[:at],
        "drop": HONEST.bytes[:at] + HONEST.bytes[at + 1 :],
        "double": HONEST.bytes[:at] + HONEST.bytes[at : at + 1] * 2 + HONEST.bytes[at + 1 :],
    }[what]
    with TemporaryDirectory() as name:
        file = Path(name) / "x.bundle"
        file.write_bytes(changed)
        here = Journal.open(Path(name) / "here" / "record.db", ManualClock(START))
        try:
            came = taken(file, here)
        except BundleError:
            assert here.position() == 0
            assert not (here.path.parent / "output").exists() or not list((here.path.parent / "output").iterdir())
        else:
            assert came.added == len(HONEST.entries)
            assert here.read(INCIDENT) == HONEST.entries
            assert checked(file).sound
            with Bundle.open(file) as bundle:
                assert bundle.entries == HONEST.entries
        here.close()
