"""A writer of the campaign: a process with a journal of its own and a replicator, that notes what was acknowledged.

`python -m tests.campaign.shared.writing JOURNAL LIFE DSN OFFSET` is one of them. SIGUSR1 ends its appending, of which
JOURNAL's neighbour `.quiet` tells; SIGTERM ends it. Each entry's actor is its own alone, so that one that was written
twice shows also under two ids.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.incident.entry import Draft, Entry
from cockpit.incident.ids import new_id
from cockpit.record.shared.replicator import Replicator
from cockpit.record.store import Store
from cockpit.values import replace
from tests.record.crashing import secret_of
from tests.record.redacting import redaction
from tests.stories import INCIDENT

HASTE = 10
"""How many times shorter its pauses are than a cockpit's: what takes a minute there is seen within a round."""


class SkewedClock(SystemClock):
    """A machine's clock that is wrong, and waits for a part of what it is asked to."""

    def __init__(self, offset: float) -> None:
        self._offset = timedelta(seconds=offset)

    def now(self) -> datetime:
        """The wrong time."""
        return super().now() + self._offset

    async def sleep(self, seconds: float) -> None:
        """Wait for a part of `seconds`."""
        await asyncio.sleep(seconds / HASTE)


class Writer:
    """Appends notes, late ones, amendments, secrets, redactions of its own and of others' secrets, and incidents."""

    def __init__(self, store: Store, clock: SkewedClock, life: str, acknowledged: Path) -> None:
        self._store = store
        self._clock = clock
        self._life = life
        self._acknowledged = os.open(acknowledged, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._chance = random.Random(life)
        self._number = 0
        self._plain: list[Entry] = []
        self._secrets: list[Entry] = []

    async def append(self) -> None:
        """One batch, and a line in the file of what was acknowledged."""
        makes = (self._notes, self._late, self._amendment, self._secret, self._redaction, self._incident)
        drafts = self._chance.choices(makes, (4, 2, 2, 3, 2, 0.5))[0]()
        entries = (await self._store.append(drafts)).entries
        erased = [str(each.payload["entry"]) for each in entries if each.kind == "redaction"]
        said = {"entries": {each.id: each.hash.hex() for each in entries}, "erased": erased}
        os.write(self._acknowledged, json.dumps(said).encode() + b"\n")
        await self.hear(entries)

    async def hear(self, entries: Sequence[Entry]) -> None:
        """Remember what can be amended or redacted, of whomever it is."""
        notes = [each for each in entries if each.kind == "note" and not each.redacted]
        secret = [each for each in notes if "secret-" in str(each.payload["text"])]
        self._secrets += secret
        self._plain = [*self._plain, *(each for each in notes if each not in secret)][-9:]

    def _actor(self) -> str:
        self._number += 1
        return f"@{self._life}-{self._number}"

    def _note(self, text: str = "", *, ago: float = 0, supersedes: str | None = None) -> Draft:
        actor = self._actor()
        occurred = self._clock.now() - timedelta(seconds=ago)
        payload = {"text": text or secret_of(actor) + " " * self._chance.choice((0, 300, 6000))}
        return Draft(INCIDENT, "note", payload, occurred, actor, supersedes=supersedes)

    def _notes(self) -> list[Draft]:
        return [self._note(f"note {n}") for n in range(self._chance.randint(1, 4))]

    def _late(self) -> list[Draft]:
        return [self._note("late", ago=self._chance.uniform(1, 5400)), self._note("now")]

    def _amendment(self) -> list[Draft]:
        return [self._note("better", supersedes=self._chance.choice(self._plain).id)] if self._plain else self._notes()

    def _secret(self) -> list[Draft]:
        return [self._note(), self._note("beside it")]

    def _redaction(self) -> list[Draft]:
        if not self._secrets:
            return self._secret()
        secret = self._secrets.pop(self._chance.randrange(len(self._secrets)))
        return [replace(redaction(secret), actor=self._actor())]

    def _incident(self) -> list[Draft]:
        return [Draft(new_id(), "declared", {"name": "another"}, self._clock.now(), self._actor())]


async def work(path: Path, life: str, dsn: str, offset: float) -> None:
    """Append and replicate until told to end."""
    clock = SkewedClock(offset)
    store = await Store.open(path, clock, shared=True)
    replicator = Replicator(store, lambda: dsn, clock, f"cockpit {life}")
    writer = Writer(store, clock, life, path.with_suffix(".acks"))
    replicator.arrived = writer.hear
    quiet, ended, chance = asyncio.Event(), asyncio.Event(), random.Random(f"pauses {life}")
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, quiet.set)
    loop.add_signal_handler(signal.SIGTERM, ended.set)

    async def appending() -> None:
        while not (quiet.is_set() or ended.is_set()):
            await writer.append()
            replicator.wake()
            await asyncio.sleep(chance.uniform(0, 0.08))

    replicating, waiting = asyncio.create_task(replicator.run()), asyncio.create_task(ended.wait())
    await appending()
    path.with_suffix(".quiet").touch()
    await asyncio.wait([replicating, waiting], return_when=asyncio.FIRST_COMPLETED)
    replicating.cancel()
    with suppress(asyncio.CancelledError):
        await replicating
    await store.close()


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])))
