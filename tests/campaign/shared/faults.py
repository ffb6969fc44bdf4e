"""What goes wrong in a round: writers and servers that die, wires that break, in the order that a seed chooses."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.shared.wire import Wire
from tests.postgres import Server

ROOT = Path(__file__).resolve().parents[3]
HOUR = 3600.0


class Hand:
    """One writer over its lives: each a process on the same journal, with a clock that may be wrong by another hour."""

    def __init__(self, path: Path, wire: Wire, dsn: str, chance: random.Random) -> None:
        self.path = path
        self.wire = wire
        self.skewed = 0
        """Lives with a wrong clock."""
        self._dsn = dsn
        self._chance = chance
        self._lives = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin a life."""
        offset = self._chance.choice((0.0, self._chance.uniform(-HOUR, HOUR)))
        self._lives += 1
        self.skewed += offset != 0
        life = f"{self.path.stem}.{self._lives}"
        argv = [sys.executable, "-m", "tests.campaign.shared.writing", str(self.path), life, self._dsn, str(offset)]
        with self.path.with_suffix(".err").open("ab") as errors:
            self._process = subprocess.Popen(argv, cwd=ROOT, stdout=errors, stderr=errors)

    @property
    def acknowledged(self) -> int:
        """How many bytes say what it was told of; raises AssertionError when it ended by itself."""
        self._must_live()
        acknowledged = self.path.with_suffix(".acks")
        return acknowledged.stat().st_size if acknowledged.exists() else 0

    @property
    def quiet(self) -> bool:
        """Whether it appends no more; raises AssertionError when it ended by itself."""
        self._must_live()
        return self.path.with_suffix(".quiet").exists()

    def kill(self) -> None:
        """End its life, if it has one, as a crash does; raises AssertionError when it ended by itself."""
        self._must_live()
        self.drop()

    def drop(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def tell(self, what: signal.Signals) -> None:
        """Send it a signal; raises AssertionError when it ended by itself."""
        self._must_live()
        if self._process is not None:
            self._process.send_signal(what)

    def _must_live(self) -> None:
        if self._process is not None:
            assert self._process.poll() is None, f"{self.path.stem} ended by itself: {self._complaint()}"

    def revive(self) -> None:
        """Begin a life, where there is none."""
        if self._process is None:
            self.start()

    async def end(self) -> str:
        """Let it end in order; gives what it has to complain of."""
        assert self._process is not None
        self.tell(signal.SIGTERM)
        try:
            code = await asyncio.to_thread(self._process.wait, 30)
        except subprocess.TimeoutExpired:
            self.drop()
            return f"{self.path.stem} did not end within 30 s"
        self._process = None
        return f"{self.path.stem} ended with {code}: {self._complaint()}" if code else ""

    def _complaint(self) -> str:
        return self.path.with_suffix(".err").read_text(encoding="utf-8")[-2000:]


@dataclass
class Scene:
    """What faults are done to. `server_lock` is held by who hurts the server: one at a time."""

    server: Server
    database: str
    hands: Sequence[Hand]
    chance: random.Random
    server_lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def pause(self, least: float, most: float) -> None:
        """Wait, so many seconds as the seed says."""
        await asyncio.sleep(self.chance.uniform(least, most))

    def hand(self) -> Hand:
        """One of the writers."""
        return self.chance.choice(self.hands)


async def writer_killed(scene: Scene) -> None:
    """A writer is killed, and started again soon; now and then that one is killed while it starts."""
    hand = scene.hand()
    hand.kill()
    if scene.chance.random() < 0.3:
        hand.revive()
        await scene.pause(0.1, 0.4)
        hand.kill()
    await scene.pause(0, 0.2)
    hand.revive()


async def server_killed(scene: Scene) -> None:
    """Every process of the server is killed, and it is started again."""
    async with scene.server_lock:
        await asyncio.to_thread(scene.server.kill)
        await scene.pause(0, 0.3)
        await asyncio.to_thread(scene.server.start)


async def server_restarted(scene: Scene) -> None:
    """The server is stopped in order, or at once, and started again."""
    async with scene.server_lock:
        await asyncio.to_thread(scene.server.stop, scene.chance.choice(("fast", "immediate")))
        await scene.pause(0, 0.3)
        await asyncio.to_thread(scene.server.start)


async def server_paused(scene: Scene) -> None:
    """The server stands still for a while, with its connections open."""
    async with scene.server_lock:
        scene.server.pause()
        try:
            await scene.pause(0.1, 0.6)
        finally:
            scene.server.resume()


async def connections_ended(scene: Scene) -> None:
    """The server ends connections: all, or those by which the cockpits are told of what is new."""
    which = scene.chance.choice(("true", "query LIKE 'LISTEN%'", "query NOT LIKE 'LISTEN%'"))
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{scene.database}' AND {which}"
    async with scene.server_lock:
        await asyncio.to_thread(scene.server.sql, end)


async def wire_cut(scene: Scene) -> None:
    """A writer's network is gone for a while."""
    wire = scene.hand().wire
    wire.cut()
    await scene.pause(0, 0.4)
    wire.mend()


async def wire_cut_in_mid_sentence(scene: Scene) -> None:
    """A writer's network breaks after some bytes of what it sends."""
    wire = scene.hand().wire
    wire.cut_after(scene.chance.choice((1, 100, 1000, 5000)) + scene.chance.randrange(500))
    await scene.pause(0.1, 0.4)
    wire.mend()


async def answers_lost(scene: Scene) -> None:
    """What a writer sends arrives, and no answer comes; then the connection breaks."""
    wire = scene.hand().wire
    wire.lose_answers()
    await scene.pause(0.1, 0.4)
    wire.mend()


async def wire_held(scene: Scene) -> None:
    """Nothing goes through a writer's network for a while, and then all of it."""
    wire = scene.hand().wire
    wire.hold()
    await scene.pause(0.1, 0.5)
    wire.mend()


async def wire_slow(scene: Scene) -> None:
    """A writer's network takes long."""
    wire = scene.hand().wire
    wire.slow(scene.chance.uniform(0.01, 0.15))
    await scene.pause(0.2, 0.5)
    wire.mend()


FAULTS: Mapping[Callable[[Scene], Awaitable[None]], int] = {
    writer_killed: 4,
    server_killed: 2,
    server_restarted: 1,
    server_paused: 2,
    connections_ended: 2,
    wire_cut: 2,
    wire_cut_in_mid_sentence: 2,
    answers_lost: 2,
    wire_held: 1,
    wire_slow: 1,
}
"""Each fault, and how often it is chosen beside the others."""


def named(fault: Callable[[Scene], Awaitable[None]]) -> str:
    """What a fault is called in the summary."""
    return fault.__name__.replace("_", " ")
