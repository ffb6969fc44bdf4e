"""Opsgenie's API with its key, which alerts and on-calls share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.config import OpsgenieConfig
from cockpit.message.channel import ChannelError
from cockpit.message.http import Answer, Api


class OpsgenieApi:
    """The API of one account.

    Args:
        near: reach nothing but this machine.
    """

    def __init__(self, config: OpsgenieConfig, clock: Clock, *, near: bool) -> None:
        self._api = _Api("Opsgenie", config.url, clock, near=near)
        self._key = config.key

    async def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, json: Any = None
    ) -> Answer:
        """Send one request; raises ChannelError."""
        headers = {"Authorization": f"GenieKey {await self._api.secret(self._key)}"}
        answer = await self._api.call(method, path, params=params, json=json, headers=headers)
        if not isinstance(answer.body, dict):
            reason = "Opsgenie's answer is none of its own; a proxy may stand between, or it was cut off"
            raise ChannelError(reason, retryable=True, uncertain=True)
        return answer

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()


class _Api(Api):
    """What Opsgenie answers: 422 has a message, and what is wrong with each field under `errors`."""

    def refused(self, answer: Answer, after: float = 0.0, *, said: str = "") -> ChannelError:
        """Each field with what is wrong with it, which the message does not say."""
        errors = answer.get("errors")
        if not said and isinstance(errors, dict) and errors:
            said = "; ".join(f"{name}: {each}" for name, each in errors.items())
        return super().refused(answer, after, said=said)


def part(text: str) -> str:
    """`text` as one part of a path."""
    return quote(text, safe="")
