"""A collection read page by page: the next page comes while the rows of this one are made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import timedelta
from typing import Generic, NamedTuple

import msgspec

from cockpit.kube.access import Access, Answer
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.shapes import Page
from cockpit.kube.table import RowT

PAGE = 500
"""Objects a page: 5,000 pods come in pieces of 3 MB, each decoded in 6 ms."""
SMALL = 64 * 1024
"""Bytes that may be decoded on the event loop; more goes to a thread."""
PAGE_SECONDS = 65.0
"""For one page: a server in trouble may take half a minute, and asking again would only add to it."""
NAMES_ONLY = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
"""Accept of a list whose content nobody needs: an old server gives all of it."""

_PAGE = msgspec.json.Decoder(Page)


class Listed(NamedTuple, Generic[RowT]):
    """The rows of one page, the collection's version, and whether there are more."""

    rows: list[RowT]
    version: str
    more: bool


async def pages(
    access: Access, path: str, query: Mapping[str, str], accept: str, row: Callable[[bytes, timedelta], RowT]
) -> AsyncGenerator[Listed[RowT], None]:
    """Give a collection's pages; close it with `aclosing`. Raises KubeError.

    Args:
        row: makes a row from an object's raw JSON and from how far the clock that its times are of is ahead of ours.
    """
    asked = {**query, "limit": str(PAGE)}

    async def ask() -> Answer:
        return await access.call("GET", path, query=asked, timeout=PAGE_SECONDS, accept=accept)

    coming: asyncio.Task[Answer] | None = asyncio.create_task(ask())
    try:
        while coming is not None:
            body = (await coming).body
            try:
                page = _PAGE.decode(body) if len(body) <= SMALL else await asyncio.to_thread(_PAGE.decode, body)
                asked["continue"] = more = page.metadata.continue_
                coming = asyncio.create_task(ask()) if more else None
                ahead, small = access.ahead, len(body) <= SMALL
                rows = _rows(page, row, ahead) if small else await asyncio.to_thread(_rows, page, row, ahead)
            except UNREADABLE as error:
                raise access.unreadable(error) from error
            yield Listed(rows, page.metadata.resource_version, more != "")
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


def _rows(page: Page, row: Callable[[bytes, timedelta], RowT], ahead: timedelta) -> list[RowT]:
    return [row(bytes(raw), ahead) for raw in page.items or ()]
