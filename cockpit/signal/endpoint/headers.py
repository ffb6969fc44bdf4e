"""The headers of a request: secrets are fetched when they are first needed, and again after they were refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from cockpit.config import Secret, SecretError
from cockpit.text import MASK


class Headers:
    """The headers of one endpoint.

    Args:
        given: by name the text, or where the secret comes from.
    """

    def __init__(self, given: Mapping[str, Secret | str]) -> None:
        self._given = given
        self._secrets: dict[str, str] = {}

    async def resolved(self) -> dict[str, str]:
        """All of them; a secret's command runs in a thread. Raises SecretError."""
        for name, value in self._given.items():
            if isinstance(value, Secret) and name not in self._secrets:
                secret = await asyncio.to_thread(value.resolve)
                if not (secret.isascii() and secret.isprintable()):
                    raise SecretError(f"{value} gives what no header can carry; put one line of plain ASCII there")
                self._secrets[name] = secret
        return {name: value if isinstance(value, str) else self._secrets[name] for name, value in self._given.items()}

    def refused(self) -> None:
        """Fetch the secrets again the next time, because they may have been renewed."""
        self._secrets = {}

    def hidden(self, text: str) -> str:
        """What a server said, without the secrets, which it may echo; before anything is cut off."""
        for secret in self._secrets.values():
            text = text.replace(secret, MASK)
        return text
