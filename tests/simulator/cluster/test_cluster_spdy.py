"""SPDY's framing: what is written is read again however it is cut, and no bytes do harm."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.simulator.cluster.inside.spdy import (
    MOST_HEADERS,
    Data,
    Frame,
    FrameReader,
    FrameWriter,
    GoAway,
    Headers,
    Ping,
    RstStream,
    Settings,
    SpdyError,
    SynReply,
    SynStream,
    WindowUpdate,
)
from cockpit.simulator.cluster.inside.spdydictionary import DICTIONARY

IDS = st.integers(1, 2**31 - 1)
WORDS = st.integers(0, 2**32 - 1)
LATIN = st.text(st.characters(max_codepoint=255), max_size=20)
HEADERS = st.dictionaries(LATIN.filter(bool), LATIN, max_size=5)
FRAMES: st.SearchStrategy[Frame] = st.one_of(
    st.builds(SynStream, IDS, HEADERS, st.booleans(), st.booleans()),
    st.builds(SynReply, IDS, HEADERS, st.booleans()),
    st.builds(Headers, IDS, HEADERS, st.booleans()),
    st.builds(RstStream, IDS, WORDS),
    st.builds(Settings, st.lists(st.tuples(st.integers(0, 2**24 - 1), WORDS), max_size=4).map(tuple)),
    st.builds(Ping, WORDS),
    st.builds(GoAway, IDS, WORDS),
    st.builds(WindowUpdate, IDS, st.integers(0, 2**31 - 1)),
    st.builds(Data, IDS, st.binary(max_size=300), st.booleans()),
)


def frame(kind: int, body: bytes, version: int = 3) -> bytes:
    """A control frame by hand."""
    return (0x8000 | version).to_bytes(2, "big") + kind.to_bytes(2, "big") + len(body).to_bytes(4, "big") + body


def test_dictionary_is_the_one_of_the_draft() -> None:
    # every stream of compressed headers begins with this checksum, so that peers refuse another dictionary
    assert (len(DICTIONARY), zlib.adler32(DICTIONARY)) == (1423, 0xE3C6A7C2)


@given(st.lists(FRAMES, max_size=8), st.integers(1, 50))
def test_frames_come_back_however_they_are_cut(frames: list[Frame], piece: int) -> None:
    writer, reader = FrameWriter(), FrameReader()
    wire = b"".join(map(writer.write, frames))
    found = [each for at in range(0, len(wire), piece) for each in reader.read(wire[at : at + piece])]
    assert found == frames


@given(st.lists(st.binary(max_size=80), max_size=5))
def test_arbitrary_bytes_are_frames_or_an_error(chunks: list[bytes]) -> None:
    reader = FrameReader()
    with suppress(SpdyError):
        for chunk in chunks:
            assert all(isinstance(each, Frame) for each in reader.read(chunk))


@given(st.integers(0, 20), st.binary(max_size=40))
def test_arbitrary_control_frames_are_frames_or_an_error(kind: int, body: bytes) -> None:
    with suppress(SpdyError):
        assert len(list(FrameReader().read(frame(kind, body)))) <= 1


@given(st.binary(max_size=60))
def test_arbitrary_header_blocks_are_headers_or_an_error(plain: bytes) -> None:
    deflate = zlib.compressobj(zdict=DICTIONARY)
    block = deflate.compress(plain) + deflate.flush(zlib.Z_SYNC_FLUSH)
    with suppress(SpdyError):
        (found,) = FrameReader().read(frame(2, b"\0\0\0\1" + block))
        assert isinstance(found, SynReply)


def test_frame_of_an_unknown_type_is_skipped() -> None:
    assert list(FrameReader().read(frame(77, b"whatever") + FrameWriter().write(Ping(1)))) == [Ping(1)]


def bomb() -> bytes:
    """Headers of 16 MiB in 16 KiB."""
    deflate = zlib.compressobj(9, zdict=DICTIONARY)
    return deflate.compress(b"\0" * 2**24) + deflate.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize(
    ("wire", "told"),
    [
        (frame(6, b"\0\0\0\1", version=2), "version 2"),
        (frame(6, b"\0"), "too short"),
        (frame(3, bytes(8)), "not the id of a stream"),
        (b"\0\0\0\0\0\0\0\0", "not the id of a stream"),
        (frame(4, b"\xff\xff\xff\xff"), "too short"),
        (frame(2, b"\0\0\0\1no zlib"), "cannot be decompressed"),
        (frame(2, b"\0\0\0\1" + bomb()), "headers are too large"),
        (frame(4, bytes(MOST_HEADERS + 1)), "too large"),
    ],
)
def test_broken_protocol_is_told(wire: bytes, told: str) -> None:
    with pytest.raises(SpdyError, match=told):
        list(FrameReader().read(wire))


@pytest.mark.parametrize("twice", [{"a": "1", "A": "2"}, {"a": "1"}])
def test_headers_of_one_frame_do_not_touch_the_next(twice: dict[str, Any]) -> None:
    writer, reader = FrameWriter(), FrameReader()
    frames: list[Frame] = [SynStream(1, twice), SynStream(3, {}), SynStream(5, twice)]
    assert [each for frame in frames for each in reader.read(writer.write(frame))] == frames
