"""Writers to be killed: each appends batches of all sorts to one journal, and says which were acknowledged.

`python -m tests.record.crashing JOURNAL NAME` is one of them. A batch is known by its actor, and how many entries it
has by its role: both stay when a payload is erased.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.incident.entry import Draft, Entry
from cockpit.record.drafts import Drafts, DraftText
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from cockpit.values import replace
from tests.record.redacting import redaction
from tests.stories import INCIDENT, START

SECRETS = re.compile(rb"secret-[0-9a-f]{24}")
ROOT = Path(__file__).resolve().parents[2]


def secret_of(batch: str) -> str:
    """What the note of a batch of secrets has, and nothing else."""
    return f"secret-{hashlib.sha256(batch.encode()).hexdigest()[:24]}"


def note(text: str, **more: object) -> Draft:
    """A note by nobody yet."""
    return replace(Draft(INCIDENT, "note", {"text": text}, START, "@nobody"), **more)  # type: ignore[arg-type]


class Writer:
    """What one process appends: notes, late ones, amendments, secrets that are being typed too, and redactions."""

    def __init__(self, path: Path, name: str) -> None:
        self._journal = Journal.open(path, SystemClock())
        self._drafts = Drafts.beside(path)
        self._name = name
        self._chance = random.Random(name)
        self._plain: list[Entry] = []
        self._secrets: list[Entry] = []

    def append(self, number: int) -> dict[str, object]:
        """One batch; gives what was acknowledged: its entries' ids, and the one that it erased."""
        batch = f"@{self._name}-{number}"
        makes = (self._notes, self._late, self._amendment, self._secret, self._redaction)
        drafts = self._chance.choices(makes, (2, 1, 1, 2, 2))[0](batch)
        marked = [replace(draft, actor=batch, role=str(len(drafts))) for draft in drafts]
        entries = self._journal.append(marked).entries
        self._plain = [*self._plain, *entries][-9:]
        if secret_of(batch) in str(entries[0].payload):
            self._secrets.append(entries[0])
        erased = [str(entry.payload["entry"]) for entry in entries if entry.kind == "redaction"]
        return {"ids": [entry.id for entry in entries], "erased": erased}

    def _notes(self, batch: str) -> list[Draft]:
        return [note(f"{batch} {n}") for n in range(self._chance.randint(2, 4))]

    def _late(self, batch: str) -> list[Draft]:
        return [note(batch, occurred=START - timedelta(minutes=self._chance.randint(1, 90))), note(batch)]

    def _amendment(self, batch: str) -> list[Draft]:
        if not self._plain:
            return self._notes(batch)
        return [note(f"{batch} better", supersedes=self._chance.choice(self._plain).id), note(batch)]

    def _secret(self, batch: str) -> list[Draft]:
        self._drafts.keep(INCIDENT, batch, DraftText(f"as typed: {secret_of(batch)}", START))
        return [note(secret_of(batch) + " " * self._chance.choice((0, 300, 6000))), note(batch)]

    def _redaction(self, batch: str) -> list[Draft]:
        if not self._secrets:
            return self._secret(batch)
        return [note(batch), redaction(self._secrets.pop(self._chance.randrange(len(self._secrets))))]


@dataclass(frozen=True)
class Acknowledged:
    """What writers were told is durable."""

    batches: int = 0
    ids: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()

    def __add__(self, other: Acknowledged) -> Acknowledged:
        return Acknowledged(self.batches + other.batches, self.ids | other.ids, self.erased | other.erased)


def killed_writer(path: Path, name: str, after: float) -> Acknowledged:
    """Let a writer append until it is killed, `after` seconds from its first word; if negative, from its start."""
    argv = [sys.executable, "-m", "tests.record.crashing", str(path), name]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    first = process.stdout.readline() if after >= 0 else ""
    time.sleep(abs(after))
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL, f"writer {name} ended by itself: {process.returncode}"
    said = [json.loads(line) for line in (first + rest).split("\n")[:-1]]
    ids, erased = (frozenset(id for each in said for id in each[part]) for part in ("ids", "erased"))
    return Acknowledged(len(said), ids, erased)


def killed_round(path: Path, names: Sequence[str], delays: Sequence[float]) -> Acknowledged:
    """Kill writers, one for each of `names`, that append to the same journal at once."""
    with ThreadPoolExecutor(len(names)) as pool:
        return sum(pool.map(killed_writer, [path] * len(names), names, delays), Acknowledged())


def check(path: Path, acknowledged: Acknowledged) -> Counter[str]:
    """Reopen, and look for all that was acknowledged, whole, and for no byte of what was erased.

    Gives how many entries, batches, late and amending entries and redactions the record has.
    """
    journal = Journal.open(path, SystemClock())
    entries = {entry.id: entry for entry in journal.read(INCIDENT)}
    verdict, unscrubbed = verify(journal.read_all()), journal.unscrubbed
    journal.close()
    assert verdict.problems == []
    assert not unscrubbed
    missing = acknowledged.ids - entries.keys()
    assert not missing, f"acknowledged and lost: {sorted(missing)}"
    whole = {id for id in acknowledged.erased if not entries[id].redacted}
    assert not whole, f"acknowledged as erased, and still there: {sorted(whole)}"
    batches = Counter((entry.actor, str(entry.role)) for entry in entries.values())
    halved = {batch: count for (batch, size), count in batches.items() if str(count) != size}
    assert not halved, f"halved or doubled: {halved}"
    erased = {entry.actor: entry.redacted for entry in entries.values() if entry.redacted}
    found = left_on_disk(path.parent, map(secret_of, erased))
    assert not found, f"erased, and on the disk: {found}"
    return _counted(entries.values(), len(batches))


def left_on_disk(folder: Path, texts: Iterable[str]) -> set[str]:
    """Which of `texts` are in some byte under `folder`."""
    files = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    there = {each.decode() for each in SECRETS.findall(files)}
    return there & set(texts)


def _counted(entries: Iterable[Entry], batches: int) -> Counter[str]:
    counts = Counter(entries=0, batches=batches, late=0, amending=0, redactions=0)
    for entry in entries:
        late = entry.occurred < START
        counts += Counter(entries=1, late=late, amending=bool(entry.supersedes), redactions=entry.redacted)
    return counts


if __name__ == "__main__":
    writer, number = Writer(Path(sys.argv[1]), sys.argv[2]), 0
    while True:
        print(json.dumps(writer.append(number)), flush=True)
        number += 1
