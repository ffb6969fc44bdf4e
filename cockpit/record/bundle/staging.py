"""Outputs on their way in: written aside while nothing else waits, and put in their places at the last moment."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from msgspec import Struct, field

from cockpit.record.bundle.format import BundleError, Output
from cockpit.record.bundle.outputs import fault, measured, outputs_of
from cockpit.record.bundle.read import Bundle
from cockpit.record.connect import sync_folder
from cockpit.record.outputs import beside
from cockpit.text import clean

_PREFIX = "importing-"
_FRESH = os.O_CREAT | os.O_EXCL | os.O_WRONLY


class Staged(Struct):
    """The outputs of a bundle that is taken in. `kept` are left alone: a file with other content is there."""

    folder: Path
    aside: Path | None = None
    coming: list[Output] = field(default_factory=list)
    kept: list[Output] = field(default_factory=list)
    placed: list[Path] = field(default_factory=list)

    @classmethod
    def planned(cls, bundle: Bundle, journal: Path) -> Self:
        """What would come beside the journal at that path, with nothing written yet."""
        staged = cls(beside(journal))
        for output in outputs_of(bundle.entries):
            if output.name in bundle.parts:
                there = os.path.lexists(staged.folder / f"{output.run}.log")
                if not there:
                    staged.coming.append(output)
                elif fault(output, staged.folder):
                    staged.kept.append(output)
        return staged

    def place(self, erased: frozenset[str]) -> None:
        """Put the outputs in their places but for those of runs that are `erased` here; raises OSError."""
        assert self.aside is not None or not self.coming, "what was only planned is not placed"
        for output in self.coming:
            if self.aside is not None and output.run not in erased:
                path = self.folder / f"{output.run}.log"
                with suppress(FileExistsError):  # another import of the same was quicker
                    os.link(self.aside / path.name, path)  # unlike a rename it takes nobody's place
                    self.placed.append(path)
        if self.placed:
            sync_folder(self.folder)

    def take_back(self) -> None:
        """Take away what was placed: the entries that it belongs to did not come in."""
        while self.placed:
            self.placed.pop().unlink(missing_ok=True)


@contextmanager
def staged(bundle: Bundle, journal: Path, known: Callable[[str], bool]) -> Iterator[Staged]:
    """The outputs of `bundle` for the journal at that path, on the disk but aside until they are placed.

    What an import left that was killed goes: nobody holds its folder any more. That are its own folder, and outputs
    that it had placed before its entries were in; `known` says whether the record has a run.

    Raises:
        BundleError: an output is broken, or cannot be written.
    """
    _sweep(beside(journal), known)
    outputs = Staged.planned(bundle, journal)
    if not outputs.coming:
        yield outputs
        return
    with _refused(outputs.folder):
        outputs.aside = _made(outputs.folder)
        descriptor = os.open(outputs.aside, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for output in outputs.coming:
            _write(bundle, output, outputs.aside / f"{output.run}.log")
        yield outputs
    finally:
        shutil.rmtree(outputs.aside, ignore_errors=True)
        os.close(descriptor)


def _write(bundle: Bundle, output: Output, path: Path) -> None:
    with _refused(path.parent.parent), os.fdopen(os.open(path, _FRESH, 0o600), "wb") as copy:
        found = measured(bundle.pieces(output.name), copy)
        copy.flush()
        os.fsync(copy.fileno())
    if found != (output.bytes, output.sha256):
        raise BundleError(f"{clean(str(bundle.path))}: {output.name} is not what the record says of it")


def _made(folder: Path) -> Path:
    """A new folder in the outputs' one, both for their owner alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = folder / f"{_PREFIX}{secrets.token_hex(8)}"
    aside.mkdir(mode=0o700)
    return aside


def _sweep(folder: Path, known: Callable[[str], bool]) -> None:
    """Remove what imports left that were killed; one that is under way holds its folder."""
    for aside in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError), _held(aside):
            for left in aside.iterdir():
                placed = folder / left.name
                if placed.exists() and placed.samefile(left) and not known(left.stem):
                    placed.unlink()
            shutil.rmtree(aside)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder that nobody else does; raises OSError where somebody does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _refused(folder: Path) -> Iterator[None]:
    """What the disk refuses, in words."""
    try:
        yield
    except OSError as error:
        text = f"{folder}: nothing was imported, an output could not be written: {error.strerror or error}"
        raise BundleError(f"{text}; make room there, and import it again") from error
