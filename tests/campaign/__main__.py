"""`make campaign`: kills writers and cockpits at random points for long, and looks for all that was acknowledged."""

from __future__ import annotations

import argparse
import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from tests.record.test_crash import killed_round as killed_writer
from tests.record.test_journal import INCIDENT
from tests.test_crash_cockpit import killed_round as killed_cockpit
from tests.test_crash_cockpit import notes


def writers(folder: Path, rounds: int, at_once: int, chance: random.Random) -> int:
    """Kill `at_once` writers on one journal in each round; gives how many acknowledged batches were looked for."""
    path, acknowledged = folder / "record.db", set[str]()
    with ThreadPoolExecutor(at_once) as pool:
        for n in range(rounds):
            names, delays = [f"{n}.{k}" for k in range(at_once)], [chance.uniform(0, 0.3) for _ in range(at_once)]
            for found in pool.map(killed_writer, [path] * at_once, names, delays):
                acknowledged |= found
            check(path, acknowledged)
            if n % 10 == 9:
                print(f"  {n + 1} rounds, {(n + 1) * at_once} kills, {len(acknowledged)} acknowledged", flush=True)
    return len(acknowledged)


def check(path: Path, acknowledged: set[str]) -> None:
    """Every acknowledged batch is there, once and whole, and the chain verifies."""
    journal = Journal.open(path, SystemClock())
    texts = [entry.payload["text"] for entry in journal.read(INCIDENT)]
    sound = verify(journal.read_all()).sound
    journal.close()
    missing = acknowledged - set(texts)
    assert not missing, f"acknowledged and lost: {sorted(missing)}"
    assert len(texts) == len(set(texts)), "something was recorded twice"
    assert {f"{text}-with" for text in texts if not text.endswith("-with")} <= set(texts), "a batch was halved"
    assert sound, "the chain does not verify"


def cockpits(folder: Path, rounds: int, chance: random.Random) -> int:
    """Kill a cockpit while notes are typed, in each round; gives how many acknowledged notes were looked for."""
    acknowledged: list[str] = []
    for n in range(rounds):
        known = notes(folder)[-1] if n else ""
        acknowledged += killed_cockpit(folder, f"r{n}", chance.uniform(0, 1.0), known)
        missing = set(acknowledged) - set(notes(folder))
        assert not missing, f"shown in the timeline and lost: {sorted(missing)}"
        if n % 10 == 9:
            print(f"  {n + 1} kills, {len(acknowledged)} acknowledged", flush=True)
    return len(acknowledged)


def main() -> None:
    """Run both campaigns and print their counts."""
    parser = argparse.ArgumentParser(prog="make campaign ARGS=", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="rounds of each campaign")
    parser.add_argument("--writers", type=int, default=3, help="writers on the journal at once")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31), help="repeats a campaign")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    print(f"seed {given.seed}")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        print("writers killed while they append")
        found = writers(Path(one), given.rounds, given.writers, chance)
        print(f"  {given.rounds * given.writers} kills: all of {found} acknowledged batches found, chain sound")
        print("cockpits killed while somebody types notes")
        found = cockpits(Path(other), given.rounds, chance)
        print(f"  {given.rounds} kills: all of {found} acknowledged notes found, chain sound")


if __name__ == "__main__":
    main()
