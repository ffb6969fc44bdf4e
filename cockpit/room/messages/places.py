"""What the configuration's channels can do for an incident: open a room, make a ticket, hold a page, send letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from msgspec import Struct, field

from cockpit.config import (
    ChannelConfig,
    Config,
    EmailConfig,
    JiraConfig,
    OpsgenieConfig,
    PagerdutyConfig,
    SlackConfig,
    StatuspageConfig,
)
from cockpit.message.audiences import of_drills

__all__ = ["Places"]


class Places(Struct, frozen=True):
    """The names of the channels that can do more than tell, each group in the configuration's order.

    A file takes every deed, but does none: it is in no group. What a drill uses in the place of a channel belongs to
    the same groups.

    Attributes:
        rooms: where a channel of its own is opened for each incident.
        tickets: where an incident has a ticket.
        pagers: where a page rings until it is acknowledged and stays open until it is resolved.
        noting: which of the pagers and tickets take notes.
        letters: mail, which carries an invitation into calendars.
        public: pages that everybody can read.
        chats: where people talk, with or without rooms.
        audiences: each audience's channels, the first to be tried first.
        organizer: the address that mail is sent from; empty without mail.
        hosts: names of hosts that the configuration gives, which the public need not know.
    """

    rooms: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    pagers: tuple[str, ...] = ()
    noting: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()
    audiences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    organizer: str = ""
    hosts: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: Config) -> Places:
        """As a configuration has them."""
        every = config.channels
        mails = [each for each in every.values() if isinstance(each, EmailConfig)]
        return cls(
            rooms=_named(every, lambda each: isinstance(each, SlackConfig) and _opens(each)),
            tickets=_named(every, lambda each: isinstance(each, JiraConfig)),
            pagers=_with_drills(_named(every, lambda each: isinstance(each, (PagerdutyConfig, OpsgenieConfig)))),
            noting=_with_drills(_named(every, _notes)),
            letters=_named(every, lambda each: isinstance(each, EmailConfig)),
            public=_with_drills(_named(every, lambda each: isinstance(each, StatuspageConfig))),
            chats=_named(every, lambda each: isinstance(each, SlackConfig)),
            audiences={name: tuple(channels) for name, channels in config.audiences.items()},
            organizer=mails[0].sender if mails else "",
            hosts=tuple(dict.fromkeys(_hosts(config))),
        )

    @property
    def anything(self) -> bool:
        """Whether there is more than files."""
        return bool(self.chats or self.tickets or self.pagers or self.letters or self.public)

    def carrying(self, audience: str) -> tuple[str, ...]:
        """The audience's channels, with those first that bring an invitation into calendars; empty where none does."""
        channels = self.audiences.get(audience, ())
        letters = [name for name in channels if name in self.letters]
        return (*letters, *(name for name in channels if name not in letters)) if letters else ()


def _named(every: Mapping[str, ChannelConfig], able: Callable[[ChannelConfig], bool]) -> tuple[str, ...]:
    return tuple(name for name, each in every.items() if able(each))


def _opens(slack: SlackConfig) -> bool:
    return slack.token is not None and slack.incident_channels


def _notes(channel: ChannelConfig) -> bool:
    able = isinstance(channel, (OpsgenieConfig, JiraConfig))
    return able or (isinstance(channel, PagerdutyConfig) and channel.token is not None)


def _with_drills(names: Iterable[str]) -> tuple[str, ...]:
    names = tuple(names)
    return (*names, *of_drills(names))


def _hosts(config: Config) -> Iterator[str]:
    """Of what is watched and called; not of what the public is told by, and no provider's."""
    urls = [each.url for each in config.prometheus.values()]
    urls += [each.url for each in getattr(config, "alertmanager", {}).values()]
    for url in urls:
        if host := urlsplit(str(url)).hostname:
            yield host
