"""What a bundle is: a ZIP file with a manifest, the incident's entries, the links between them, whole outputs.

    manifest.json     what is in it, each part with its size and SHA-256; the label, the writers, the fingerprint
    entries.jsonl     an entry a line, by writer and seq, with all that its hash covers; of a redacted one no words
    links.jsonl       only the hashes of the writers' entries that belong to other incidents, between those of this one
    output/RUN.log    the whole output of a run, where the record keeps a part of it and its hash

An attached file needs no part of its own: its text is in its entry.

A writer's chain runs through all its incidents, and a bundle has one of them. Of the others it tells nothing but
hashes: who did what there is nobody's business where this file goes. What can then be checked, by everybody: each
entry is what its hash says, and follows the entry or link before it. What cannot: that an entry of another incident
follows this one's, as its hash covers words that are not here. So somebody could write an entry anew and leave the
chain's later hashes alone. The fingerprint, a hash of every entry's hash, is what shows that: it is the same in every
copy of this record, redacted since or not, and belongs beside the file, told another way. A journal that has the
entries behind the links compares them when it takes the bundle in.

The same journal gives the same bytes (with the same zlib): nothing in it says when, where or by whom it was made. One
that got the incident by a bundle cannot tell the links again; the fingerprint is the same all the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Annotated, Any

import msgspec
from msgspec import Struct

from cockpit.incident.entry import Entry, Recorded, instant, stamp

FORMAT = "incident-cockpit-bundle"
VERSION = 1

MANIFEST, ENTRIES, LINKS = "manifest.json", "entries.jsonl", "links.jsonl"

OUTPUT = re.compile(r"output/([0-9A-Za-z][0-9A-Za-z_-]{0,63})\.log")
"""The name of a run's whole output; nothing else has a folder."""

LABEL = re.compile(r"INC-[0-9]{4}-(L?)[0-9]{1,6}")

MIB = 1024 * 1024
MOST = {MANIFEST: 4 * MIB, ENTRIES: 256 * MIB, LINKS: 128 * MIB}
"""Bytes of each part, unpacked: twenty times the longest incident that was ever measured."""
MOST_OUTPUT = 512 * MIB
"""Bytes of one output: more than a run's output is ever kept of."""
MOST_WHOLE = 3 * 1024 * MIB
"""Bytes of all parts together, which also keeps the file within plain ZIP."""
MOST_PARTS = 10_000
MOST_ENTRIES = 200_000
MOST_LINKS = 500_000
MOST_LINE = 32 * MIB


class BundleError(Exception):
    """A bundle that cannot be written, or a file that is none: one line, what, why, and what to do."""


Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Salt = Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9a-f]{2}){1,64}\Z")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Word = Annotated[str, msgspec.Meta(max_length=10_000)]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Size = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file within the bundle. Sizes are in bytes, hashes SHA-256 in hexadecimal."""

    name: Name
    bytes: Size
    sha256: Hash


class Tail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One writer's part of the record: how many entries, the first and the last number, the last hash."""

    writer: Name
    entries: Number
    first: Number
    last: Number
    hash: Hash


class LeftOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run whose whole output could not be put in, and why."""

    run: Name
    why: Name


class Head(msgspec.Struct, frozen=True):
    """The part of a manifest that every version has."""

    format: str
    version: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is in a bundle."""

    format: str
    version: int
    incident: Name
    label: Annotated[str, msgspec.Meta(pattern=r"^(?:INC-[0-9]{4}-L?[0-9]{1,6})?\Z")]
    entries: Number
    fingerprint: Hash
    writers: tuple[Tail, ...]
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...] = ()


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of another incident, of which no more is told than its place in the writer's chain."""

    writer: Name
    seq: Number
    hash: Hash


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry. `payload` is the text that was hashed, to the byte; it and `salt` are null of a redacted one."""

    id: Name
    incident: Name
    kind: Word
    schema: Annotated[int, msgspec.Meta(ge=0, le=2**31)]
    occurred: Name
    recorded: Name
    writer: Name
    seq: Number
    actor: Word
    role: Word | None
    supersedes: Word | None
    payload: str | None
    salt: Salt | None
    digest: Hash
    previous: Hash
    hash: Hash


class Output(Struct, frozen=True):
    """The whole output of a run, as the record knows it: its size in bytes and its SHA-256 in hexadecimal."""

    run: str
    entry: str
    bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name within the bundle."""
        return f"output/{self.run}.log"


def fingerprint(entries: Iterable[Entry]) -> str:
    """What a record is known by, the same in every copy of it and after redactions; hexadecimal SHA-256.

    Of the lines `WRITER SEQ HASH`, by writer and seq.
    """
    places = sorted((entry.writer, entry.seq, entry.hash.hex()) for entry in entries)
    return hashlib.sha256("".join(f"{writer} {seq} {hash}\n" for writer, seq, hash in places).encode()).hexdigest()


def tails_of(entries: Iterable[Entry]) -> tuple[Tail, ...]:
    """Each writer's part of `entries`, which come by writer and seq."""
    found = []
    for writer, group in groupby(entries, key=lambda entry: entry.writer):
        own = list(group)
        found.append(Tail(writer, len(own), own[0].seq, own[-1].seq, own[-1].hash.hex()))
    return tuple(found)


def line_of(entry: Entry) -> bytes:
    """An entry as its line; raises ValueError when its payload is no text."""
    fields: dict[str, Any] = {name: getattr(entry, name) for name in Line.__struct_fields__ if name != "payload"}
    fields |= {"occurred": stamp(entry.occurred), "recorded": str(entry.recorded)}
    fields |= {"payload": None if entry.body is None else entry.body.decode()}
    fields |= {"salt": None if entry.salt is None else entry.salt.hex()}
    return packed(fields | {name: getattr(entry, name).hex() for name in ("digest", "previous", "hash")})


def entry_of(line: bytes) -> Entry:
    """The entry of a line; raises ValueError, which says what is wrong with it."""
    read = msgspec.json.decode(line, type=Line)
    occurred, recorded = instant(read.occurred), Recorded.parse(read.recorded)
    if (stamp(occurred), str(recorded)) != (read.occurred, read.recorded):
        raise ValueError("a time in it is not in the record's form")
    if (read.payload is None) != (read.salt is None):
        raise ValueError("half of it is erased")
    fields = {name: getattr(read, name) for name in Line.__struct_fields__ if name not in ("payload", "salt")}
    fields |= {"occurred": occurred, "recorded": recorded}
    fields |= {"body": None if read.payload is None else read.payload.encode()}
    fields |= {"salt": None if read.salt is None else bytes.fromhex(read.salt)}
    return Entry(**fields | {name: bytes.fromhex(fields[name]) for name in ("digest", "previous", "hash")})


def packed(fields: object) -> bytes:
    """A line of JSON: ASCII only, so that no terminal acts on what somebody put in."""
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"
