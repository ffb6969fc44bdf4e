"""A Slack workspace: channels with their messages, threads and pins, and people."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LONGEST_NAME, LONGEST_TOPIC, LONGEST_TEXT = 80, 250, 40_000
"""Characters of a channel's name, of its topic, and of a message before it is cut off."""

_BROADCAST = re.compile(r"<!(channel|here|everyone)(\|[^>]*)?>|<!subteam\^[^>]*>")
_MENTION = re.compile(r"<@(\w+)(\|[^>]*)?>")
_LINK = re.compile(r"<(https?://[^|>]+|mailto:[^|>]+)(?:\|([^>]*))?>")
_TS = re.compile(r"\d{10}\.\d{6}")


class SlackError(Exception):
    """An error in Slack's words: what stands under `error` beside `ok: false`; `more` beside it."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the workspace."""

    id: str
    name: str
    email: str
    real_name: str = ""
    bot: bool = False

    def described(self) -> dict[str, Any]:
        """As `users.list` has it."""
        profile = {"display_name": self.name, "real_name": self.real_name or self.name, "email": self.email}
        head = {"id": self.id, "team_id": "T0DEMO", "name": self.name, "deleted": False, "is_bot": self.bot}
        return {**head, "real_name": profile["real_name"], "profile": profile}


@dataclass(slots=True)
class Posted:
    """A message in a channel; `pings` are the broadcasts and people that it calls, as the workspace would."""

    ts: str
    author: str
    text: str
    metadata: dict[str, Any] | None = None
    thread: str = ""
    blocks: list[Any] = field(default_factory=list)
    pinned: bool = False

    @property
    def pings(self) -> list[str]:
        """Whom it calls: `channel`, `here`, `everyone`, a group's markup, or a person's id."""
        broad = [found[1] or found[0] for found in _BROADCAST.finditer(self.text)]
        return broad + [found[1] for found in _MENTION.finditer(self.text)]

    def described(self, *, with_metadata: bool) -> dict[str, Any]:
        """As `conversations.history` has it."""
        made: dict[str, Any] = {"type": "message", "user": self.author, "bot_id": "B0COCKPIT", "ts": self.ts}
        made |= {"text": self.text, "team": "T0DEMO"}
        if self.blocks:
            made["blocks"] = self.blocks
        if self.thread:
            made["thread_ts"] = self.thread
        if with_metadata and self.metadata is not None:
            made["metadata"] = self.metadata
        return made


@dataclass(slots=True)
class Conversation:
    """A channel."""

    id: str
    name: str
    created: int
    members: list[str] = field(default_factory=list)
    topic: str = ""
    purpose: str = ""
    archived: bool = False
    messages: list[Posted] = field(default_factory=list)

    def described(self, me: str) -> dict[str, Any]:
        """As `conversations.list` has it."""
        noted = {"topic": self.topic, "purpose": self.purpose}
        return {
            "id": self.id, "name": self.name, "name_normalized": self.name, "created": self.created,
            "is_channel": True, "is_group": False, "is_im": False, "is_mpim": False, "is_private": False,
            "is_general": False, "is_shared": False, "is_archived": self.archived, "is_member": me in self.members,
            "creator": me, "num_members": len(self.members),
            **{name: {"value": value, "creator": me, "last_set": self.created} for name, value in noted.items()},
        }  # fmt: skip

    def find(self, ts: str) -> Posted:
        """The message of that time stamp; raises SlackError message_not_found."""
        found = next((each for each in self.messages if each.ts == ts), None)
        if found is None:
            raise SlackError("message_not_found")
        return found


