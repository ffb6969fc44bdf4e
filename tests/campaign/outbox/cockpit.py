"""A cockpit of a round: `python -m tests.campaign.outbox.cockpit FOLDER NAME SEED BASE SPEED COUNT`.

Writes so many messages into the one incident of FOLDER's journal, and delivers what it and others wrote. Each message
that is durable is a line of its output. When nothing is left to be done by itself it says `quiet`, and it ends with its
input.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from cockpit.incident.deliveries import OVER, UNKNOWN
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Deed, Message
from cockpit.record.errors import JournalError
from cockpit.room.house import House, open_house
from cockpit.room.options import Options
from cockpit.room.refusal import Refusal
from cockpit.room.requests import Facts, Start
from tests.campaign.outbox.clocks import FastClock

SORTS: tuple[tuple[Deed, str, tuple[str, ...]], ...] = (
    ("tell", "customers", ("status", "letters", "paper")),
    ("tell", "internal", ("incidents", "letters", "paper")),
    ("tell", "stakeholders", ("letters", "paper")),
    ("tell", "board", ("letters",)),
    ("page", "page:database-team", ("pager", "incidents", "paper")),
    ("page", "page:on-call", ("letters", "pager")),
    ("follow-up", "tickets", ("tickets", "paper")),
    ("note", "page:on-call", ("incidents", "paper")),
)
"""What is written: deeds, audiences and channels; a note is nothing that the chat can do."""


async def write(house: House, name: str, number: int, chance: random.Random) -> None:
    """One message, with a word of its own in title and text."""
    deed, audience, channels = chance.choice(SORTS)
    word = f"word{name}{number:03}w"
    message = Message(
        message=new_id(), template="", audience=audience, channels=channels, deed=deed, title=f"About {word}",
        text=f"We look into {word}.", standing="investigating", options={"target": audience, "item": str(number)},
    )  # fmt: skip
    await house.room.perform(Facts(lambda _: [(message, None)]))
    print(message.message, word, flush=True)


def quiet(house: House) -> bool:
    """Whether nothing is left that is done by itself."""
    left = [sent for sent in house.room.state.messages.values() if sent.state not in OVER]
    return all(sent.state == UNKNOWN and sent.next_try is None for sent in left)


async def declared(house: House) -> None:
    """Declare the incident, unless another cockpit on the same journal did so first."""
    if house.room.state.declared is None:
        try:
            await house.room.perform(Start("payment-failure", another=False))
        except Refusal:
            await house.room.refresh()
            if house.room.state.declared is None:
                raise


async def main(folder: Path, name: str, seed: str, clock: FastClock, count: int) -> None:
    """Write, deliver, and wait for the end."""
    chance = random.Random(f"{seed} {name}")
    options = Options(
        {}, folder, config=folder / "cockpit.yaml", near=True, actor=f"@{name}", journal=folder / "record.db"
    )
    house = await open_house(options, clock)
    ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    try:
        await declared(house)
        house.delivering.begin()
        for number in range(count):
            await asyncio.sleep(chance.uniform(0, 0.25))
            await write(house, name, number, chance)
        while not ended.done():
            await asyncio.sleep(0.1)
            await house.room.refresh()
            if quiet(house):
                print("quiet", flush=True)
    except JournalError as error:
        print(f"trouble {error}", flush=True)
    finally:
        await house.close()


if __name__ == "__main__":
    _, place, who, seeded, base, speed, many = sys.argv
    asyncio.run(main(Path(place), who, seeded, FastClock(float(base), float(speed)), int(many)))
