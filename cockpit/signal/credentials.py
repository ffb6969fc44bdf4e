"""What a source is shown with every request: a token, a user and password, headers; fetched when first needed."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator, Mapping

from cockpit.config import BasicAuth, HeaderValue, Secret, SecretError
from cockpit.text import MASK

_LONG = 6
"""Characters that the part behind a scheme has at least, to be hidden wherever it stands."""


class Credentials:
    """The headers by which one source knows who asks.

    Args:
        token: sent as `Authorization: Bearer`; None where the source wants none.
        basic: sent as `Authorization: Basic` (RFC 7617).
        headers: by name the text, or where the secret comes from.
    """

    def __init__(
        self,
        token: Secret | None = None,
        basic: BasicAuth | None = None,
        headers: Mapping[str, HeaderValue] | None = None,
    ) -> None:
        self._token = token
        self._basic = basic
        self._headers = headers or {}
        self._known: dict[str, str] | None = None
        self._secrets: set[str] = set()

    async def sent(self) -> Mapping[str, str]:
        """The headers; commands that give secrets run in a thread. Raises SecretError."""
        if self._known is None:
            self._known = await asyncio.to_thread(self._resolved)
        return self._known

    def refused(self) -> None:
        """Fetch the secrets again the next time, because they may have been renewed."""
        self._known = None

    def hidden(self, text: str) -> str:
        """`text` without the secrets, which a server may echo; to be asked before anything is cut off."""
        for secret in self._secrets:
            for form in _forms(secret):
                text = text.replace(form, MASK)
        return text

    def _resolved(self) -> dict[str, str]:
        found = {
            name: self._secret(value) if isinstance(value, Secret) else value for name, value in self._headers.items()
        }
        if self._token:
            found["Authorization"] = f"Bearer {self._secret(self._token)}"
        if self._basic:
            pair = f"{self._basic.username}:{self._secret(self._basic.password)}"
            coded = base64.b64encode(pair.encode()).decode()
            self._secrets.add(coded)
            found["Authorization"] = f"Basic {coded}"
        return found

    def _secret(self, secret: Secret) -> str:
        given = secret.resolve()
        if not (given.isascii() and given.isprintable()):
            raise SecretError(f"{secret} gives what no header can carry; put one line of plain ASCII there")
        self._secrets.add(given)
        return given


def _forms(secret: str) -> Iterator[str]:
    """How a secret may come back, the longest first: whole, or without the scheme before it; plain, or as JSON."""
    word = secret.rpartition(" ")[2]
    for each in (secret, word) if len(word) >= _LONG and word != secret else (secret,):
        quoted = json.dumps(each)[1:-1]
        yield from (quoted.replace("/", "\\/"), quoted, each)
