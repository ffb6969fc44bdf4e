"""Where each writer's part of a record ends: the hashes by which a record is known to be the same later."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from cockpit.incident.entry import Entry


class Tail(Struct, frozen=True):
    """A writer's last entry in a record; its hash covers all that the writer wrote before it."""

    writer: str
    entries: int
    seq: int
    hash: str


def tails(entries: Iterable[Entry]) -> list[Tail]:
    """The last entry of each writer, the writers in the order of their names; hashes are hexadecimal."""
    found: dict[str, Tail] = {}
    for entry in entries:
        before = found.get(entry.writer, Tail(entry.writer, 0, 0, ""))
        last = max((before.seq, before.hash), (entry.seq, entry.hash.hex()))
        found[entry.writer] = Tail(entry.writer, before.entries + 1, *last)
    return [tail for _, tail in sorted(found.items())]
