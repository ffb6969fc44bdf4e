"""A small HTTP server on one connection: what a payment container answers to those who ask it for its state."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple

import h11

from cockpit.simulator.program import Serve

_CHUNK = 16 * 1024


class Page(NamedTuple):
    """An answer: its status, its body, and what that is."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


Pages = Mapping[str, Callable[[], Page]]
"""What is answered to a GET, by path."""


def serve(pages: Pages) -> Serve:
    """What to do with a connection on which these pages are asked for, as often as the client likes."""

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        try:
            while (request := await _request(connection, reader)) is not None:
                _answer(connection, writer, request, _page(pages, request))
                await writer.drain()
                if connection.our_state is h11.MUST_CLOSE:
                    return
                connection.start_next_cycle()
        except h11.RemoteProtocolError as wrong:
            if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                _answer(connection, writer, None, Page(wrong.error_status_hint, f"{wrong}\n"))

    return connected


async def _request(connection: h11.Connection, reader: StreamReader) -> h11.Request | None:
    """The next request, its body read and dropped; None when there is no more."""
    request: h11.Request | None = None
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.EndOfMessage):
            return request
        elif isinstance(event, h11.ConnectionClosed):
            return None


def _page(pages: Pages, request: h11.Request) -> Page:
    make = pages.get(request.target.partition(b"?")[0].decode("latin-1"))
    if make is None:
        return Page(404, "404 page not found\n")
    return make() if request.method in (b"GET", b"HEAD") else Page(405, "Method Not Allowed\n")


def _answer(connection: h11.Connection, writer: StreamWriter, request: h11.Request | None, page: Page) -> None:
    body = page.body.encode()
    headers = [("content-type", page.content_type), ("content-length", str(len(body)))]
    reason = HTTPStatus(page.status).phrase
    writer.write(connection.send(h11.Response(status_code=page.status, headers=headers, reason=reason)) or b"")
    if request is None or request.method != b"HEAD":
        writer.write(connection.send(h11.Data(data=body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
