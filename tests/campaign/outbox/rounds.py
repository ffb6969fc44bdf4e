"""Rounds of the campaign over the outbox: receivers fail in every way, cockpits are killed, and then it is counted."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.campaign.outbox.checking import Found, check
from tests.campaign.outbox.receivers import CHANNELS

ROOT = Path(__file__).resolve().parents[3]
SPEED = 10.0
"""How much faster the cockpits' clock runs: their leases of 30 s last for 3."""
SETTLING = 150.0
"""Seconds that the last cockpit has to come to an end with everything, once nothing fails any more."""


class Cockpit:
    """A process that writes and delivers; its output is read as it comes."""

    def __init__(self, folder: Path, name: str, seed: str, base: float, count: int) -> None:
        argv = [sys.executable, "-m", "tests.campaign.outbox.cockpit", str(folder), name, seed, str(base), str(SPEED)]
        self.process = subprocess.Popen(
            [*argv, str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.strip() for line in iter(self.process.stdout.readline, ""))

    @property
    def quiet(self) -> bool:
        """Whether it has nothing left to do; it says so again and again."""
        return "quiet" in self.lines

    def kill(self) -> None:
        """As a power failure does."""
        self.process.send_signal(signal.SIGKILL)
        self._end()

    def end(self) -> str:
        """Let it close; gives what it complained of."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self._end()

    def _end(self) -> str:
        self.process.wait(60)
        self._reading.join()
        with self.process:  # closes its pipes
            assert self.process.stderr is not None
            return self.process.stderr.read().strip()

    @property
    def acknowledged(self) -> dict[str, str]:
        """The messages that it was told are durable, each with its word."""
        pairs = (line.split() for line in self.lines)
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and pair[1].startswith("word")}


def trouble(chance: random.Random, *, slow: bool) -> dict[str, Any]:
    """One fault, of any sort; `slow` also those that let a client wait for its own limit."""
    kinds = ["refuse", "reset", "answer", "answer", "garbage", "cut", "revoked", *(["silence"] if slow else [])]
    kind = chance.choice(kinds)
    fault: dict[str, Any] = {
        "kind": kind,
        "takes": kind in ("reset", "silence", "answer", "cut") and chance.random() < 0.5,
    }
    if kind == "answer":
        fault |= {"status": chance.choice([429, 500, 502, 503, 408, 400]), "retry_after": chance.choice([None, 1, 5])}
        # What is refused with a time to come back was not taken.
        fault["takes"] &= fault["status"] in (408, 500, 502) or (fault["status"] == 503 and not fault["retry_after"])
    if kind == "silence":
        fault["next"] = 1
    return fault | ({} if kind in ("refuse", "silence") else {"chance": chance.choice([0.3, 0.7, 1.0])})


def play(folder: Path, seed: str, *, kills: int = 4, count: int = 12, slow: bool = True) -> Found:
    """One round in an empty folder.

    Args:
        seed: repeats what is chosen, as far as processes that race can be repeated.
        kills: how often a cockpit is killed.
        count: messages that each cockpit writes, of which there are `kills` and two more.
        slow: with receivers that stay silent.
    """
    chance, base = random.Random(seed), time.time()
    said: list[str] = []
    written: dict[str, str] = {}
    with receivers(folder, chance.randrange(2**31)) as page:
        with ExitStack() as crew:
            cockpits = [Cockpit(folder, f"a{n}", seed, base, count) for n in range(2)]
            crew.callback(lambda: [each.process.kill() for each in cockpits])
            for n in range(kills):
                _eventually(lambda: any(each.acknowledged for each in cockpits))
                put(page, {chance.choice([*CHANNELS.values()]): trouble(chance, slow=slow) for _ in range(2)})
                time.sleep(chance.uniform(0.1, 1.2))
                dead = cockpits.pop(chance.randrange(len(cockpits)))
                dead.kill()
                written |= dead.acknowledged
                if chance.random() < 0.5:
                    put(page, dict.fromkeys(CHANNELS.values()))
                cockpits.append(Cockpit(folder, f"b{n}", seed, base, count))
            time.sleep(chance.uniform(0.2, 1.5))
            for each in cockpits:
                said.append(each.end())
                written |= each.acknowledged
        put(page, dict.fromkeys(CHANNELS.values()))
        last = Cockpit(folder, "z", seed, base, 1)
        settled = _eventually(lambda: last.quiet, SETTLING)
        said.append(last.end())
        found = check(folder, get(f"{page}/arrived"), written | last.acknowledged)
    found.problems += [f"a cockpit complained: {words[-2000:]}" for words in said if words]
    found.problems += [] if settled else [f"not settled {SETTLING:g} s after nothing failed any more"]
    return found


@contextmanager
def receivers(folder: Path, seed: int, *rated: float) -> Iterator[str]:
    """Receivers in a process of their own; gives the address of their page.

    Args:
        rated: the base and the speed of their clock where they limit how often they are asked.
    """
    argv = [sys.executable, "-m", "tests.campaign.outbox.receivers", str(folder), str(seed), *map(str, rated)]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        with process:
            process.stdin.close()
            process.wait(30)


def get(url: str) -> Any:
    """The JSON there."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def put(page: str, faults: dict[str, Any]) -> None:
    """What is wrong from now on; None ends it."""
    request = urllib.request.Request(f"{page}/trouble", json.dumps(faults).encode(), method="PUT")
    urllib.request.urlopen(request, timeout=30).close()


def _eventually(fact: Any, timeout: float = 60.0) -> bool:
    deadline = time.monotonic() + timeout
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(fact())


def campaign(rounds: int, seed: int, first: int = 0) -> Found:
    """Play rounds, and print how it goes; the files of a round in which something is wrong stay."""
    found = Found()
    for n in range(first, first + rounds):
        folder = Path(tempfile.mkdtemp(prefix=f"outbox-{seed}-{n}-"))
        one = play(folder, f"{seed}-{n}")
        one.problems = [f"round {n} of seed {seed}, {folder}: {each}" for each in one.problems]
        found.add(one)
        if not one.problems:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
        if n % 10 == 9 or n == first + rounds - 1:
            print(f"  {n - first + 1} rounds, {found}", flush=True)
    return found
