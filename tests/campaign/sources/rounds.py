"""Rounds of the campaign over the sources: a cockpit is open while each of its wires fails in turn, and its picture is
compared with the truth all the time."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from cockpit.kube import connection
from cockpit.kube.listing import patience
from cockpit.signal.alertmanager import api as alertapi
from cockpit.signal.cluster import source as cluster
from cockpit.signal.cluster import usage
from cockpit.signal.postgres import api as postgres_api
from cockpit.signal.prometheus import source as prometheus
from tests.campaign.sources.checking import BOUND, Patience, Picture, Wires, check, equal, now
from tests.campaign.sources.wire import Instead
from tests.campaign.sources.world import GAUGES, World, living
from tests.postgres import Server, running
from tests.replay import kubeconfig
from tests.screen.flying import Flown, flying
from tests.shop import cluster as place
from tests.shop import shop, step
from tests.simcluster import NAME

LOOK_EVERY = 0.1
SETTLING = 40.0
"""Seconds that the picture has to become the truth, once nothing fails and nothing changes any more."""
STUCK = 5.0
"""Seconds that a key may wait for its paint, or the event loop for its turn, on a busy machine."""
PATIENCE = Patience(watched=4.5, asked=3.0, silent=9.0, back=15.0)

SHORTER = (
    (patience, "QUIET", 0.8), (patience, "PATIENCE", 1.6), (patience, "LOOK", 0.6),
    (patience, "SLOW", 0.8), (patience, "LONGEST_ANSWER", 4.5),
    (patience, "FIRST_BACKOFF", 0.1), (patience, "LONGEST_BACKOFF", 1.0),
    (cluster, "GRACE", 2.0), (connection, "_REFUSED", 0.2), (usage, "EVERY", 1.0),
    (prometheus, "_SHORTEST_LIMIT", 1.5), (alertapi, "TIMEOUT", 1.5),
    (postgres_api, "_MARGIN", 1.0), (postgres_api, "CONNECT_TIMEOUT", 1),
)  # fmt: skip
"""The waits that a round is flown with: those of the product are ten times as long."""


@dataclass
class Found:
    """What rounds came to."""

    faults: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    keys: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    """How often a source was seen in a state."""
    problems: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Count a round in."""
        self.faults += other.faults
        self.states += other.states
        self.looks += other.looks
        for mine, its in ((self.keys, other.keys), (self.lags, other.lags), (self.settled, other.settled)):
            mine += its
        self.problems += other.problems

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {name}" for name, count in self.faults.most_common())
        slow = f"key to paint {_share(self.keys)}, loop delay {_share(self.lags)}, true again {_share(self.settled)}"
        return f"{self.looks} looks, {self.faults.total()} faults ({kinds}); {slow}; {len(self.problems)} problems"


def _share(values: Sequence[float]) -> str:
    if not values:
        return "never"
    return f"median {sorted(values)[len(values) // 2] * 1000:.0f} ms, at most {max(values) * 1000:.0f} ms"


Fault = Callable[[World, str, random.Random], None]
"""What breaks the wire of that name, in the world's thread."""


def _cut(world: World, name: str, chance: random.Random) -> None:
    world.wires[name].cut()


def _corrupt(world: World, name: str, chance: random.Random) -> None:
    world.wires[name].corrupt(chance.choice([0.3, 1.0]))


def _cut_answers(world: World, name: str, chance: random.Random) -> None:
    world.wires[name].cut_answers(chance.choice([0.3, 1.0]))


def _refused(world: World, name: str, chance: random.Random) -> None:
    wait = chance.choice([None, 1, 2])
    world.wires[name].answer(Instead(chance.choice([401, 403, 429, 500, 503]), retry_after=wait))
    world.wires[name].hang_up()


def _hold(world: World, name: str, chance: random.Random) -> None:
    world.wires[name].hold()


def _slow(world: World, name: str, chance: random.Random) -> None:
    world.wires[name].slow(chance.uniform(0.2, 3.0))


def _one_refused(world: World, name: str, chance: random.Random) -> None:
    world.wires[name].answer(Instead(403, chance.choice(["/replicasets", "/deployments", "metrics.k8s.io"])))
    world.cluster.trouble.cut_watches(mid_line=True)


def _forgotten(world: World, name: str, chance: random.Random) -> None:
    world.cluster.trouble.expire()
    world.cluster.trouble.cut_watches(mid_line=chance.random() < 0.5)


