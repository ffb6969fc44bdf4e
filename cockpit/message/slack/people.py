"""Who is meant: people of a Slack workspace by their e-mail address or by the name they go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.message.slack.api import SlackApi, SlackError, tables

_PAGES, _PAGE = 10, 200
"""People that are looked through: users.list gives 200 a page at the pace that Slack recommends."""
_KEPT = 600.0
"""Seconds for which a list of people is taken for true."""


class Found(Struct, frozen=True):
    """Who was found: Slack's ids by handle, and the handles that nobody goes by, or several people do."""

    ids: dict[str, str]
    missing: tuple[str, ...]


class SlackPeople:
    """Looks people up, and keeps the workspace's list for ten minutes."""

    def __init__(self, api: SlackApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._listed: dict[str, str] = {}
        self._at: float | None = None

    async def find(self, handles: Iterable[str]) -> Found:
        """Look `handles` up: `alice@example.com` by the address, `@alice` by the name or the name shown.

        Raises:
            SlackError, ChannelError: nobody could be looked up, as without the scope `users:read`.
        """
        ids: dict[str, str] = {}
        missing: list[str] = []
        for handle in dict.fromkeys(each.strip() for each in handles if each.strip()):
            found = await (self._by_address(handle) if "@" in handle[1:] else self._by_name(handle))
            if found:
                ids[handle] = found
            else:
                missing.append(handle)
        return Found(ids, tuple(missing))

    async def _by_address(self, address: str) -> str:
        try:
            answer = await self._api.read("users.lookupByEmail", {"email": address})
        except SlackError as error:
            if error.code == "users_not_found":
                return ""
            raise
        return str(answer.get("user", "id") or "")

    async def _by_name(self, handle: str) -> str:
        now = self._clock.monotonic()
        if self._at is None or now - self._at > _KEPT:
            self._listed, self._at = await self._list(), now
        return self._listed.get(_plain(handle), "")

    async def _list(self) -> dict[str, str]:
        people: list[Mapping[str, Any]] = []
        async for answer in self._api.pages("users.list", {"limit": str(_PAGE)}, _PAGES):
            people += [each for each in tables(answer.get("members")) if not each.get("deleted")]
        return {**_unique(people, ("profile", "display_name")), **_unique(people, ("name",))}


def _unique(people: Sequence[Mapping[str, Any]], path: tuple[str, ...]) -> dict[str, str]:
    """Ids by what stands at `path`; a name that two people show is nobody's."""
    found: dict[str, set[str]] = {}
    for each in people:
        value: Any = each
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and value and isinstance(each.get("id"), str):
            found.setdefault(_plain(value), set()).add(each["id"])
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def _plain(handle: str) -> str:
    return handle.strip().removeprefix("@").casefold()
