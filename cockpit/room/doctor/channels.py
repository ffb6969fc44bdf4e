"""The doctor at the channels: whether each provider knows us. Nothing is sent, and in a drill nobody is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial

from cockpit.clock import Clock
from cockpit.config import ChannelConfig
from cockpit.incident.quantities import took
from cockpit.message.channel import ChannelError
from cockpit.message.greeting import greet
from cockpit.room.doctor.finding import Finding, Look
from cockpit.room.house import House


def channels(house: House, clock: Clock) -> list[Look]:
    """A look at each channel of the configuration."""
    config, state = house.plans.config, house.room.state
    drill = state.drill and not state.over

    def asked(name: str, channel: ChannelConfig) -> Callable[[], AsyncIterator[Finding]]:
        return partial(_not_asked, name) if drill else partial(_channel, name, channel, clock, near=house.near)

    found = [Look(f"channel {name}", "channels", asked(name, channel)) for name, channel in config.channels.items()]
    return [*found, Look("audiences", "channels", partial(_audiences, house))]


async def _not_asked(name: str) -> AsyncIterator[Finding]:
    said = "not asked: the incident is a drill, which reaches nobody"
    yield Finding(f"channel {name}", "warn", said, "`cockpit doctor` asks when the drill is over")


async def _channel(name: str, config: ChannelConfig, clock: Clock, *, near: bool) -> AsyncIterator[Finding]:
    began = clock.monotonic()
    try:
        said = await greet(config, clock, near=near)
    except ChannelError as error:
        yield Finding(f"channel {name}", "bad", error.reason, "its audiences hear by the channels after it, if any")
        return
    seconds = f", {took(clock.monotonic() - began)}" if config.type != "file" else ""
    yield Finding(f"channel {name}", "ok", f"{config.type}: {said}{seconds}")


async def _audiences(house: House) -> AsyncIterator[Finding]:
    """Audiences that nothing reaches."""
    mute = [name for name, ways in house.plans.config.audiences.items() if not ways]
    if mute:
        said = f"no channel reaches {', '.join(mute)}"
        yield Finding("audiences", "warn", said, "name their channels under `audiences:`, or tell them by hand")
