"""A token as HTTP carries it: fetched when it is first needed, and again after it was refused."""

from __future__ import annotations

import asyncio

from cockpit.config import Secret


class Bearer:
    """The token of one source.

    Args:
        secret: where it comes from; None where the source wants none.
    """

    def __init__(self, secret: Secret | None) -> None:
        self._secret = secret
        self._token = ""

    async def header(self) -> dict[str, str]:
        """The header with the token, nothing without one; raises SecretError."""
        if self._secret is None:
            return {}
        self._token = self._token or await asyncio.to_thread(self._secret.resolve)
        return {"Authorization": f"Bearer {self._token}"}

    def refused(self) -> None:
        """Fetch it again the next time, because it may have been renewed."""
        self._token = ""

    def hidden(self, text: str) -> str:
        """`text` without the token."""
        return text.replace(self._token, "***") if self._token else text
