"""Slack by a bot's token: posts in threads, and opens, fills and archives a channel for each incident.

The documents: https://docs.slack.dev/reference/methods (chat.postMessage, conversations.*, pins.add, users.*) and
https://docs.slack.dev/messaging/message-metadata. The bot needs the scopes chat:write, chat:write.public,
channels:join, channels:manage, channels:read, channels:history, pins:write, users:read and users:read.email.

In the configured channel an incident is one thread: its first message, and all later ones as replies, so that two
incidents at once can be told apart. A reply is shown in the channel too when it brings what everybody waits for: the
incident is resolved, closed or reopened, its severity changed, or somebody is paged.

The topic of the incident's own channel has its label, severity and commander, and is set anew with the next message
after one of them changed.

Options: `where: incident` posts in the incident's own channel; `commander` of an opening leads where the record names
nobody yet; `severity` marks a change of it; `handles` of a page are mentioned.
"""

from __future__ import annotations

import uuid
from contextlib import suppress

from cockpit.clock import Clock
from cockpit.config import Secret, SlackConfig
from cockpit.incident.kinds import Message
from cockpit.message.channel import Again, ChannelError, Occasion, Reference
from cockpit.message.http import Answer
from cockpit.message.slack.api import SlackApi, SlackError, next_cursor, strange, table, tables
from cockpit.message.slack.people import SlackPeople
from cockpit.message.slack.rooms import Rooms, room
from cockpit.message.slack.text import words
from cockpit.text import clean

_POSTS = frozenset({"tell", "page", "meeting"})
_IN_ROOMS = frozenset({"open", "invite", "pin", "archive"})
_EVENT = "cockpit_message"
_PAGES, _CHANNELS = 5, 10
"""Pages of a history, and of channels, that are looked through."""
_SKEW = 600
"""Seconds by which this machine's clock and Slack's may differ."""
_THREADED = ("thread_ts", "reply_broadcast")
_NO_THREAD = ("thread_not_found", "invalid_thread_ts", "cannot_reply_to_message", "message_not_found")


