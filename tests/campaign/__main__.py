"""`make campaign`: kills writers, cockpits and a database at random, and looks for all that was acknowledged, and for
all that was to be sent; and lets sources fail, and looks whether the picture of them is true."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.campaign.outbox.rounds import campaign as outbox_campaign
from tests.campaign.shared.rounds import campaign
from tests.campaign.sources.rounds import campaign as sources_campaign
from tests.record.crashing import Acknowledged, check, killed_round
from tests.test_crash_cockpit import killed_round as killed_cockpit
from tests.test_crash_cockpit import notes


def writers(given: argparse.Namespace, chance: random.Random) -> bool:
    """Kill writers on one journal, several at once in each round."""
    print("writers killed while they append")
    with tempfile.TemporaryDirectory() as folder:
        path, acknowledged = Path(folder) / "record.db", Acknowledged()
        for n in range(given.rounds):
            # Some are killed while they open the journal, and end what those before them left to do.
            delays = [chance.choice((chance.uniform(0, 0.3), -chance.uniform(0.2, 0.6))) for _ in range(given.writers)]
            acknowledged += killed_round(path, [f"{n}.{k}" for k in range(given.writers)], delays)
            counts = check(path, acknowledged)
            if n % 10 == 9 or n == given.rounds - 1:
                told = ", ".join(f"{count} {name}" for name, count in counts.items())
                print(f"  {(n + 1) * given.writers} kills, {acknowledged.batches} acknowledged; {told}", flush=True)
    found = f"all of {acknowledged.batches} acknowledged batches whole, none of {counts['redactions']} secrets on disk"
    print(f"  {given.rounds * given.writers} kills: {found}, chains sound")
    return True


def cockpits(given: argparse.Namespace, chance: random.Random) -> bool:
    """Kill a cockpit while notes are typed, in each round."""
    print("cockpits killed while somebody types notes")
    acknowledged: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n in range(given.rounds):
            known = notes(folder)[-1] if n else ""
            acknowledged += killed_cockpit(folder, f"r{n}", chance.uniform(0, 1.0), known)
            missing = set(acknowledged) - set(notes(folder))
            assert not missing, f"shown in the timeline and lost: {sorted(missing)}"
            if n % 10 == 9:
                print(f"  {n + 1} kills, {len(acknowledged)} acknowledged", flush=True)
    print(f"  {given.rounds} kills: all of {len(acknowledged)} acknowledged notes found, chain sound")
    return True


def shared(given: argparse.Namespace, chance: random.Random) -> bool:
    """Writers with a journal each, on one PostgreSQL; everything breaks, and comes back."""
    del chance  # each round has a seed of its own, so that one of them can be repeated
    print("writers on one shared record: killed, cut off, paused and skewed")
    tally = campaign(given.rounds, given.seed, given.writers, given.first)
    print(f"  {tally}")
    for problem in tally.problems:
        print(f"  {problem}")
    return not tally.problems


def outbox(given: argparse.Namespace, chance: random.Random) -> bool:
    """Cockpits that send, receivers that fail in every way; each message arrives once, or is known not to have."""
    del chance  # as above
    print("messages on their way: receivers fail, cockpits are killed")
    found = outbox_campaign(given.rounds, given.seed, given.first)
    for problem in found.problems:
        print(f"  {problem}")
    return not found.problems


def sources(given: argparse.Namespace, chance: random.Random) -> bool:
    """A cockpit is open while its sources fail in every way; what it shows is compared with the truth all the time."""
    del chance  # as above
    print("sources on bad wires: held, cut, slow, corrupt, refused")
    found = sources_campaign(given.rounds, given.seed, given.first)
    for problem in found.problems:
        print(f"  {problem}")
    return not found.problems


PARTS = {"writers": writers, "cockpits": cockpits, "shared": shared, "outbox": outbox, "sources": sources}


def main() -> None:
    """Run the parts that were asked for, else all, and print their counts; 1 when something was lost or wrong."""
    parser = argparse.ArgumentParser(prog="make campaign ARGS=", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="one of the campaigns; else all")
    parser.add_argument("--rounds", type=int, default=100, help="rounds of each campaign")
    parser.add_argument("--writers", type=int, default=3, help="writers at once, on one journal or with one each")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31), help="repeats a campaign")
    parser.add_argument(
        "--first", type=int, default=0, help="the round of `shared`, `outbox` or `sources` to begin with"
    )
    given = parser.parse_args()
    print(f"seed {given.seed}")
    chance = random.Random(given.seed)
    sound = [PARTS[name](given, chance) for name in given.only or PARTS]
    sys.exit(0 if all(sound) else 1)


if __name__ == "__main__":
    main()
