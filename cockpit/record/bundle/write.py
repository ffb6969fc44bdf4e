"""Writing a bundle: the record of one incident, in full or not at all, private to its owner."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct

from cockpit.incident.entry import Entry
from cockpit.record.bundle.format import (
    ENTRIES,
    FORMAT,
    LABEL,
    LINKS,
    MANIFEST,
    MOST,
    MOST_ENTRIES,
    MOST_PARTS,
    MOST_WHOLE,
    VERSION,
    BundleError,
    LeftOut,
    Link,
    Manifest,
    Output,
    Part,
    entry_of,
    fingerprint,
    line_of,
    packed,
    tails_of,
)
from cockpit.record.bundle.outputs import fault, measured, opened, outputs_of, pieces
from cockpit.record.journal import Journal
from cockpit.record.outputs import beside
from cockpit.text import clean


class Written(Struct, frozen=True):
    """A bundle that was written. `bytes` is the file's size."""

    path: Path
    manifest: Manifest
    redacted: int
    bytes: int

    @property
    def outputs(self) -> int:
        """How many whole outputs are in it."""
        return sum(part.name.startswith("output/") for part in self.manifest.parts)


def write_bundle(journal: Journal, incident: str, path: Path) -> Written:
    """Write the record of `incident` to `path`, in place of what is there.

    Blocking: it reads the record and every whole output that lies beside it, those twice.

    Raises:
        BundleError: there is nothing to write, an entry is none that a bundle can hold, or the file cannot be written.
        JournalError: the journal cannot be read.
    """
    entries = sorted(journal.read(incident), key=lambda entry: (entry.writer, entry.seq))
    if not entries:
        raise BundleError(f"the record has no incident {clean(incident)[:80]}; `cockpit incident list` shows them")
    if len(entries) > MOST_ENTRIES:
        raise BundleError(f"the incident has {len(entries)} entries; a bundle holds {MOST_ENTRIES} at most")
    outputs, left_out = _outputs(entries, beside(journal.path))
    try:
        with _replaced(path) as file:
            parts = _write_parts(file, entries, list(_links(journal, entries)), outputs, beside(journal.path))
            manifest = _manifest(entries, _label(journal, incident), parts, left_out)
            with zipfile.ZipFile(file, "a") as archive:
                _add(archive, MANIFEST, _json(manifest))
        return Written(path, manifest, sum(entry.redacted for entry in entries), path.stat().st_size)
    except OSError as error:
        raise BundleError(f"{clean(str(path))}: not written, {error.strerror or error}; name another") from error


def _outputs(entries: Sequence[Entry], folder: Path) -> tuple[list[Output], tuple[LeftOut, ...]]:
    """The whole outputs that are put in, by their names, and those that cannot be."""
    found: list[Output] = []
    left_out: list[LeftOut] = []
    size = 0
    for output in sorted(outputs_of(entries), key=lambda output: output.run):
        why = fault(output, folder) or _too_much(len(found), size + output.bytes)
        if why:
            left_out.append(LeftOut(clean(output.run)[:64] or "?", why))
        else:
            found.append(output)
            size += output.bytes
    return found, tuple(left_out)


def _too_much(outputs: int, size: int) -> str:
    """Whether a bundle has no room for one output more, and why."""
    full = outputs >= MOST_PARTS - len(MOST) or size > MOST_WHOLE - sum(MOST.values())
    return "the bundle would be too large" if full else ""


def _label(journal: Journal, incident: str) -> str:
    """What people call the incident; empty when nothing that is a label was given."""
    label = journal.labels().get(incident, "")
    return label if LABEL.fullmatch(label) else ""


def _links(journal: Journal, entries: Sequence[Entry]) -> Iterator[Link]:
    """What is known of the entries of other incidents between those of this one, writer by writer."""
    query = "SELECT seq, hash FROM entries WHERE writer = ? AND seq BETWEEN ? AND ? AND incident <> ? ORDER BY seq"
    for writer, group in groupby(entries, key=lambda entry: entry.writer):
        own = list(group)
        for seq, hash in journal.select(query, (writer, own[0].seq, own[-1].seq, own[0].incident)):
            yield Link(writer, seq, bytes(hash).hex())


def _write_parts(
    file: IO[bytes], entries: Sequence[Entry], links: Sequence[Link], outputs: Iterable[Output], folder: Path
) -> list[Part]:
    """Everything but the manifest, which tells of it."""
    with zipfile.ZipFile(file, "w") as archive:
        parts = [_add_lines(archive, ENTRIES, map(_line, entries))]
        if links:
            parts.append(_add_lines(archive, LINKS, (packed(msgspec.structs.asdict(link)) for link in links)))
        parts += [_add_output(archive, output, folder) for output in outputs]
    return parts


def _line(entry: Entry) -> bytes:
    """The line of an entry, of which another cockpit makes the same entry."""
    try:
        line = line_of(entry)
        if entry_of(line) != entry:
            raise ValueError("it would be another one")
    except ValueError as error:
        text = f"entry {clean(entry.id)[:80]} cannot be put into a bundle: {clean(str(error))[:200]}"
        raise BundleError(f"{text}; `cockpit incident verify` says whether it is damaged") from error
    return line


def _add_lines(archive: zipfile.ZipFile, name: str, lines: Iterable[bytes]) -> Part:
    size, hash = 0, hashlib.sha256()
    with archive.open(_info(name), "w") as part:
        for line in lines:
            part.write(line)
            hash.update(line)
            size += len(line)
            if size > MOST[name]:
                raise BundleError(f"the incident is too long for a bundle: {name} has more than {MOST[name] >> 20} MB")
    return Part(name, size, hash.hexdigest())


def _add_output(archive: zipfile.ZipFile, output: Output, folder: Path) -> Part:
    with opened(folder / f"{output.run}.log") as whole, archive.open(_info(output.name), "w") as part:
        if measured(pieces(whole), part) != (output.bytes, output.sha256):
            raise BundleError(f"the output of run {output.run} changed while it was read; write the bundle again")
    return Part(output.name, output.bytes, output.sha256)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    with archive.open(_info(name), "w") as part:
        part.write(content)


def _info(name: str) -> zipfile.ZipInfo:
    """A part's head, without the time and the machine on which it was made."""
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # Unix, of whose attributes the next line is one
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    return info


def _manifest(entries: Sequence[Entry], label: str, parts: Sequence[Part], left_out: tuple[LeftOut, ...]) -> Manifest:
    return Manifest(
        format=FORMAT,
        version=VERSION,
        incident=entries[0].incident,
        label=label,
        entries=len(entries),
        fingerprint=fingerprint(entries),
        writers=tails_of(entries),
        parts=tuple(parts),
        left_out=left_out,
    )


def _json(manifest: Manifest) -> bytes:
    return msgspec.json.format(packed(msgspec.to_builtins(manifest)), indent=1) + b"\n"


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    """A file, private to its owner, that takes the place of `path` when all of it is on the disk."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:  # cancelled too: half a bundle would stay behind; raised again
        fresh.unlink(missing_ok=True)
        raise
