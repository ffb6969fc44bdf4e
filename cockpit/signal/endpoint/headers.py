"""The headers of a request: secrets are fetched when they are first needed, and again after they were refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping

from cockpit.config import Secret, SecretError
from cockpit.text import MASK

_LONG = 6
"""Characters that the part behind a scheme has at least, to be hidden wherever it stands."""


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
            for form in _forms(secret):
                text = text.replace(form, MASK)
        return text


def _forms(secret: str) -> Iterator[str]:
    """How a secret may come back, the longest first: whole, or without the scheme before it; plain, or as JSON."""
    word = secret.rpartition(" ")[2]
    for each in (secret, word) if len(word) >= _LONG and word != secret else (secret,):
        quoted = json.dumps(each)[1:-1]
        yield from (quoted.replace("/", "\\/"), quoted, each)
