"""Reading a bundle that may have been made by anybody: bounded in every direction, nothing unpacked but what is known.

Names in the file never become paths: a part is looked up by the name that it must have.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import IO, Self, TypeVar

import msgspec

from cockpit.incident.entry import Entry
from cockpit.record.bundle.format import (
    ENTRIES,
    FORMAT,
    LINKS,
    MANIFEST,
    MOST,
    MOST_ENTRIES,
    MOST_LINE,
    MOST_LINKS,
    MOST_OUTPUT,
    MOST_PARTS,
    MOST_WHOLE,
    OUTPUT,
    VERSION,
    BundleError,
    Head,
    Link,
    Manifest,
    entry_of,
)
from cockpit.record.bundle.outputs import PIECE
from cockpit.text import clean

T = TypeVar("T")

_END = struct.Struct("<4s4H2LH")
"""ZIP's end of central directory record (APPNOTE 6.3.10, 4.3.16): it says how large the directory is."""
_LOCATOR = 20
"""Bytes before it that ZIP64 would use, of which a bundle has no need."""
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, ValueError)
"""What `zipfile` says of a file that is none, or that was damaged or made to mislead."""


class Bundle:
    """An open bundle whose form is right; `check` says whether its content is. Made by `open`, closed by `with`.

    Attributes:
        entries: by writer and seq, each place once.
        links: the hashes of what is not told, by writer and seq.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        _must_end_plainly(file)
        self.path = path
        self._file = file
        self._archive = zipfile.ZipFile(file)
        _must_hold_only_what_is_known(self._archive)
        self.manifest = _manifest(self._archive)
        self.entries: Sequence[Entry] = _entries(self._archive, self.manifest)
        self.links: Mapping[tuple[str, int], bytes] = _links(self._archive, self.entries)
        self.parts = frozenset(self._archive.namelist())

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the bundle at `path` and read all of it but the outputs. Blocking.

        Raises:
            BundleError: it is no bundle, or none that this version reads.
        """
        with _plainly(path):
            file = _opened(path)
            try:
                return cls(path, file)
            except BaseException:  # whatever it was, the file is not left open; raised again
                file.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()
        self._file.close()

    def pieces(self, part: str) -> Iterator[bytes]:
        """A part's bytes, unpacked as they are asked for; raises BundleError where they are broken."""
        with _plainly(self.path):
            content = self._archive.open(part)
        with content:
            while True:
                with _plainly(self.path):
                    piece = content.read(PIECE)
                if not piece:
                    return
                yield piece


@contextmanager
def _plainly(path: Path) -> Iterator[None]:
    """What goes wrong with the file becomes one line that names it."""
    try:
        yield
    except OSError as error:
        raise BundleError(f"{clean(str(path))}: {error.strerror or error}; name a file that can be read") from error
    except _BROKEN as error:
        said = clean(str(error))[:300] or "it is cut off"
        raise BundleError(f"{clean(str(path))}: no bundle that can be read: {said}; get another copy") from error


def _opened(path: Path) -> IO[bytes]:
    """The file, which must be a plain one: a pipe would never end."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise ValueError("it is no plain file")


def _must_end_plainly(file: IO[bytes]) -> None:
    """Refuse a directory larger than a bundle's before `zipfile` takes all of it into memory."""
    size = file.seek(0, os.SEEK_END)
    if size > MOST_WHOLE:
        raise ValueError(f"it is larger than {MOST_WHOLE >> 20} MB")
    if size < _END.size:
        raise ValueError("it is too short")
    file.seek(max(0, size - _END.size - _LOCATOR))
    end = file.read()
    magic, *_, entries, directory, _, comment = _END.unpack(end[-_END.size :])
    if magic != b"PK\5\6" or comment or end[: -_END.size].startswith(b"PK\6\7"):
        raise ValueError("it does not end as a bundle does")
    if entries > MOST_PARTS or directory > MOST[MANIFEST]:
        raise ValueError(f"it has more than {MOST_PARTS} parts")