FAULTS: dict[str, Fault] = {
    "half-open": _hold, "slow": _slow, "reset": _cut, "corrupt": _corrupt, "cut in mid-line": _cut_answers,
    "refused": _refused, "one resource refused": _one_refused, "history forgotten": _forgotten,
}  # fmt: skip
_NEVER = {
    # Its own protocol has lengths and types, whose bytes may become other good ones.
    "database": ("refused", "corrupt"),
}
_ONLY = {"one resource refused": "kube", "history forgotten": "kube"}


def configured(world: World, folder: Path) -> Path:
    """A configuration whose sources are all behind the world's wires."""

    def url(name: str) -> str:
        return f"http://127.0.0.1:{world.wires[name].port}"

    kubeconfig(folder, url("kube"))
    (folder / "dsn").write_text(
        f"postgresql://postgres@127.0.0.1:{world.wires['database'].port}/{world.database}?sslmode=disable"
    )
    bounds = {"breach": f"> {BOUND:g}"}
    of_cluster = place(folder)
    service = {
        **of_cluster["service"],
        "prometheus": "main",
        "postgresql": "main",
        "alertmanager": {"source": "main", "match": {"service": NAME}},
        "signals": {
            **{name: {"unit": "count", "query": name} for name in GAUGES},
            "orders": {"unit": "count", "sql": "SELECT count(*) FROM orders"},
        },
        "thresholds": dict.fromkeys(GAUGES, bounds),
        "endpoints": {"health": {"http": url("endpoint"), "interval": "1s", "timeout": "3s", "failures": 1}},
    }
    return shop(
        folder, step("look", manual="Look"), service=service, kubernetes=of_cluster["kubernetes"],
        prometheus={"main": {"url": url("prom"), "interval": "1s"}},
        alertmanager={"main": {"url": url("alerts"), "interval": "1s"}},
        postgresql={"main": {"dsn": {"file": str(folder / "dsn")}, "interval": "1s", "statement_timeout": "1s"}},
    )  # fmt: skip


def picture(cockpit: Flown) -> Picture:
    """What the cockpit shows now."""
    war = cockpit.war
    screen = cockpit.text if cockpit.screen == "CockpitScreen" else ""
    sources = {each.name: each for each in war.sources()}
    return Picture(
        now(), war.pods(), war.signals(), sources, war.alerts(), war.database(), war.endpoints(), screen
    )  # fmt: skip


