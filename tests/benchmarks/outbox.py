"""What a thousand queued messages cost the keys: five channels at their providers' limits, notes written meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from cockpit.incident.deliveries import OVER, SENT
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Deed, Message
from cockpit.room.house import House, open_house
from cockpit.room.options import Options
from cockpit.room.requests import Facts, Start, Write
from tests.benchmarks.measure import quantile, row
from tests.campaign.outbox.clocks import FastClock
from tests.campaign.outbox.receivers import CHANNELS
from tests.campaign.outbox.rounds import get, receivers

MESSAGES, SPEED = 1000, 20.0
KEYS = 0.05
"""Seconds between two keys, which is faster than anybody writes notes."""
LONGEST = 300.0
DEEDS: dict[str, Deed] = {"pager": "page", "tickets": "follow-up"}
"""What is not a `tell`."""


def report(folder: Path) -> None:
    """Print it; `folder` is for the files."""
    folder = folder / "outbox"
    folder.mkdir()
    base = time.time()
    print(
        f"an outbox with {MESSAGES} messages for {len(CHANNELS)} channels; cockpit and receivers have a clock that is "
        f"{SPEED:g} times as fast, so the providers' limits of a second are {1000 / SPEED:g} ms here"
    )
    with receivers(folder, 1, base, SPEED) as page:
        asyncio.run(_measured(folder, page, FastClock(base, SPEED)))


async def _measured(folder: Path, page: str, clock: FastClock) -> None:
    config, journal = folder / "cockpit.yaml", folder / "record.db"
    options = Options({}, folder, config=config, near=True, actor="@alice", journal=journal)
    house = await open_house(options, clock)
    try:
        await house.room.perform(Start("payment-failure"))
        house.delivering.begin()
        alone = await _keys(house, lambda at: at > 3.0)
        began = time.monotonic()
        await house.room.perform(Facts(lambda _: [(_message(n), None) for n in range(MESSAGES)]))
        row("writing them all as one set of entries", time.monotonic() - began)
        beside = await _keys(house, lambda at: at > LONGEST or _over(house))
        took = time.monotonic() - began
    finally:
        await house.close()
    _told(house, page, took)
    for name, (keys, lags) in {"alone": alone, "beside the outbox": beside}.items():
        for what, values in (("a note is durable", keys), ("the loop is late", lags)):
            row(f"{what}, {name}: median", quantile(values, 0.5), f"of {len(values)}")
            row(f"{what}, {name}: 99 of 100 within", quantile(values, 0.99), f"at most {max(values) * 1000:.0f} ms")


def _told(house: House, page: str, took: float) -> None:
    states = [sent.state for sent in house.room.state.messages.values()]
    sent = states.count(SENT)
    print(f"  {sent} sent, {len(states) - sent} not, in {took:.1f} s ({took * SPEED:.0f} s of the clock)")
    arrived = get(f"{page}/arrived")
    for channel, receiver in CHANNELS.items():
        asked = get(f"{page}/trouble")[receiver]["asked"]
        count = sum(each["receiver"] == receiver for each in arrived)
        print(f"    {channel:<10} {count} arrived at {receiver}, which was asked {asked} times")


def _message(number: int) -> Message:
    channel = list(CHANNELS)[number % len(CHANNELS)]
    return Message(
        message=new_id(), template="", audience=f"of-{channel}", channels=(channel,), title=f"Word {number}",
        text="We look into it.", deed=DEEDS.get(channel, "tell"), options={"target": "x", "item": str(number)},
        standing="investigating",
    )  # fmt: skip


def _over(house: House) -> bool:
    return all(sent.state in OVER for sent in house.room.state.messages.values())


async def _keys(house: House, ended: Callable[[float], bool]) -> tuple[list[float], list[float]]:
    """Write notes until it is over; gives how long each took to be durable, and how late the loop was each time."""
    keys, lags, began = [], [], time.monotonic()
    while not ended(time.monotonic() - began):
        asleep = time.monotonic()
        await asyncio.sleep(KEYS)
        lags.append(time.monotonic() - asleep - KEYS)
        pressed = time.monotonic()
        await house.room.perform(Write("a note"))
        keys.append(time.monotonic() - pressed)
    return keys, lags
