"""Slack's methods by name, with what each needs and how often it may be asked."""

from __future__ import annotations

from cockpit.simulator.receivers import slack_methods as own
from cockpit.simulator.receivers.slack_methods import Method

METHODS: dict[str, Method] = {
    "auth.test": own.auth_test,
    "chat.postMessage": own.post_message,
    "chat.getPermalink": own.permalink,
    "conversations.create": own.create,
    "conversations.invite": own.invite,
    "conversations.archive": own.archive,
    "conversations.join": own.join,
    "conversations.setTopic": own.set_topic,
    "conversations.setPurpose": own.set_purpose,
    "conversations.info": own.info,
    "conversations.list": own.list_conversations,
    "conversations.history": own.history,
    "conversations.replies": own.replies,
    "pins.add": own.pin,
    "pins.list": own.pins,
    "users.list": own.list_users,
    "users.lookupByEmail": own.lookup_by_email,
}

FORMS_ONLY = frozenset(
    {"chat.getPermalink", "conversations.info", "conversations.list", "pins.list", "users.list", "users.lookupByEmail"}
)
"""Methods whose documents name no JSON among the content types: arguments in a JSON body are not seen."""

_BY_SCOPE = {
    "chat:write": ("chat.postMessage",),
    "channels:manage": (
        "conversations.create", "conversations.invite", "conversations.archive", "conversations.setTopic",
        "conversations.setPurpose",
    ),
    "channels:join": ("conversations.join",),
    "channels:read": ("conversations.info", "conversations.list"),
    "channels:history": ("conversations.history", "conversations.replies"),
    "pins:write": ("pins.add",),
    "pins:read": ("pins.list",),
    "users:read": ("users.list",),
    "users:read.email": ("users.lookupByEmail",),
}  # fmt: skip
SCOPES = {method: scope for scope, methods in _BY_SCOPE.items() for method in methods}
"""The scope of a bot's token that each method wants; those that are not named want none."""

_TIERS = {
    20: (
        "conversations.create", "conversations.archive", "conversations.setTopic", "conversations.setPurpose",
        "conversations.list", "pins.add", "pins.list", "users.list",
    ),
    50: (
        "conversations.invite", "conversations.join", "conversations.info", "conversations.history",
        "conversations.replies", "users.lookupByEmail",
    ),
}  # fmt: skip
PER_MINUTE = {method: count for count, methods in _TIERS.items() for method in methods}
"""Requests a minute that each method allows, by its tier (2: 20, 3: 50); `chat.postMessage` has a limit of its own."""
