"""Whole outputs of runs: which of them a record speaks of, and those that lie beside it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.record.bundle.format import MOST_OUTPUT, OUTPUT, Output

PIECE = 1024 * 1024
"""Bytes that are read and written at once."""


def outputs_of(entries: Iterable[Entry]) -> Iterator[Output]:
    """The outputs of which `entries` keep only a part. What was redacted keeps no hash, and so has none.

    Of several results of one run, which no cockpit writes, the first counts.
    """
    seen: set[str] = set()
    for entry in entries:
        result = kinds.read(entry) if entry.kind == kinds.RunResult.kind else None
        if not isinstance(result, kinds.RunResult) or result.run in seen or result.bytes < 1:
            continue
        if result.sha256 and len(result.output.encode(errors="replace")) < result.bytes:
            seen.add(result.run)
            yield Output(result.run, entry.id, result.bytes, result.sha256)


def fault(output: Output, folder: Path) -> str:
    """Why the file beside the record cannot stand for `output`; empty when it can. Reads all of it."""
    if not OUTPUT.fullmatch(output.name):
        return "its id is no name of a file"
    if output.bytes > MOST_OUTPUT:
        return f"it is larger than {MOST_OUTPUT // PIECE} MB"
    try:
        with opened(folder / f"{output.run}.log") as file:
            size, sha256 = measured(pieces(file))
    except OSError as error:
        return f"its file beside the record: {error.strerror or error}"
    return "" if (size, sha256) == (output.bytes, output.sha256) else "its file is not what the record says of it"


def opened(path: Path) -> IO[bytes]:
    """A plain file, to be read: no link, and nothing that would never end; raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path.name} is no plain file")
    return os.fdopen(descriptor, "rb")


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What `file` still has, in pieces that fit into memory."""
    return iter(partial(file.read, PIECE), b"")


def measured(pieces: Iterable[bytes], copy: IO[bytes] | None = None) -> tuple[int, str]:
    """How many bytes there are, and their SHA-256 in hexadecimal; `copy` is given them too."""
    size, hash = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        hash.update(piece)
        if copy is not None:
            copy.write(piece)
    return size, hash.hexdigest()
