"""The incident's own channel in Slack: opened, given its topic, people invited, messages pinned, archived."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from cockpit.clock import Clock
from cockpit.incident.kinds import Message
from cockpit.message.channel import ChannelError, Occasion, Reference
from cockpit.message.slack.api import SlackApi, SlackError, strange, table, tables
from cockpit.message.slack.people import SlackPeople
from cockpit.message.slack.text import escape, topic
from cockpit.values import replace

_MOST, _PAGES = 50, 10
"""Channels for the incidents of one day, and pages of channels that are looked through."""
_AT_ONCE = 30
"""People who are invited by one message."""


def room(occasion: Occasion) -> str:
    """The id of the incident's own channel; empty before it is open and once it is archived."""
    standing = [(message.deed, remote) for message, remote in occasion.earlier if message.deed in ("open", "archive")]
    deed, remote = standing[-1] if standing else ("", "")
    return remote if deed == "open" else ""


def _openings(occasion: Occasion) -> list[Message]:
    """What opened channels of the incident, the last first."""
    return [message for message, _ in reversed(occasion.earlier) if message.deed == "open"]


def _needed(occasion: Occasion) -> str:
    """The same where nothing can be done without one."""
    if found := room(occasion):
        return found
    raise ChannelError("the incident's own channel is not open yet; it waits for it", retryable=True, after=2.0)


class Rooms:
    """Does what messages ask of the incident's own channel.

    Args:
        people: looks up who is invited.
    """

    def __init__(self, api: SlackApi, people: SlackPeople, clock: Clock) -> None:
        self._api = api
        self._people = people
        self._clock = clock
        self._topics: dict[str, str] = {}
        """The topic of each channel, as far as it is known here."""

    async def open(self, message: Message, occasion: Occasion) -> Reference:
        """Open `#incident-20250408-1`: the day of the declaration (UTC), and the next number that is free; a drill's
        begins with `drill-`. One that the incident has already is given as it is.

        Raises:
            ChannelError: Slack refuses, or no number of that day is free.
        """
        if known := room(occasion):
            return Reference(f"<#{known}>", known, repeated=True)
        for number in range(1, _MOST + 1):
            try:
                answer = await self._api.write("conversations.create", {"name": f"{self._stem(occasion)}{number}"})
            except SlackError as error:
                if error.code == "name_taken":
                    continue
                raise
            return await self._opened(table(answer.get("channel")), message, occasion)
        raise ChannelError(f"Slack has {_MOST} channels of that day's incidents; open one by hand", retryable=False)

    def _stem(self, occasion: Occasion) -> str:
        declared = (occasion.declared or self._clock.now()).astimezone(UTC)
        return f"{'drill' if occasion.drill else 'incident'}-{declared:%Y%m%d}-"

    async def _opened(
        self, channel: Mapping[str, Any], message: Message, occasion: Occasion, *, before: bool = False
    ) -> Reference:
        id, name = str(channel.get("id") or ""), f"#{channel.get('name')}"
        if not id:
            raise strange("conversations.create")
        self._topics[id] = ""
        said = await self.entitle(id, replace(occasion, earlier=(*occasion.earlier, (message, id))))
        return Reference(f"{name}{said}", id, repeated=before)

    async def entitle(self, id: str, occasion: Occasion) -> str:
        """Set the topic where it is another than it should be: Slack tells everybody in the channel of each time. A
        channel with a wrong one still serves: gives why it has that, empty when it is right."""
        wanted = topic(occasion, next((each.options.get("commander", "") for each in _openings(occasion)), ""))
        try:
            if id not in self._topics:
                said = (await self._api.read("conversations.info", {"channel": id})).get("channel", "topic", "value")
                self._topics[id] = escape(html.unescape(str(said or "")))
            if self._topics[id] != wanted:
                await self._api.write("conversations.setTopic", {"channel": id, "topic": wanted})
                self._topics[id] = wanted
        except ChannelError as error:
            return f"; the topic is not set: {error.reason}"
        return ""

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """The channel that an attempt to open one made: its topic begins with the incident's label; or it has none
        yet, and this bot made it after the declaration."""
        own, stem = await self._api.read("auth.test", {}), self._stem(occasion)
        since = (occasion.declared or self._clock.now()).timestamp()
        bare: list[Mapping[str, Any]] = []
        arguments = {"exclude_archived": "true", "limit": "200", "types": "public_channel"}
        async for answer in self._api.pages("conversations.list", arguments, _PAGES):
            for each in tables(answer.get("channels")):
                if not str(each.get("name", "")).startswith(stem) or each.get("creator") != own.get("user_id"):
                    continue
                said = str(table(each.get("topic")).get("value") or "")
                if occasion.label and said.startswith(occasion.label):
                    return await self._opened(each, message, occasion, before=True)
                created = each.get("created")
                if not said and isinstance(created, int | float) and created >= since - 60:
                    bare.append(each)
        return await self._opened(bare[0], message, occasion, before=True) if len(bare) == 1 else None

    async def invite(self, message: Message, occasion: Occasion) -> Reference:
        """Invite the message's `handles`; who is not known in Slack is named in the reference."""
        id = _needed(occasion)
        found = await self._people.find(message.options.get("handles", "").split()[:_AT_ONCE])
        refused = []
        for handle, user in found.ids.items():
            try:
                await self._api.write("conversations.invite", {"channel": id, "users": user})
            except SlackError as error:
                if error.code in ("cant_invite", "user_not_found", "user_team_not_in_channel", "user_is_restricted"):
                    refused.append(handle)
                elif error.code not in ("already_in_channel", "cant_invite_self"):
                    raise
        there = [handle for handle in found.ids if handle not in refused]
        said = [f"invited {', '.join(there)}" if there else "invited nobody"]
        said += [f"not in Slack: {', '.join(found.missing)}"] if found.missing else []
        said += [f"cannot be invited: {', '.join(refused)}"] if refused else []
        return Reference("; ".join(said), id)

    async def pin(self, message: Message, occasion: Occasion) -> Reference:
        """Pin the message whose id the option `message` names, where it was posted; raises ChannelError, to be tried
        again as long as it is posted nowhere."""
        wanted = message.options.get("message", "")
        posted = next((remote for each, remote in occasion.earlier if each.message == wanted and "/" in remote), "")
        if not posted:
            raise ChannelError("what is to be pinned is not posted yet; it waits for it", retryable=True, after=2.0)
        channel, _, ts = posted.partition("/")
        return await self._unless("already_pinned", "pins.add", {"channel": channel, "timestamp": ts}, "pinned", posted)

    async def archive(self, occasion: Occasion) -> Reference:
        """Archive the channel; where none was opened there is nothing to do."""
        id = room(occasion)
        if not id:
            return Reference("no channel of its own is open", repeated=True)
        return await self._unless("already_archived", "conversations.archive", {"channel": id}, "archived", id)

    async def _unless(self, done: str, method: str, arguments: dict[str, str], said: str, remote: str) -> Reference:
        """Call a method whose refusal `done` says that it had been done before."""
        try:
            await self._api.write(method, arguments)
        except SlackError as error:
            if error.code != done:
                raise
            return Reference(f"{said} before", remote, repeated=True)
        return Reference(said, remote)
