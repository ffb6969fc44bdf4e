"""Slack's Web API: a method called by its name, and every answer that says no as an error that says what to do.

The documents: https://docs.slack.dev/apis/web-api, its page of each method, and "Rate limits".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from cockpit.clock import Clock
from cockpit.config import Secret
from cockpit.message.channel import ChannelError
from cockpit.message.http import Answer, Api
from cockpit.text import safe

_LATER = {
    "accesslimited", "external_channel_migrating", "fatal_error", "internal_error", "rate_limited", "ratelimited",
    "request_timeout", "service_unavailable", "team_added_to_org",
}  # fmt: skip
"""Errors that pass by themselves."""
_HALF = {"fatal_error", "internal_error"}
"""Errors of which Slack says that something may have been done before them."""
_TOKEN = "make a new token and put it in the old one's place under `channels:`"
_MENDS = {
    **dict.fromkeys(("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"), _TOKEN),
    "not_in_channel": "invite the bot into it with /invite",
    "channel_not_found": "see its `channel:`; a private one must invite the bot first",
    "is_archived": "unarchive it, or name another under `channels:`",
    "msg_too_long": "shorten the message",
    "restricted_action": "a setting of the workspace forbids it; ask who administers it",
}


class SlackError(ChannelError):
    """Slack answered `ok: false`.

    Attributes:
        code: its word for what is wrong, as `channel_not_found`.
        body: the whole answer.
    """

    def __init__(self, code: str, reason: str, body: Mapping[str, Any]) -> None:
        super().__init__(
            reason, retryable=code in _LATER, after=1.0 if code in _LATER else 0.0, uncertain=code in _HALF
        )
        self.code = code
        self.body = body


def strange(method: str) -> ChannelError:
    """An answer that is none of Slack's: what it stands for may have been done."""
    reason = f"Slack's answer to {method} is none of its own; a proxy may stand between, or it was cut off"
    return ChannelError(reason, retryable=True, uncertain=True)


class SlackApi:
    """The methods of one workspace, with a bot's token.

    Args:
        url: of the API, as `https://slack.com/api`.
        near: reach nothing but this machine.
    """

    def __init__(self, url: str, token: Secret, clock: Clock, *, near: bool) -> None:
        self._api = Api("Slack", url, clock, near=near)
        self._token = token

    async def write(self, method: str, arguments: Mapping[str, Any]) -> Answer:
        """Call a method that changes something; raises SlackError or ChannelError."""
        return self._told(
            method, await self._api.call("POST", f"/{method}", json=arguments, headers=await self._head())
        )

    async def read(self, method: str, arguments: Mapping[str, str]) -> Answer:
        """Call a method that only looks, which takes its arguments in the URL; raises SlackError or ChannelError."""
        return self._told(
            method, await self._api.call("GET", f"/{method}", params=arguments, headers=await self._head())
        )

    async def pages(self, method: str, arguments: Mapping[str, str], most: int) -> AsyncIterator[Answer]:
        """The answers of a method that gives a page at a time, `most` of them; the last one has no cursor when it was
        all. Raises SlackError or ChannelError."""
        cursor = ""
        for _ in range(most):
            answer = await self.read(method, {**arguments, **({"cursor": cursor} if cursor else {})})
            yield answer
            cursor = next_cursor(answer)
            if not cursor:
                return

    async def _head(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await self._api.secret(self._token)}"}

    def _told(self, method: str, answer: Answer) -> Answer:
        """The answer when Slack says ok. One that is none of its own may stand for something that was done."""
        if answer.get("ok") is True:
            return answer
        if not isinstance(answer.body, dict) or not isinstance(answer.get("error"), str):
            raise strange(method)
        code = self._api.hidden(safe(str(answer.get("error"))))[:60]
        raise SlackError(code, f"Slack refused {method}: {code}; {self._mend(code, answer)}", answer.body)

    def _mend(self, code: str, answer: Answer) -> str:
        if code in _LATER:
            return "it is tried again"
        if code == "missing_scope":
            needed = self._api.hidden(safe(str(answer.get("needed") or "it asks for")))[:100]
            return f"give the bot the scope {needed} and install its app again"
        near = next((mend for known, mend in _MENDS.items() if code.startswith(known)), "")
        return near or f"see https://docs.slack.dev/reference/methods/ for {code}"

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()


def table(value: Any) -> Mapping[str, Any]:
    """`value` where it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def tables(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; none where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def next_cursor(answer: Answer) -> str:
    """Where the next page begins; empty on the last one."""
    return str(answer.get("response_metadata", "next_cursor") or "")