class SlackBot:
    """Posts to the configured channel and to the incident's own.

    Args:
        near: reach nothing but this machine.
    """

    again: Again = "find"
    pace = 1.0
    reaches = True

    def __init__(self, name: str, config: SlackConfig, token: Secret, clock: Clock, *, near: bool) -> None:
        self.name = name
        self.deeds = _POSTS | (_IN_ROOMS if config.incident_channels else frozenset())
        self._channel = config.channel or ""
        self._api = SlackApi(config.url, token, clock, near=near)
        self._people = SlackPeople(self._api, clock)
        self._rooms = Rooms(self._api, self._people, clock)

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        """Do what the message says; raises ChannelError."""
        match message.deed:
            case "open":
                return await self._rooms.open(message, occasion)
            case "invite":
                return await self._rooms.invite(message, occasion)
            case "pin":
                return await self._rooms.pin(message, occasion)
            case "archive":
                return await self._rooms.archive(occasion)
            case _:
                return await self._post(message, occasion)

    async def _post(self, message: Message, occasion: Occasion) -> Reference:
        own = room(occasion) if message.options.get("where") == "incident" else ""
        root = "" if own else _root(occasion)
        head, unknown = await self._mentions(message)
        arguments = {
            "channel": own or root.partition("/")[0] or self._channel,
            "text": words(message, occasion, head),
            "mrkdwn": bool(head),  # a mention is markup; everything else stands as it was written
            "parse": "none",
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": _EVENT, "event_payload": {"message": message.message}},
        }
        if root:
            arguments |= {"thread_ts": root.partition("/")[2], "reply_broadcast": _matters(message, occasion)}
        answer = await self._said(arguments)
        standing = room(occasion)
        said = await self._rooms.entitle(standing, occasion) if standing else ""
        if not answer.get("channel") or not answer.get("ts"):
            raise strange("chat.postMessage")
        remote = f"{answer.get('channel')}/{answer.get('ts')}"
        return Reference(f"{await self._linked(remote)}{unknown}{said}", remote)

    async def _said(self, arguments: dict[str, object]) -> Answer:
        """Post; without the thread when somebody deleted its beginning, and from within a channel that wants it."""
        try:
            return await self._api.write("chat.postMessage", arguments)
        except SlackError as error:
            if error.code in _NO_THREAD and "thread_ts" in arguments:
                arguments = {name: value for name, value in arguments.items() if name not in _THREADED}
            else:
                await self._join(str(arguments["channel"]), error)
        return await self._api.write("chat.postMessage", arguments)

    async def _join(self, channel: str, error: SlackError) -> None:
        """Join a public channel where Slack said that the bot is not in it; raises `error` where that is not what it
        said, or the bot may not."""
        if error.code != "not_in_channel":
            raise error
        try:
            id = await self._resolved() if channel.startswith("#") else channel
            await self._api.write("conversations.join", {"channel": id})
        except ChannelError:
            raise error from None

    async def _mentions(self, message: Message) -> tuple[str, str]:
        """Who is paged, as marks that ping them, and what to say of those who could not be; a page goes out without
        them when Slack's people cannot be read."""
        handles = message.options.get("handles", "").split() if message.deed == "page" else []
        if not handles:
            return "", ""
        try:
            found = await self._people.find(handles)
        except ChannelError as error:
            if error.retryable:
                raise
            return "", f"; nobody was mentioned: {error.reason}"
        marks = "".join(f"<@{id}> " for id in found.ids.values())
        return marks, f"; not in Slack: {', '.join(found.missing)}" if found.missing else ""

    async def _linked(self, remote: str) -> str:
        """A link to what was posted; where Slack does not give it, the channel's name has to do."""
        channel, _, ts = remote.partition("/")
        with suppress(ChannelError):
            answer = await self._api.read("chat.getPermalink", {"channel": channel, "message_ts": ts})
            return clean(str(answer.get("permalink") or self._channel))[:300]
        return self._channel

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """Look for the message by its metadata, wherever an attempt may have put it. What is safely done twice is not
        looked for.

        Raises:
            ChannelError: Slack cannot be asked, or has more messages since than are looked through.
        """
        if message.deed == "open":
            return await self._rooms.find(message, occasion)
        if message.deed not in _POSTS:
            return None
        own, root = room(occasion), _root(occasion)
        places = [own] if own and message.options.get("where") == "incident" else []
        places.append(root.partition("/")[0] or await self._resolved())
        for channel in places:
            if found := await self._among("conversations.history", {"channel": channel}, message):
                return found
        channel, _, ts = root.partition("/")
        if not root:
            return None
        try:
            return await self._among("conversations.replies", {"channel": channel, "ts": ts}, message)
        except SlackError as error:
            if error.code in _NO_THREAD:  # somebody deleted its beginning, and all of it
                return None
            raise

    async def _among(self, method: str, arguments: dict[str, str], message: Message) -> Reference | None:
        try:
            return await self._looked(method, arguments, message)
        except SlackError as error:
            await self._join(arguments["channel"], error)
        return await self._looked(method, arguments, message)

    async def _looked(self, method: str, arguments: dict[str, str], message: Message) -> Reference | None:
        asked = {**arguments, "oldest": _since(message.message), "include_all_metadata": "true", "limit": "200"}
        async for answer in self._api.pages(method, asked, _PAGES):
            for each in tables(answer.get("messages")):
                payload = table(table(each.get("metadata")).get("event_payload"))
                if payload.get("message") == message.message and each.get("ts"):
                    remote = f"{arguments['channel']}/{each.get('ts')}"
                    return Reference(await self._linked(remote), remote, repeated=True)
        if next_cursor(answer):
            raise ChannelError(
                "Slack has more messages since then than are looked through; look by hand", retryable=False
            )
        return None

    async def _resolved(self) -> str:
        """The id of the configured channel, which histories want; raises ChannelError where it is not found."""
        if not self._channel.startswith("#"):
            return self._channel
        arguments = {"exclude_archived": "true", "limit": "200", "types": "public_channel,private_channel"}
        async for answer in self._api.pages("conversations.list", arguments, _CHANNELS):
            for each in tables(answer.get("channels")):
                if each.get("name") == self._channel[1:] and each.get("id"):
                    return str(each["id"])
        raise ChannelError(f"Slack lists no channel {self._channel}; see `channel:` under `channels:`", retryable=False)

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()


def _root(occasion: Occasion) -> str:
    """Where the incident's thread begins: the first message about it outside of its own channel."""
    rooms = {remote for message, remote in occasion.earlier if message.deed == "open"}
    posts = (remote for message, remote in occasion.earlier if message.deed in _POSTS and "/" in remote)
    return next((remote for remote in posts if remote.partition("/")[0] not in rooms), "")


def _matters(message: Message, occasion: Occasion) -> bool:
    """Whether a reply is one that everybody waits for."""
    if message.deed == "page":
        return True
    before = next((each for each, _ in reversed(occasion.earlier) if each.deed == "tell"), None)
    standing = before.standing if before else ""
    over = {"resolved", "closed"}
    turned = message.standing != standing and bool(over & {message.standing, standing})
    severity = message.options.get("severity", "")
    last = next((each.options["severity"] for each, _ in reversed(occasion.earlier) if "severity" in each.options), "")
    return turned or bool(severity and last and severity != last)


def _since(id: str) -> str:
    """A time before the message can have been posted, as Slack writes it: a UUIDv7 says when it was made."""
    try:
        made = uuid.UUID(id)
    except ValueError:
        return "0"
    return f"{(made.int >> 80) / 1000 - _SKEW:.6f}" if made.version == 7 else "0"