class Workspace:
    """Channels and people.

    Args:
        now: aware UTC, for time stamps.
        people: who is there besides the bot.
        channels: the names of those that are there from the beginning; the bot is in them.
    """

    def __init__(self, now: Callable[[], datetime], people: Iterable[Person], channels: Iterable[str]) -> None:
        self._now = now
        self._ids = itertools.count(1)
        self._last = 0.0
        self.bot = Person("U0COCKPIT", "cockpit", "", "Incident cockpit", bot=True)
        self.people = {each.id: each for each in (self.bot, *people)}
        self.channels: dict[str, Conversation] = {}
        for name in channels:
            self.create(name)

    def ts(self) -> str:
        """A time stamp of now, after every one before."""
        self._last = max(self._now().astimezone(UTC).timestamp(), self._last + 0.000001)
        return f"{self._last:.6f}"

    def create(self, name: str) -> Conversation:
        """A new channel with the bot in it; raises SlackError as `conversations.create` does."""
        check_name(name)
        if any(each.name == name for each in self.channels.values()):  # an archived one keeps its name
            raise SlackError("name_taken")
        made = Conversation(f"C0DEMO{next(self._ids):04d}", name, int(self._now().timestamp()), [self.bot.id])
        self.channels[made.id] = made
        return made

    def channel(self, wanted: str, *, by_name: bool = False) -> Conversation:
        """A channel by its id, or by `name` or `#name` where that is allowed; raises SlackError."""
        found = self.channels.get(wanted)
        if found is None and by_name:
            name = wanted.removeprefix("#")
            found = next((each for each in self.channels.values() if each.name == name), None)
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def joined(self, wanted: str, *, by_name: bool = False) -> Conversation:
        """A channel that the bot is in and that takes something; raises SlackError."""
        found = self.channel(wanted, by_name=by_name)
        if found.archived:
            raise SlackError("is_archived")
        if self.bot.id not in found.members:
            raise SlackError("not_in_channel")
        return found

    def shown(self) -> list[str]:
        """Every channel with its messages, replies below what they answer."""
        lines = []
        for channel in self.channels.values():
            state = " (archived)" if channel.archived else ""
            who = ", ".join(f"@{self.people[each].name}" for each in channel.members)
            lines += [f"#{channel.name}{state} – {channel.topic}".rstrip(" –"), f"  members: {who}"]
            for root in [each for each in channel.messages if not each.thread]:
                lines += self._written(root, "  ")
                for reply in [each for each in channel.messages if each.thread == root.ts]:
                    lines += self._written(reply, "      ↳ ")
        return lines

    def _written(self, posted: Posted, indent: str) -> list[str]:
        at = datetime.fromtimestamp(float(posted.ts), UTC)
        pin = "[pinned] " if posted.pinned else ""
        first, *rest = self.seen(posted.text).splitlines() or [""]
        blank = " " * len(indent)
        head = f"{indent}{at:%H:%M:%S} {self.people[posted.author].name}: {pin}{first}"
        return [head, *(f"{blank}         {line}" for line in rest)]

    def seen(self, text: str) -> str:
        """`text` as people see it: mentions by name, links by their words, character references undone."""
        text = _BROADCAST.sub(lambda found: f"@{found[1]}" if found[1] else found[0], text)
        text = _MENTION.sub(lambda found: f"@{self.people[found[1]].name}" if found[1] in self.people else "@?", text)
        return html.unescape(_LINK.sub(lambda found: f"{found[2]} ({found[1]})" if found[2] else found[1], text))


def check_name(name: str) -> None:
    """Raises SlackError where `conversations.create` refuses a name: lower case, digits, - and _, at most 80."""
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > LONGEST_NAME:
        raise SlackError("invalid_name_maxlength")
    if not re.search(r"[^\W_]", name):
        raise SlackError("invalid_name_punctuation")
    if any(not (each.isalnum() or each in "-_") or each != each.lower() for each in name):
        raise SlackError("invalid_name_specials")


def check_ts(ts: str, error: str) -> str:
    """`ts` where it is a time stamp; else raises SlackError `error`."""
    if not _TS.fullmatch(ts):
        raise SlackError(error)
    return ts