def _must_hold_only_what_is_known(archive: zipfile.ZipFile) -> None:
    whole, seen = 0, set[str]()
    for info in archive.infolist():
        whole += info.file_size
        if info.filename in seen:
            raise ValueError(f"it has {info.filename[:80]!r} twice")
        seen.add(info.filename)
        if why := _foreign(info):
            raise ValueError(f"{info.filename[:80]!r} {why}")
    if whole > MOST_WHOLE:
        raise ValueError(f"unpacked it would take {whole >> 20} MB")
    if missing := {MANIFEST, ENTRIES} - seen:
        raise ValueError(f"it has no {' and no '.join(sorted(missing))}")


def _foreign(info: zipfile.ZipInfo) -> str:
    """Why a part is none of a bundle's; empty when it is one."""
    if info.filename not in MOST and not OUTPUT.fullmatch(info.filename):
        return "is no part of a bundle"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "is no plain file"
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
        return "is packed in a way that bundles are not"
    most = MOST.get(info.filename, MOST_OUTPUT)
    return f"would take {info.file_size >> 20} MB, more than {most >> 20}" if info.file_size > most else ""


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    content = archive.read(MANIFEST)
    head = _read(content, Head, MANIFEST)
    if head.format != FORMAT:
        raise ValueError("its manifest is of something else")
    if head.version > VERSION:
        raise ValueError(f"a newer cockpit wrote it (version {head.version}, this one reads {VERSION}); use that one")
    return _read(content, Manifest, MANIFEST)


def _entries(archive: zipfile.ZipFile, manifest: Manifest) -> list[Entry]:
    entries: list[Entry] = []
    for number, line in _lines(archive, ENTRIES):
        entry = _told(partial(entry_of, line), f"{ENTRIES}:{number}")
        if entry.incident != manifest.incident:
            raise ValueError(f"{ENTRIES}:{number}: it is of another incident than the manifest says")
        if entries and (entries[-1].writer, entries[-1].seq) >= (entry.writer, entry.seq):
            raise ValueError(f"{ENTRIES}:{number}: it does not come after the line before it")
        entries.append(entry)
    if not entries:
        raise ValueError("it has no entry")
    if len({entry.id for entry in entries}) < len(entries):
        raise ValueError("two of its entries have the same id")
    return entries


def _links(archive: zipfile.ZipFile, entries: Sequence[Entry]) -> dict[tuple[str, int], bytes]:
    """The links, each between entries of its writer, and none in the place of an entry."""
    if LINKS not in archive.namelist():
        return {}
    taken = {(entry.writer, entry.seq) for entry in entries}
    spans = {entry.writer: (0, entry.seq) for entry in entries}
    links: dict[tuple[str, int], bytes] = {}
    for number, line in _lines(archive, LINKS, MOST_LINKS):
        link = _read(line, Link, f"{LINKS}:{number}")
        place = link.writer, link.seq
        if place in taken or link.seq > spans.get(link.writer, (0, 0))[1]:
            raise ValueError(f"{LINKS}:{number}: a link belongs between entries, and once")
        taken.add(place)
        links[place] = bytes.fromhex(link.hash)
    return links


def _lines(archive: zipfile.ZipFile, name: str, most: int = MOST_ENTRIES) -> Iterator[tuple[int, bytes]]:
    """The lines of a part, numbered from 1, none longer and not more than a bundle has."""
    with archive.open(name) as part, BufferedReader(part) as lines:  # type: ignore[type-var]
        number = 0
        while line := lines.readline(MOST_LINE):
            number += 1
            if number > most or not line.endswith(b"\n"):
                raise ValueError(f"{name}:{number}: " + ("too many lines" if number > most else "a line without end"))
            yield number, line


def _read(content: bytes, type: type[T], where: str) -> T:
    return _told(lambda: msgspec.json.decode(content, type=type), where)


def _told(read: Callable[[], T], where: str) -> T:
    """What `read` gives; what it refuses, with the place."""
    try:
        return read()
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: {error}") from error