class Flight:
    """One round, on its way."""

    def __init__(self, world: World, cockpit: Flown, chance: random.Random) -> None:
        self.world, self.cockpit, self.chance = world, cockpit, chance
        self.found, self.wires, self.begin = Found(), Wires(), now()
        self._said: set[str] = set()

    async def fly(self, faults: Sequence[tuple[str, str]], seconds: float) -> None:
        """Let each of `faults` happen on its wire for about so long, two at a time, and look all the while."""
        looking = [asyncio.create_task(self._looks())]
        try:
            await self._until(lambda: all(each.trusted for each in self.cockpit.war.sources()), SETTLING, "the start")
            looking += [asyncio.create_task(each) for each in (self._keys(), self._lags())]
            await asyncio.to_thread(self.world.do, self.world.begin())
            async with asyncio.TaskGroup() as going_wrong:
                for wire, fault in faults:
                    going_wrong.create_task(self._wrong(wire, fault, seconds))
                    await asyncio.sleep(self.chance.uniform(0.1, seconds / 2))
            await asyncio.sleep(self.chance.uniform(0.0, 1.0))
            await asyncio.to_thread(self.world.do, self.world.calm())
            began = time.monotonic()
            await self._until(self._settled, SETTLING, "the end")
            self.found.settled.append(time.monotonic() - began)
        finally:
            for each in looking:
                each.cancel()
            for ended in await asyncio.gather(*looking, return_exceptions=True):
                if isinstance(ended, Exception):
                    self._say(f"the looker failed: {ended!r}")

    async def _wrong(self, name: str, fault: str, seconds: float) -> None:
        if name in self.wires.faulty:  # one is enough at a time
            return
        wire, chance = self.world.wires[name], self.chance
        self.wires.faulty.add(name)
        self.found.faults[f"{name} {fault}"] += 1
        self.world.on_wire(lambda: FAULTS[fault](self.world, name, chance))
        await asyncio.sleep(seconds * chance.uniform(0.5, 1.5))
        breaks = fault == "half-open" and chance.random() < 0.5
        self.world.on_wire(wire.mend)
        if breaks:
            self.world.on_wire(wire.hang_up)
        self.wires.mended[name] = now()
        self.wires.faulty.discard(name)

    async def _looks(self) -> None:
        while True:
            shown = picture(self.cockpit)
            for problem in check(shown, self.world.truth, self.wires, self.begin, PATIENCE):
                self._say(problem)
            self.found.looks += 1
            self.found.states.update(f"{name} {each.state}" for name, each in shown.sources.items())
            await asyncio.sleep(LOOK_EVERY)

    async def _keys(self) -> None:
        """Open and close the help: each must be painted soon."""
        while True:
            for key, seen in (("question_mark", False), ("escape", True)):
                began = time.monotonic()
                self.cockpit.app.simulate_key(key)
                while (self.cockpit.screen == "CockpitScreen") is not seen:
                    await asyncio.sleep(0.005)
                    if time.monotonic() - began > STUCK:
                        self._say(f"{key} was not painted within {STUCK} s")
                        began = time.monotonic()
                self.found.keys.append(time.monotonic() - began)
            await asyncio.sleep(self.chance.uniform(0.2, 0.6))

    async def _lags(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.02)
            lag = time.monotonic() - began - 0.02
            self.found.lags.append(lag)
            if lag > STUCK:
                self._say(f"the event loop was held for {lag:.1f} s")

    def _settled(self) -> bool:
        return not equal(picture(self.cockpit), self.world.truth)

    async def _until(self, fact: Callable[[], bool], seconds: float, where: str) -> None:
        deadline = time.monotonic() + seconds
        while not fact():
            if time.monotonic() > deadline:
                self._say(f"not true {seconds:.0f} s after {where}: {equal(picture(self.cockpit), self.world.truth)}")
                return
            await asyncio.sleep(0.05)

    def _say(self, problem: str) -> None:
        """Keep a problem, each kind of it once."""
        kind = problem[:24]
        if kind not in self._said:
            self._said.add(kind)
            self.found.problems.append(f"{now() - self.begin:.1f} s, {sorted(self.wires.faulty)} faulty: {problem}")


def chosen(chance: random.Random, count: int, wires: Sequence[str]) -> list[tuple[str, str]]:
    """Faults, each with its wire."""
    found = []
    for _ in range(count):
        wire = chance.choice(wires)
        fits = [each for each in FAULTS if each not in _NEVER.get(wire, ()) and _ONLY.get(each, wire) == wire]
        found.append((wire, chance.choice(fits)))
    return found


@contextmanager
def shorter() -> Iterator[None]:
    """The waits that a round is flown with, until the end of the block."""
    with ExitStack() as stack:
        for module, name, value in SHORTER:
            stack.enter_context(patch.object(module, name, value))
        yield


def play(
    server: Server, folder: Path, seed: str, faults: Sequence[tuple[str, str]] = (), seconds: float = 5.0
) -> Found:
    """One round in an empty folder, on a database of its own.

    Args:
        seed: repeats what is chosen, as far as what races can be repeated.
        faults: wire and name of each, in this order; else the seed chooses.
        seconds: that a fault lasts, about.
    """
    chance = random.Random(seed)
    with shorter(), living(server, seed) as world:
        found: Found = asyncio.run(_flown(world, folder, chance, faults, seconds))
    return found


async def _flown(
    world: World, folder: Path, chance: random.Random, faults: Sequence[tuple[str, str]], seconds: float
) -> Found:
    async with flying(folder, configured(world, folder), size=(120, 40), service="shop") as cockpit:
        flight = Flight(world, cockpit, chance)
        await flight.fly(faults or chosen(chance, chance.randint(4, 8), list(world.wires)), seconds)
        return flight.found


def campaign(rounds: int, seed: int, first: int = 0) -> Found:
    """Play rounds, and print how it goes."""
    found = Found()
    with running() as server:
        for n in range(first, first + rounds):
            with tempfile.TemporaryDirectory(prefix=f"sources-{seed}-{n}-") as folder:
                one = play(server, Path(folder), f"{seed}-{n}")
            one.problems = [f"round {n} of seed {seed}: {each}" for each in one.problems]
            found.add(one)
            print(f"  {n - first + 1} rounds, {found}", flush=True)
    return found
