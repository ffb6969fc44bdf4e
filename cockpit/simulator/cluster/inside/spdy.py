"""SPDY/3.1 framing: frames to bytes and back, with their headers compressed by the protocol's own dictionary.

The rules are those of the SPDY Protocol, Draft 3.1 (https://www.chromium.org/spdy/spdy-protocol/), sections 2.2, 2.6.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from cockpit.simulator.cluster.inside.spdydictionary import DICTIONARY

PROTOCOL_ERROR, INVALID_STREAM, REFUSED_STREAM, CANCEL, STREAM_ALREADY_CLOSED = 1, 2, 3, 5, 9
"""Statuses of RST_STREAM; PROTOCOL_ERROR is one of GOAWAY too."""

MOST_CONTROL = 64 * 1024
"""Bytes that a control frame may have: one for a forwarded port has about 60."""
MOST_HEADERS = 64 * 1024
"""Bytes that a frame's headers may have once they are decompressed."""
MOST_DATA = 2**24 - 1
"""Bytes that a data frame can have: its length is a 24-bit number."""

_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _SETTINGS, _PING, _GOAWAY, _HEADERS, _WINDOW_UPDATE = 1, 2, 3, 4, 6, 7, 8, 9
_CONTROL, _VERSION = 0x8000, 3
_FIN, _UNIDIRECTIONAL = 1, 2
_ID = 0x7FFFFFFF


class SpdyError(Exception):
    """The peer broke the protocol: the session cannot go on."""


@dataclass(frozen=True, slots=True)
class SynStream:
    """Opens a stream. `unidirectional`: the other side must not answer on it."""

    stream: int
    headers: Mapping[str, str]
    fin: bool = False
    unidirectional: bool = False


@dataclass(frozen=True, slots=True)
class SynReply:
    """Accepts a stream."""

    stream: int
    headers: Mapping[str, str]
    fin: bool = False


@dataclass(frozen=True, slots=True)
class Headers:
    """More headers of an open stream."""

    stream: int
    headers: Mapping[str, str]
    fin: bool = False


@dataclass(frozen=True, slots=True)
class RstStream:
    """Ends a stream in both directions at once."""

    stream: int
    status: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What the sender tells of itself: pairs of a setting's id (24 bits) and its value."""

    values: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Ping:
    """Is sent back as it is. The client's have odd ids, the server's even ones."""

    id: int


@dataclass(frozen=True, slots=True)
class GoAway:
    """The sender takes no new streams after `last`, and why."""

    last: int
    status: int = 0


@dataclass(frozen=True, slots=True)
class WindowUpdate:
    """The sender has room for `delta` more bytes of a stream (0: of the session)."""

    stream: int
    delta: int


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of a stream; `fin`: the sender's last ones."""

    stream: int
    data: bytes
    fin: bool = False


Frame: TypeAlias = SynStream | SynReply | Headers | RstStream | Settings | Ping | GoAway | WindowUpdate | Data


class FrameReader:
    """Takes bytes as they come and gives the frames in them."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)

    def read(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes. Raises SpdyError; nothing can be read after it."""
        self._buffer += data
        while len(self._buffer) >= 8:
            first, second, word = struct.unpack_from(">HHI", self._buffer)
            flags, length = word >> 24, word & MOST_DATA
            if first & _CONTROL and length > MOST_CONTROL:
                raise SpdyError(f"a control frame of {length} bytes is too large")
            if len(self._buffer) < 8 + length:
                return
            body = bytes(self._buffer[8 : 8 + length])
            del self._buffer[: 8 + length]
            if not first & _CONTROL:
                yield Data(_opened(first << 16 | second), body, bool(flags & _FIN))
            elif (frame := self._control(first & ~_CONTROL, second, flags, body)) is not None:
                yield frame

    def _control(self, version: int, kind: int, flags: int, body: bytes) -> Frame | None:
        """A control frame; None for one of a kind that is unknown, which the protocol wants ignored."""
        if version != _VERSION:
            raise SpdyError(f"SPDY version {version} is not spoken here")
        try:
            if kind in (_SYN_STREAM, _SYN_REPLY, _HEADERS):
                return self._with_headers(kind, flags, body)
            return _plain(kind, body)
        except struct.error:
            raise SpdyError(f"a control frame of type {kind} is too short") from None

    def _with_headers(self, kind: int, flags: int, body: bytes) -> Frame:
        stream, fin = _opened(struct.unpack_from(">I", body)[0] & _ID), bool(flags & _FIN)
        if kind == _SYN_STREAM:
            headers = self._headers(body[10:])  # after two ids, the priority and the slot
            return SynStream(stream, headers, fin, bool(flags & _UNIDIRECTIONAL))
        headers = self._headers(body[4:])
        return SynReply(stream, headers, fin) if kind == _SYN_REPLY else Headers(stream, headers, fin)

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            plain = self._inflate.decompress(block, MOST_HEADERS)
        except zlib.error as wrong:
            raise SpdyError(f"headers cannot be decompressed: {wrong}") from None
        if len(plain) >= MOST_HEADERS:
            raise SpdyError("headers are too large")
        return _headers(plain)


