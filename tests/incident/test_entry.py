"""The entry: its hash covers everything, its clock never goes back, its form is the golden file's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.incident.entry import EARLIEST, Draft, Recorded, Tail, canonical, instant, seal, stamp
from cockpit.values import replace
from tests.stories import INCIDENT, START, Writer

instants = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(instants)
def test_times_survive_writing_and_sort_as_text(at: datetime) -> None:
    assert instant(stamp(at)) == at
    assert (stamp(at) < stamp(at + timedelta(microseconds=1))) is True


@given(st.lists(instants, min_size=1))
def test_the_hybrid_clock_only_goes_on(walls: list[datetime]) -> None:
    reading = EARLIEST
    for wall in walls:
        following = reading.after(wall)
        assert following > reading
        assert str(following) > str(reading)
        assert Recorded.parse(str(following)) == following
        reading = following


def test_every_field_is_covered_by_the_hash() -> None:
    entry = Writer().write(kinds.Note(text="hello"), role="ic")
    assert entry.true_hash() == entry.hash
    changes = {
        "id": "x", "incident": "x", "kind": "x", "schema": 9, "occurred": START + timedelta(hours=1),
        "recorded": Recorded(START, 7), "writer": "x", "seq": 9, "actor": "@eve", "role": None, "supersedes": "x",
        "body": b"{}", "salt": b"0" * 16, "previous": b"1" * 32,
    }  # fmt: skip
    for field, value in changes.items():
        assert replace(entry, **{field: value}).true_hash() != entry.hash, field


def test_a_redacted_entry_keeps_its_digest_and_chain() -> None:
    entry = Writer().write(kinds.Note(text="secret"))
    erased = replace(entry, body=None, salt=None)
    assert erased.redacted
    assert erased.payload == {}
    assert erased.true_hash() == entry.hash


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_is_no_json_is_refused_before_anything_is_sealed(value: object) -> None:
    draft = Draft(INCIDENT, "note", {"text": value}, START, "@a")
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        seal(draft, Tail("w"), id="1", now=START)


def test_canonical_json_is_sorted_tight_and_utf8() -> None:
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
