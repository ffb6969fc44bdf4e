"""The doctor on this machine: the record's disk, the clock's zone, and the configuration."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from cockpit.clock import Clock
from cockpit.incident.quantities import took
from cockpit.room.doctor.finding import Finding
from cockpit.room.house import House

_SYNCS = 3
SLOW = 0.1
"""Seconds of a sync from which on each key press that records is felt."""
LITTLE, TOO_LITTLE = 500 << 20, 20 << 20
"""Bytes of free space: of a warning, and below which a long incident may find no room."""


async def here(house: House, clock: Clock) -> AsyncIterator[Finding]:
    """The record, the time zone, the templates and the configuration."""
    yield await _record(house)
    if house.sharing is not None:
        yield _shared(house)
    yield _zone(house, clock)
    for why in house.plans.templates.broken.values():
        yield Finding("template", "bad", why, "nobody is told by it until it is mended")
    if not house.plans.service:
        yield Finding("configuration", "bad", "no service is configured", "`cockpit init` writes a configuration")
        return
    place = house.plans.config.path or "the command line"
    yield Finding("configuration", "ok", f"{place}: service {house.plans.service}")


async def _record(house: House) -> Finding:
    """Whether it can be written, how long that takes, and how much room there is."""
    path = house.store.path
    try:
        seconds, free = await asyncio.to_thread(_measured, path)
    except OSError as error:
        said = f"{path} cannot be written: {error.strerror or error}"
        return Finding("record", "bad", said, "give this user its folder, or another by XDG_STATE_HOME")
    made = "writable" if path.exists() else "not made yet"
    words = f"{path}, {made}, a sync takes {took(seconds)}, {free / (1 << 30):.1f} GiB free"
    if free < LITTLE:
        mend = "make room on that disk: what cannot be written cannot be recorded"
        return Finding("record", "bad" if free < TOO_LITTLE else "warn", words, mend)
    if seconds > SLOW:
        return Finding("record", "warn", words, "each entry waits for that disk; put the record on a local one")
    return Finding("record", "ok", words)


def _shared(house: House) -> Finding:
    """Whether what others wrote could be read when this house was opened."""
    if house.apart:
        mend = "what is recorded is kept here and sent when it answers; others do not see it until then"
        return Finding("shared record", "bad", house.apart, mend)
    return Finding("shared record", "ok", "answers, and what others wrote was read")


def _measured(path: Path) -> tuple[float, int]:
    """Seconds of a write that is on the disk when it is over, and the bytes that are free there. Raises OSError."""
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError("this user may only read it")
    folder = next(each for each in path.parents if each.is_dir())
    syncs = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_SYNCS):
            began = time.perf_counter()
            file.write(bytes(512))
            file.flush()
            os.fsync(file.fileno())
            syncs.append(time.perf_counter() - began)
    return statistics.median(syncs), shutil.disk_usage(folder).free


def _zone(house: House, clock: Clock) -> Finding:
    """Times are UTC everywhere; of working hours the calendar's zone decides."""
    now = clock.now()
    local = now.astimezone()
    name = local.tzname() or "unknown"
    here = "UTC" if not local.utcoffset() else f"{name} ({local:%z}): now {local:%H:%M} there"
    calendar = house.plans.config.calendar.timezone if house.plans.config.calendar else "UTC"
    return Finding("time zone", "ok", f"all times are UTC, now {now:%H:%M}Z; this machine has {here}; hours of the "
                   f"calendar are in {calendar}")  # fmt: skip
