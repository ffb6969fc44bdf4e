"""The pagers of a configuration that can be asked who is on call."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.clock import Clock
from cockpit.config import ChannelConfig, OpsgenieConfig, PagerdutyConfig
from cockpit.message.oncall.person import OnCallSource


def sources(channels: Mapping[str, ChannelConfig], clock: Clock, *, near: bool) -> list[OnCallSource]:
    """The pagers of a configuration that can be asked: PagerDuty with a `token`, Opsgenie with a `schedule`."""
    found: list[OnCallSource] = []
    for name, config in channels.items():
        if isinstance(config, PagerdutyConfig) and config.token is not None:
            from cockpit.message.pagerduty.rest import PagerdutyOnCall

            found.append(PagerdutyOnCall(name, config, clock, near=near))
        elif isinstance(config, OpsgenieConfig) and config.schedule:
            from cockpit.message.opsgenie.oncall import OpsgenieOnCall

            found.append(OpsgenieOnCall(name, config, clock, near=near))
    return found
