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
        self._api = Api("Opsgenie", config.url, clock, near=near)
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


def part(text: str) -> str:
    """`text` as one part of a path."""
    return quote(text, safe="")
