"""Raw bytes made into lines: however they are cut, whatever comes again after a cut, each line is there once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.kube.logs.lines import LONGEST_LINE, LineCleaner, LineReader, LogLine
from cockpit.text import MASK

START = datetime(2026, 1, 31, 3, 12, 7, tzinfo=UTC)


def raw(number: int, text: str = "") -> bytes:
    """A line as a kubelet sends it, ten a second."""
    at = START + timedelta(seconds=number / 10)
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}123Z {text or f'line {number}'}\n".encode()


def texts(lines: list[LogLine]) -> list[str]:
    return [line.text for line in lines if not line.note]


def fed(reader: LineReader, body: bytes, sizes: list[int]) -> list[LogLine]:
    """The lines of `body`, which comes in pieces of these sizes over and over."""
    found, at, turn = [], 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        found += reader.feed(body[at : at + size])
        at, turn = at + size, turn + 1
    return found


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n")), max_size=20), st.lists(
    st.integers(1, 40), min_size=1, max_size=5))  # fmt: skip
def test_however_the_bytes_are_cut_the_lines_are_the_same(said: list[str], sizes: list[int]) -> None:
    body = b"".join(raw(n, text or "-") for n, text in enumerate(said))
    assert fed(LineReader("p", "c"), body, sizes) == LineReader("p", "c").feed(body)


@given(
    st.integers(1, 120), st.integers(0, 30), st.integers(0, 60), st.lists(st.integers(1, 90), min_size=1, max_size=3)
)
@settings(deadline=None)
def test_what_comes_again_after_a_cut_is_there_once(had: int, cut: int, more: int, sizes: list[int]) -> None:
    """The server sends again from a whole second on, in the middle of a line it broke."""
    reader = LineReader("p", "c")
    body = b"".join(map(raw, range(had)))
    found = fed(reader, body + raw(had)[: cut % len(raw(had))], sizes)
    found += reader.ended(cut=True)
    since = datetime.fromisoformat(reader.since)
    again = [n for n in range(had + more) if START + timedelta(seconds=n / 10) >= since]
    found += fed(reader, b"".join(map(raw, again)), sizes)
    assert texts(found) == [f"line {n}" for n in range(had + more)]
    assert not any(line.note for line in found), "nothing is missing"


def test_equal_lines_of_one_instant_are_as_many_as_there_were() -> None:
    reader = LineReader("p", "c")
    found = reader.feed(raw(0, "same") * 3) + reader.ended(cut=True) + reader.feed(raw(0, "same") * 4 + raw(1))
    assert texts(found) == ["same"] * 4 + ["line 1"]


def test_a_line_without_a_time_does_not_hide_where_the_log_is() -> None:
    reader = LineReader("p", "c")
    own = b"unable to retrieve container logs for containerd://4711\n"
    assert len(reader.feed(own + raw(0) + own + raw(30))) == 4
    reader.ended(cut=True)
    assert reader.since.startswith((START + timedelta(seconds=2)).isoformat()[:19])
    assert texts(reader.feed(raw(30) + raw(31))) == ["line 31"]


def test_lines_that_may_be_missing_are_said_to_be() -> None:
    reader = LineReader("p", "c")
    reader.feed(raw(0))
    reader.ended(cut=True)
    note, line = reader.feed(raw(900))
    assert (note.note, note.text) == (True, "connection lost before this: lines may be missing here")
    assert line.text == "line 900"
    reader.ended(cut=False)
    note, _ = reader.feed(raw(1900))
    assert note.text == "it ended and began anew"
    silent = LineReader("p", "c")
    silent.ended(cut=True)
    assert texts(silent.feed(raw(5))) == ["line 5"]


def test_a_line_knows_its_time_to_the_nanosecond() -> None:
    [line] = LineReader("p", "c").feed(b"2026-01-31T05:12:07.123456789+02:00 hello\n")
    assert line == LogLine("p", "c", "hello", datetime(2026, 1, 31, 3, 12, 7, 123456, tzinfo=UTC), "789")
    [bare] = LineReader("p", "c").feed(b"no time here\n")
    assert (bare.text, bare.at) == ("no time here", None)


def test_a_megabyte_in_one_line_is_cut_and_says_so() -> None:
    reader = LineReader("p", "c")
    body = raw(0, "x" * 1024 * 1024) + raw(1)
    found = fed(reader, body, [16 * 1024])
    assert texts(found)[1] == "line 1"
    assert found[0].text.startswith("x" * LONGEST_LINE)
    assert found[0].text.endswith(" … cut: 1.0 MB in all")
    assert len(found[0].text) < LONGEST_LINE + 40


def test_a_secret_at_the_cut_is_masked_whole() -> None:
    text = "y" * (LONGEST_LINE - 10) + " password=hunter2hunter2 " + "z" * 200
    [line] = LineReader("p", "c").feed(raw(0, text))
    assert "hunter" not in line.text


def test_a_private_key_in_a_log_is_masked_to_its_end() -> None:
    cleaner = LineCleaner()
    text = b"a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAAA\n-----END RSA PRIVATE KEY-----\nb"
    assert [cleaner(line) for line in text.split(b"\n")] == ["a", MASK, MASK, MASK, MASK, "b"]


@pytest.mark.parametrize("control", ["\x1b[31mred", "a\u202eb", "\x9b2J"])
def test_no_control_passes(control: str) -> None:
    [line] = LineReader("p", "c").feed(raw(0, control))
    assert line.text.isprintable()


@given(st.binary(max_size=300))
def test_whatever_bytes_come_are_lines(body: bytes) -> None:
    reader = LineReader("p", "c")
    for line in reader.feed(body) + reader.ended(cut=False) + reader.feed(body):
        assert line.note or line.text == line.text.replace("\n", "")