class FrameWriter:
    """Makes bytes of frames. They must be sent in the order in which they were made: each needs the last's headers."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(zlib.Z_BEST_COMPRESSION, zdict=DICTIONARY)

    def write(self, frame: Frame) -> bytes:
        """One frame as it goes over the wire."""
        match frame:
            case Data(stream, data, fin):
                return struct.pack(">II", stream, fin << 24 | len(data)) + data
            case SynStream(stream, headers, fin, one_way):
                flags = fin * _FIN | one_way * _UNIDIRECTIONAL
                return _frame(_SYN_STREAM, struct.pack(">IIH", stream, 0, 0) + self._headers(headers), flags)
            case SynReply(stream, headers, fin):
                return _frame(_SYN_REPLY, struct.pack(">I", stream) + self._headers(headers), fin)
            case Headers(stream, headers, fin):
                return _frame(_HEADERS, struct.pack(">I", stream) + self._headers(headers), fin)
            case RstStream(stream, status):
                return _frame(_RST_STREAM, struct.pack(">II", stream, status))
            case Settings(values):
                numbers = (number for pair in values for number in pair)
                return _frame(_SETTINGS, struct.pack(f">{1 + 2 * len(values)}I", len(values), *numbers))
            case Ping(number):
                return _frame(_PING, struct.pack(">I", number))
            case GoAway(last, status):
                return _frame(_GOAWAY, struct.pack(">II", last, status))
            case WindowUpdate(stream, delta):
                return _frame(_WINDOW_UPDATE, struct.pack(">II", stream, delta))

    def _headers(self, headers: Mapping[str, str]) -> bytes:
        texts = (text.encode("latin-1") for pair in headers.items() for text in pair)
        plain = struct.pack(">I", len(headers)) + b"".join(struct.pack(">I", len(each)) + each for each in texts)
        return self._deflate.compress(plain) + self._deflate.flush(zlib.Z_SYNC_FLUSH)


def _plain(kind: int, body: bytes) -> Frame | None:
    """A control frame without headers."""
    if kind == _SETTINGS:
        (count,) = struct.unpack_from(">I", body)
        numbers = struct.unpack_from(f">{2 * min(count, MOST_CONTROL)}I", body, 4)
        return Settings(tuple((numbers[at] & MOST_DATA, numbers[at + 1]) for at in range(0, len(numbers), 2)))
    if kind == _PING:
        return Ping(*struct.unpack_from(">I", body))
    if kind not in (_RST_STREAM, _GOAWAY, _WINDOW_UPDATE):
        return None
    first, second = struct.unpack_from(">II", body)
    if kind == _RST_STREAM:
        return RstStream(_opened(first & _ID), second)
    return GoAway(first & _ID, second) if kind == _GOAWAY else WindowUpdate(first & _ID, second & _ID)


def _headers(plain: bytes) -> dict[str, str]:
    """Headers from their decompressed block: a count, then names and values, each after its length."""
    found: dict[str, str] = {}
    try:
        (count,), at = struct.unpack_from(">I", plain), 4
        for _ in range(count):
            name, at = _text(plain, at)
            value, at = _text(plain, at)
            if not name or name in found:
                raise SpdyError(f"header {name!r} is empty or there twice")
            found[name] = value
    except struct.error:
        raise SpdyError("headers end too early") from None
    return found


def _text(plain: bytes, at: int) -> tuple[str, int]:
    """The text at a place of a header block, and where it ends."""
    (length,) = struct.unpack_from(">I", plain, at)
    end = at + 4 + length
    if end > len(plain):
        raise SpdyError("headers end too early")
    return plain[at + 4 : end].decode("latin-1"), end


def _opened(stream: int) -> int:
    """A stream's id. Raises SpdyError for 0, which is the session."""
    if stream == 0:
        raise SpdyError("0 is not the id of a stream")
    return stream


def _frame(kind: int, body: bytes, flags: int = 0) -> bytes:
    return struct.pack(">HHI", _CONTROL | _VERSION, kind, flags << 24 | len(body)) + body
