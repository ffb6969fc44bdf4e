"""Rounds of the campaign: writers at work on one shared record, faults, then everything is back and is looked at."""

from __future__ import annotations

import asyncio
import random
import signal
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.campaign.shared.checking import Found, check, counts, together
from tests.campaign.shared.faults import FAULTS, Hand, Scene, named
from tests.campaign.shared.wire import laid
from tests.conftest import eventually
from tests.postgres import Server, running

TOGETHER = 60.0
"""Seconds that the copies have to come together after everything is back."""


@dataclass
class Tally:
    """What all rounds came to."""

    rounds: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, faults: Counter[str], found: Found, where: str) -> None:
        """Count a round in."""
        self.rounds += 1
        self.faults += faults
        counts = ("entries", "acknowledged", "redacted", "lost", "doubled")
        self.found.update({name: getattr(found, name) for name in counts})
        self.problems += [f"{where}: {each}" for each in found.problems]

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {name}" for name, count in self.faults.most_common())
        counts = ", ".join(f"{self.found[name]} {name}" for name in ("entries", "acknowledged", "redacted"))
        ending = f"{self.found['lost']} lost, {self.found['doubled']} doubled, {len(self.problems)} problems"
        return f"{self.rounds} rounds, {self.faults.total()} faults ({kinds}); {counts}; {ending}"


async def play(
    server: Server, folder: Path, seed: str, hands: int = 3, faults: Sequence[str] = ()
) -> tuple[Counter[str], Found]:
    """One round in an empty folder, on an empty database.

    Args:
        seed: repeats what is chosen, as far as processes that race can be repeated.
        hands: how many writers.
        faults: by name, in this order; else the seed chooses.

    Raises:
        AssertionError: a writer ended by itself.
    """
    chance, dsn = random.Random(seed), await asyncio.to_thread(server.database)
    database = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    chosen = _chosen(faults, chance)
    async with AsyncExitStack() as stack:
        crew = []
        for n in range(hands):
            wire = await stack.enter_async_context(laid(server.data / ".s.PGSQL.5432"))
            own = f"postgresql://postgres@127.0.0.1:{wire.port}/{database}?sslmode=disable"
            crew.append(Hand(folder / f"w{n}.db", wire, own, random.Random(f"{seed} {n}")))
            stack.callback(crew[-1].drop)
            crew[-1].start()
        await eventually(lambda: all(hand.acknowledged for hand in crew))
        scene = Scene(server, str(database), crew, chance)
        async with asyncio.TaskGroup() as going_wrong:  # one begins while another is not over
            for fault in chosen:
                going_wrong.create_task(fault(scene))
                await scene.pause(0.05, 0.4)
        problems = await _ended(crew, dsn, folder)
    found = await asyncio.to_thread(check, folder, dsn)
    found.problems[:0] = problems
    skewed = Counter({"clock skewed": sum(hand.skewed for hand in crew)})
    return Counter(map(named, chosen)) + skewed, found


def _chosen(names: Sequence[str], chance: random.Random) -> list[Callable[[Scene], Awaitable[None]]]:
    if names:
        return [fault for name in names for fault in FAULTS if named(fault) == name]
    return chance.choices(list(FAULTS), list(FAULTS.values()), k=chance.randint(2, 5))


async def _ended(crew: Sequence[Hand], dsn: str, folder: Path) -> list[str]:
    """Everything is back: nobody writes any more, all come together by themselves, and end; gives what went wrong."""
    for hand in crew:
        hand.wire.mend()
        hand.revive()
    before = {hand: hand.acknowledged for hand in crew}
    # Each has opened its journal and listens to signals, once it is told of an entry more.
    await eventually(lambda: all(hand.acknowledged > before[hand] for hand in crew))
    for hand in crew:
        hand.tell(signal.SIGUSR1)
    await eventually(lambda: all(hand.quiet for hand in crew))
    problems = []
    try:
        await eventually(lambda: asyncio.to_thread(together, dsn, folder), TOGETHER)
    except AssertionError:
        problems.append(f"not together {TOGETHER:.0f} s after everything was back: {counts(dsn, folder)}")
    return problems + [said for said in await asyncio.gather(*(hand.end() for hand in crew)) if said]


def campaign(rounds: int, seed: int, hands: int, first: int = 0) -> Tally:
    """Play rounds on one server, and print how it goes; the files of a round in which something is wrong stay."""
    tally = Tally()
    with running() as server:
        for n in range(first, first + rounds):
            folder = Path(tempfile.mkdtemp(prefix=f"campaign-{seed}-{n}-"))
            where = f"round {n} of seed {seed}, {folder}"
            try:
                tally.add(*asyncio.run(play(server, folder, f"{seed}-{n}", hands)), where)
            except* AssertionError as failed:  # a writer ended by itself: the next round is another
                tally.add(Counter(), Found(problems=[repr(each) for each in failed.exceptions]), where)
                with suppress(AssertionError):  # it may be up
                    server.start()
            if not any(str(folder) in each for each in tally.problems):
                _remove(folder)
            if tally.rounds % 10 == 0:
                print(f"  {tally}", flush=True)
    return tally


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
