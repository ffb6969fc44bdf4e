"""The channels of a configuration, built; each API is loaded only when the configuration names it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from cockpit.clock import Clock
from cockpit.config import (
    ChannelConfig,
    EmailConfig,
    FileChannelConfig,
    JiraConfig,
    OpsgenieConfig,
    PagerdutyConfig,
    SlackConfig,
    StatuspageConfig,
)
from cockpit.message.audiences import of_drills
from cockpit.message.channel import Channel
from cockpit.message.file import FileChannel
from cockpit.message.reach import is_loopback


def build(configured: Mapping[str, ChannelConfig], clock: Clock, folder: Path, *, near: bool) -> list[Channel]:
    """A channel for each that is configured, and one for each in drills.

    What a drill says goes to a channel of its own, named by `of_drills`, so that no retry takes another way: to the
    same receiver where that is on this machine, else to a file.

    Args:
        folder: where a drill's file lies, for channels that are no files.
        near: reach nothing but this machine, as in a demo.
    """
    channels: list[Channel] = []
    for name, config in configured.items():
        (drilled,) = of_drills([name])
        channels.append(_channel(name, config, clock, near=near))
        if isinstance(config, FileChannelConfig):
            channels.append(FileChannel(drilled, config.path.with_name(f"{config.path.name}.drill"), clock))
        elif all(is_loopback(host) for host in _hosts(config)):
            channels.append(_channel(drilled, config, clock, near=True))
        else:
            channels.append(FileChannel(drilled, folder / f"drill-{name}.txt", clock))
    return channels


def _hosts(config: ChannelConfig) -> list[str]:
    """Every host that the channel could speak with; a webhook's is a secret, so it counts as any."""
    if isinstance(config, EmailConfig):
        return [config.host]
    urls = [value for key, value in config if key in ("url", "events_url")]
    hosts = [urlsplit(str(url)).hostname or "" for url in urls]
    return [*hosts, ""] if isinstance(config, SlackConfig) and config.webhook is not None else hosts


def _channel(name: str, config: ChannelConfig, clock: Clock, *, near: bool) -> Channel:
    match config:
        case FileChannelConfig():
            return FileChannel(name, config.path, clock)
        case SlackConfig():
            return _slack(name, config, clock, near=near)
        case PagerdutyConfig():
            from cockpit.message.pagerduty.channel import PagerdutyChannel

            return PagerdutyChannel(name, config, clock, near=near)
        case OpsgenieConfig():
            from cockpit.message.opsgenie.channel import OpsgenieChannel

            return OpsgenieChannel(name, config, clock, near=near)
        case StatuspageConfig():
            from cockpit.message.statuspage import StatuspageChannel

            return StatuspageChannel(name, config, clock, near=near)
        case EmailConfig():
            from cockpit.message.mail.channel import EmailChannel

            return EmailChannel(name, config, clock, near=near)
        case JiraConfig():
            from cockpit.message.jira.channel import JiraChannel

            return JiraChannel(name, config, clock, near=near)


def _slack(name: str, config: SlackConfig, clock: Clock, *, near: bool) -> Channel:
    if config.webhook is not None:
        from cockpit.message.slack.webhook import SlackWebhook

        return SlackWebhook(name, config.webhook, clock, near=near)
    from cockpit.message.slack.bot import SlackBot

    assert config.token is not None  # the configuration has one of the two
    return SlackBot(name, config, config.token, clock, near=near)
