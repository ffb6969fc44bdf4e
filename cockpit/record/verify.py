"""Whether the record is as it was written: each writer's chain without gap, change or reordering.

What a chain cannot show is that its last entries were cut off, or that all of it was written anew: that is seen by
comparing the last hashes (`Verdict.tails`) with those that an export stated earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from cockpit.incident import kinds
from cockpit.incident.entry import GENESIS, Entry
from cockpit.record.elsewhere import Spans, covered
from cockpit.record.errors import JournalError


class Problem(Struct, frozen=True):
    """What is wrong with one entry."""

    writer: str
    seq: int
    entry: str
    what: str

    def __str__(self) -> str:
        return f"entry {self.entry} (writer {self.writer}, seq {self.seq}): {self.what}" if self.entry else self.what


class _Erasing(Struct):
    """What redactions name, beside what is erased; both can come in any order."""

    wanted: dict[tuple[str, str], str] = field(default_factory=dict)
    erased: dict[tuple[str, str], Entry] = field(default_factory=dict)
    whole: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Take note of `entry`; its payload is not kept in memory."""
        key = (entry.incident, entry.id)
        if entry.redacted:
            self.erased[key] = entry
        elif entry.kind != kinds.Redaction.kind:
            self.whole[key] = (entry.writer, entry.seq)
        elif isinstance(redaction := kinds.read(entry), kinds.Redaction):
            self.wanted[entry.incident, redaction.entry] = entry.id

    def problems(self) -> Iterable[Problem]:
        """What is erased and should not be, and what should be and is not."""
        for key, entry in self.erased.items():
            if entry.kind == kinds.Redaction.kind:
                yield Problem(entry.writer, entry.seq, entry.id, "a redaction, and erased itself")
            elif key not in self.wanted:
                yield Problem(entry.writer, entry.seq, entry.id, "erased, and no redaction says so")
        for key in self.wanted.keys() & self.whole.keys():
            yield Problem(*self.whole[key], key[1], f"still there, though redaction {self.wanted[key]} erases it")


class Verdict(Struct):
    """What a verification found.

    `tails` names each writer's last seq and hash: the record's fingerprint. `unscrubbed` is whether bytes of what was
    erased may still lie in the journal's files, because another program has been reading it since. `elsewhere` counts
    each writer's entries that are not here and need not be: a file brought one incident, and they are of others.
    `refused` tells entries of a shared record that were not taken in, or were not taken there: no part of this one.
    """

    entries: int = 0
    redacted: int = 0
    problems: list[Problem] = field(default_factory=list)
    tails: dict[str, tuple[int, str]] = field(default_factory=dict)
    unscrubbed: bool = False
    elsewhere: dict[str, int] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(entries: Iterable[Entry | JournalError], elsewhere: Mapping[str, Spans] | None = None) -> Verdict:
    """Check every chain, and that what was erased is what redactions say.

    Args:
        entries: writer by writer in the order of `seq`; a JournalError is a damaged row.
        elsewhere: where each writer's chain may have gaps; nowhere, if nothing is said.
    """
    gaps = elsewhere or {}
    verdict, erasing = Verdict(), _Erasing()
    last: dict[str, tuple[int, bytes]] = {}
    for entry in entries:
        if isinstance(entry, JournalError):
            verdict.problems.append(Problem("", 0, "", str(entry)))
            continue
        verdict.entries += 1
        verdict.redacted += entry.redacted
        seq, hash = last.get(entry.writer, (0, GENESIS))
        if entry.seq > seq + 1 and covered(gaps.get(entry.writer, ()), seq + 1, entry.seq - 1):
            verdict.elsewhere[entry.writer] = verdict.elsewhere.get(entry.writer, 0) + entry.seq - seq - 1
            seq, hash = entry.seq - 1, entry.previous
        verdict.problems += (Problem(entry.writer, entry.seq, entry.id, what) for what in _faults(entry, seq, hash))
        last[entry.writer] = (entry.seq, entry.hash)
        erasing.take(entry)
    verdict.problems += erasing.problems()
    verdict.tails = {writer: (seq, hash.hex()) for writer, (seq, hash) in last.items()}
    return verdict


def _faults(entry: Entry, seq: int, hash: bytes) -> Iterable[str]:
    """What is wrong with `entry` after the one numbered `seq` with `hash`."""
    if entry.seq != seq + 1:
        yield f"follows seq {seq}: {entry.seq - seq - 1} missing" if entry.seq > seq else f"comes after seq {seq}"
    elif entry.previous != hash:
        yield "does not continue the entry before it"
    if entry.digest != entry.true_digest():
        yield "its payload or salt was changed"
    elif entry.hash != entry.true_hash():
        yield "its envelope was changed"
