"""The methods of Slack's Web API that the receiver has: what each wants, and what it answers; SlackError refuses."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cockpit.simulator.receivers.slack_workspace import (
    LONGEST_TEXT,
    LONGEST_TOPIC,
    Conversation,
    Posted,
    SlackError,
    check_ts,
)

if TYPE_CHECKING:
    from cockpit.simulator.receivers.slack import Slack

Arguments = Mapping[str, Any]
Answer = dict[str, Any]
Method = Callable[["Slack", Arguments], Answer]

LARGEST_METADATA = 8_000
"""Characters of a message's metadata as JSON."""
MOST_INVITED = 100
"""People in one `conversations.invite` (documented: up to 100 user ids)."""


def auth_test(slack: Slack, given: Arguments) -> Answer:
    """auth.test"""
    bot = slack.workspace.bot
    head = {"url": f"{slack.url}/", "team": "Demo", "team_id": "T0DEMO", "bot_id": "B0COCKPIT"}
    return {**head, "user": bot.name, "user_id": bot.id, "is_enterprise_install": False}


def post_message(slack: Slack, given: Arguments) -> Answer:
    """chat.postMessage"""
    channel = slack.workspace.joined(_wanted(given, "channel", "channel_not_found"), by_name=True)
    text, blocks, metadata = str(given.get("text") or ""), _json(given, "blocks", "invalid_blocks"), _metadata(given)
    if not text and not blocks and not given.get("attachments"):
        raise SlackError("no_text")
    thread = str(given.get("thread_ts") or "")
    if thread:
        _root(channel, check_ts(thread, "invalid_thread_ts"))
    slack.limit(channel.id)
    posted = slack.post(channel, text[:LONGEST_TEXT], metadata, thread, blocks or [], given)
    answer = {"channel": channel.id, "ts": posted.ts, "message": posted.described(with_metadata=True)}
    if len(text) <= LONGEST_TEXT:
        return answer
    cut = "[WARN] Your message was truncated but still posted. The `text` field accepts up to 40,000 characters."
    return {**answer, "response_metadata": {"messages": [cut], "warnings": ["message_truncated"]}}


def permalink(slack: Slack, given: Arguments) -> Answer:
    """chat.getPermalink"""
    channel = slack.workspace.channel(_wanted(given, "channel", "channel_not_found"))
    found = channel.find(str(given.get("message_ts") or ""))
    return {"channel": channel.id, "permalink": slack.link(channel, found)}


def create(slack: Slack, given: Arguments) -> Answer:
    """conversations.create"""
    channel = slack.workspace.create(str(given.get("name") or ""))
    slack.arrived.add("slack", "channel", where=f"#{channel.name}", id=channel.id, data=dict(given))
    return {"channel": channel.described(slack.workspace.bot.id)}


def invite(slack: Slack, given: Arguments) -> Answer:
    """conversations.invite"""
    channel = slack.workspace.joined(_wanted(given, "channel", "channel_not_found"))
    users = [each for each in str(given.get("users") or "").replace(" ", "").split(",") if each]
    if not users:
        raise SlackError("no_user")
    if len(users) > MOST_INVITED:
        raise SlackError("too_many_users")
    wrong = {user: error for user in users if (error := _uninvitable(slack, channel, user))}
    if wrong and (len(wrong) == len(users) or not _true(given.get("force"))):
        errors = [{"user": user, "ok": False, "error": error} for user, error in wrong.items()]
        raise SlackError(next(iter(wrong.values())), errors=errors)
    for user in users:
        if user not in wrong:
            channel.members.append(user)
            name = slack.workspace.people[user].name
            slack.arrived.add("slack", "invite", where=f"#{channel.name}", text=f"@{name}", id=user, data=dict(given))
    return {"channel": channel.described(slack.workspace.bot.id)}


def archive(slack: Slack, given: Arguments) -> Answer:
    """conversations.archive"""
    channel = slack.workspace.channel(_wanted(given, "channel", "channel_not_found"))
    if channel.archived:
        raise SlackError("already_archived")
    slack.workspace.joined(channel.id)
    channel.archived = True
    slack.arrived.add("slack", "archive", where=f"#{channel.name}", id=channel.id, data=dict(given))
    return {}


def join(slack: Slack, given: Arguments) -> Answer:
    """conversations.join"""
    channel = slack.workspace.channel(_wanted(given, "channel", "channel_not_found"))
    if channel.archived:
        raise SlackError("is_archived")
    if slack.workspace.bot.id not in channel.members:
        channel.members.append(slack.workspace.bot.id)
    return {"channel": channel.described(slack.workspace.bot.id)}


def set_topic(slack: Slack, given: Arguments) -> Answer:
    """conversations.setTopic"""
    channel = slack.workspace.joined(_wanted(given, "channel", "channel_not_found"))
    topic = str(given.get("topic") or "")
    if len(topic) > LONGEST_TOPIC:
        raise SlackError("too_long")
    channel.topic = topic
    slack.arrived.add("slack", "topic", where=f"#{channel.name}", text=topic, id=channel.id, data=dict(given))
    return {"channel": channel.described(slack.workspace.bot.id)}


def set_purpose(slack: Slack, given: Arguments) -> Answer:
    """conversations.setPurpose"""
    channel = slack.workspace.joined(_wanted(given, "channel", "channel_not_found"))
    purpose = str(given.get("purpose") or "")
    if len(purpose) > LONGEST_TOPIC:
        raise SlackError("too_long")
    channel.purpose = purpose
    return {"purpose": purpose}


