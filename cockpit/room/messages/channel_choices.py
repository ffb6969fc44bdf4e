"""What a channel can be told besides the words, as a form offers it: Statuspage's impact, components, notification."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from cockpit.config import ChannelConfig, StatuspageConfig
from cockpit.message.audiences import Audiences
from cockpit.room.messages.agreeing import IMPACTS, impact_of
from cockpit.room.messages.composing import Occasion


class Choice(Struct, frozen=True):
    """One option of a channel.

    Attributes:
        name: as the message's `options` have it.
        values: what may be chosen; empty where it is free text.
        value: what is chosen.
        why: where that comes from.
    """

    name: str
    values: tuple[str, ...]
    value: str
    why: str


def choices(
    channels: Mapping[str, ChannelConfig], audience: str, audiences: Audiences, occasion: Occasion,
    chosen: Mapping[str, str],
) -> tuple[Choice, ...]:  # fmt: skip
    """What can be chosen for `audience`, by the channels that it is told through; nothing where there is nothing.

    Args:
        chosen: what a person chose already, by the option's name.
    """
    ways = audiences.channels(audience) if audiences.reaches(audience) else ()
    pages = [config for way in ways if isinstance(config := channels.get(way), StatuspageConfig)]
    offered = _of_page(pages[0], occasion) if pages else ()
    return tuple(
        Choice(each.name, each.values, chosen[each.name], "chosen") if each.name in chosen else each for each in offered
    )


def options(offered: tuple[Choice, ...]) -> dict[str, str]:
    """As a message carries them."""
    return {each.name: each.value for each in offered if each.value}


def _of_page(page: StatuspageConfig, occasion: Occasion) -> tuple[Choice, ...]:
    """Subscribers are notified only where a person, or the configuration, says so."""
    impact = impact_of(occasion.state.severity, occasion.room.policy) or "minor"
    components = " ".join(page.components.get(occasion.state.service, ()))
    severity = occasion.state.severity
    whence = "of the service, in the configuration" if components else "none configured"
    return (
        Choice("impact", IMPACTS, impact, f"by the severity {severity}" if severity else "no severity is set"),
        Choice("components", (), components, whence),
        Choice("notify", ("no", "yes"), "yes" if page.notify else "no",
               "by the configuration" if page.notify else "off unless chosen"),
    )  # fmt: skip
