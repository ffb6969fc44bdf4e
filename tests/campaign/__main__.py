"""`make campaign`: kills writers and cockpits at random points for long, and looks for all that was acknowledged."""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path

from tests.record.crashing import Acknowledged, check, killed_round
from tests.test_crash_cockpit import killed_round as killed_cockpit
from tests.test_crash_cockpit import notes


def writers(folder: Path, rounds: int, at_once: int, chance: random.Random) -> str:
    """Kill `at_once` writers on one journal in each round; gives what was looked for and found."""
    path, acknowledged = folder / "record.db", Acknowledged()
    for n in range(rounds):
        # Some are killed while they open the journal, and end what those before them left to do.
        delays = [chance.choice((chance.uniform(0, 0.3), -chance.uniform(0.2, 0.6))) for _ in range(at_once)]
        acknowledged += killed_round(path, [f"{n}.{k}" for k in range(at_once)], delays)
        counts = check(path, acknowledged)
        if n % 10 == 9 or n == rounds - 1:
            told = ", ".join(f"{count} {name}" for name, count in counts.items())
            print(f"  {(n + 1) * at_once} kills, {acknowledged.batches} acknowledged; {told}", flush=True)
    return f"all of {acknowledged.batches} acknowledged batches whole, none of {counts['redactions']} secrets on disk"


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
        print(f"  {given.rounds * given.writers} kills: {found}, chains sound")
        print("cockpits killed while somebody types notes")
        notes_found = cockpits(Path(other), given.rounds, chance)
        print(f"  {given.rounds} kills: all of {notes_found} acknowledged notes found, chain sound")


if __name__ == "__main__":
    main()
