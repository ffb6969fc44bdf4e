"""Moving an incident: its record into one file, a look at such a file, and such a file into this record."""

from __future__ import annotations

import asyncio
from pathlib import Path

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.record.bundle.check import check
from cockpit.record.bundle.format import BundleError, Manifest
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.take import Imported, import_bundle, rehearse
from cockpit.record.bundle.write import Written, write_bundle
from cockpit.record.store import Store
from cockpit.record.verify import Verdict
from cockpit.room.house import reading
from cockpit.room.options import Options
from cockpit.room.room import Room

__all__ = ["BundleError", "Checked", "Imported", "Written", "check_file", "import_file", "write_file"]


class Checked(Struct, frozen=True):
    """What a bundle says of itself, and what was found when it was checked."""

    manifest: Manifest
    verdict: Verdict


async def write_file(room: Room, path: Path) -> Written:
    """Write the record of the room's incident to `path`; raises BundleError, JournalError."""
    return await room.store.call(lambda journal: write_bundle(journal, room.incident, path))


async def check_file(path: Path) -> Checked:
    """Check the bundle at `path` without taking it in; raises BundleError where it is none."""

    def checked() -> Checked:
        with Bundle.open(path) as bundle:
            return Checked(bundle.manifest, check(bundle))

    return await asyncio.to_thread(checked)


async def import_file(options: Options, clock: Clock, path: Path, *, dry_run: bool = False) -> Imported:
    """Take the bundle at `path` into the record; with `dry_run` say what that would do, and write nothing.

    Where the record is shared, what others wrote there is read first. What came in goes there as what is written here
    does: with the next command, or by the cockpit that is open.

    Raises:
        BundleError: it is no bundle, or not as it was written. Nothing came in.
        HouseError: the configuration is broken.
        JournalError: the record cannot be opened, read or written. Nothing came in.
    """
    with await asyncio.to_thread(Bundle.open, path) as bundle:
        async with reading(options, clock) as (_, config):
            shared = config.record is not None or bool(options.shared_record)
            if dry_run:
                return await asyncio.to_thread(rehearse, bundle, options.journal_path, clock, shared=shared)
        store = await Store.open(options.journal_path, clock, read_only=options.read_only, shared=shared)
        try:
            return await store.call(lambda journal: import_bundle(bundle, journal, clock))
        finally:
            await store.close()