def info(slack: Slack, given: Arguments) -> Answer:
    """conversations.info"""
    channel = slack.workspace.channel(_wanted(given, "channel", "channel_not_found"))
    return {"channel": channel.described(slack.workspace.bot.id)}


def list_conversations(slack: Slack, given: Arguments) -> Answer:
    """conversations.list"""
    found = [
        each.described(slack.workspace.bot.id)
        for each in slack.workspace.channels.values()
        if not (each.archived and _true(given.get("exclude_archived")))
    ]
    return _paged("channels", found, given, 100)


def history(slack: Slack, given: Arguments) -> Answer:
    """conversations.history: what stands in the channel itself, the newest first"""
    channel = slack.workspace.channel(_wanted(given, "channel", "channel_not_found"))
    if slack.workspace.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    oldest, latest = (float(given.get(name) or 0) for name in ("oldest", "latest"))
    found = [
        each
        for each in reversed(channel.messages)
        if not each.thread and float(each.ts) > oldest and (not latest or float(each.ts) < latest)
    ]
    paged = _paged("messages", _with(found, given), given, 100)
    return {**paged, "has_more": bool(paged["response_metadata"]["next_cursor"]), "pin_count": 0}


def replies(slack: Slack, given: Arguments) -> Answer:
    """conversations.replies: a message and what answers it, the oldest first"""
    channel = slack.workspace.channel(_wanted(given, "channel", "channel_not_found"))
    ts = str(given.get("ts") or "")
    if not any(each.ts == ts for each in channel.messages):
        raise SlackError("thread_not_found")
    found = [each for each in channel.messages if ts in (each.ts, each.thread)]
    paged = _paged("messages", _with(found, given), given, 1000)
    return {**paged, "has_more": bool(paged["response_metadata"]["next_cursor"])}


def pin(slack: Slack, given: Arguments) -> Answer:
    """pins.add"""
    channel = slack.workspace.joined(_wanted(given, "channel", "channel_not_found"))
    ts = check_ts(_wanted(given, "timestamp", "no_item_specified"), "bad_timestamp")
    posted = channel.find(ts)
    if posted.pinned:
        raise SlackError("already_pinned")
    posted.pinned = True
    slack.arrived.add("slack", "pin", where=f"#{channel.name}", text=posted.text, id=ts, data=dict(given))
    return {}


def pins(slack: Slack, given: Arguments) -> Answer:
    """pins.list"""
    channel = slack.workspace.channel(_wanted(given, "channel", "channel_not_found"))
    pinned = [each.described(with_metadata=False) for each in channel.messages if each.pinned]
    return {"items": [{"type": "message", "channel": channel.id, "message": each} for each in pinned]}


def list_users(slack: Slack, given: Arguments) -> Answer:
    """users.list"""
    return _paged("members", [each.described() for each in slack.workspace.people.values()], given, 200)


def lookup_by_email(slack: Slack, given: Arguments) -> Answer:
    """users.lookupByEmail"""
    email = str(given.get("email") or "").lower()
    found = next((each for each in slack.workspace.people.values() if email and each.email.lower() == email), None)
    if found is None:
        raise SlackError("users_not_found")
    return {"user": found.described()}


def _uninvitable(slack: Slack, channel: Conversation, user: str) -> str:
    if user == slack.workspace.bot.id:
        return "cant_invite_self"
    if user not in slack.workspace.people:
        return "user_not_found"
    return "already_in_channel" if user in channel.members else ""


def _root(channel: Conversation, ts: str) -> Posted:
    """What a reply answers: a message that is none itself."""
    found = channel.find(ts)
    if found.thread:
        raise SlackError("cannot_reply_to_message")
    return found


def _metadata(given: Arguments) -> dict[str, Any] | None:
    found = _json(given, "metadata", "invalid_metadata_format")
    if found is None:
        return None
    if not isinstance(found, dict):
        raise SlackError("invalid_metadata_format")
    kind, payload = found.get("event_type"), found.get("event_payload")
    if not isinstance(kind, str) or not kind or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(found)) > LARGEST_METADATA:
        raise SlackError("metadata_too_large")
    return found


def _json(given: Arguments, name: str, error: str) -> Any:
    """An argument that is JSON: as it stands, or as text in a form."""
    found = given.get(name)
    if not isinstance(found, str):
        return found
    try:
        return json.loads(found) if found else None
    except ValueError:
        raise SlackError(error) from None


def _with(found: list[Posted], given: Arguments) -> list[Answer]:
    return [each.described(with_metadata=_true(given.get("include_all_metadata"))) for each in found]


def _wanted(given: Arguments, name: str, error: str) -> str:
    if not given.get(name):
        raise SlackError(error)
    return str(given[name])


def _true(given: Any) -> bool:
    return str(given).lower() in ("true", "1")


def _paged(name: str, found: list[Any], given: Arguments, usual: int) -> Answer:
    """A page of what was found, as cursors have it: base64 of where the next begins."""
    try:
        start = int(base64.b64decode(str(given.get("cursor") or "MA==")).decode())
        limit = min(int(given.get("limit") or usual), 1000)
    except ValueError:
        raise SlackError("invalid_cursor") from None
    if limit < 1:
        raise SlackError("invalid_limit")
    after = start + limit
    cursor = base64.b64encode(str(after).encode()).decode() if after < len(found) else ""
    return {name: found[start:after], "response_metadata": {"next_cursor": cursor}}
