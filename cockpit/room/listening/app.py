"""The intake over HTTP: `POST /NAME` with a delivery. Everything is refused as early as it can be."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cockpit.clock import Clock
from cockpit.incident.times import echo
from cockpit.record.errors import JournalError
from cockpit.room.listening.doors import Door
from cockpit.room.listening.intake import Intake
from cockpit.room.listening.pace import Pace
from cockpit.room.listening.senders import near
from cockpit.signal.intake import Delivery, IntakeError, decode, delivery
from cockpit.text import safe

LARGEST = 1024 * 1024
"""Bytes of a body."""
_DIGITS = 20
"""Digits of a length that is no mistake; Python itself refuses to read thousands of them."""
BODY_TIME = 10.0
"""Seconds within which a body must have come."""
AGAIN = 15
"""Seconds after which a sender is asked to come again when the record cannot be written."""

_BY_A_PROXY = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers that proxies add (RFC 7239; RFC 9110, 7.6.3): who sends does not sit at this machine then."""

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Refused(Exception):  # noqa: N818 - an answer, not a defect
    """A delivery that is answered with a refusal."""

    status: int
    words: str
    again: int = 0
    """Seconds after which it may be sent again; 0 where that is pointless."""
    quiet: bool = False
    """Nothing is said of it, for the same was said a moment ago: who is refused could fill a disk with it."""


def app(doors: Mapping[str, Door], intake: Intake, clock: Clock, log: Log) -> Starlette:
    """The application.

    Args:
        doors: by name; the last part of the address.
        log: takes one line for each request, without secrets.
    """
    pace = Pace()

    async def deliver(request: Request) -> Response:
        began, name, quiet = clock.monotonic(), request.path_params["name"], False
        sender = near(request.client.host) if request.client else "?"
        try:
            response, words = await _delivered(request, doors, intake, pace, sender, clock)
        except Refused as refused:
            response, words, quiet = _refusal(refused), refused.words, refused.quiet
        except ClientDisconnect:
            response, words = Response(status_code=400), "broke off"
        spent = (clock.monotonic() - began) * 1000
        if not quiet:
            log(f"{echo(clock.now())} {safe(name)[:40]} from {sender}: {response.status_code} {words} ({spent:.0f} ms)")
        return response

    async def ready(_: Request) -> Response:
        return Response("ready\n", media_type="text/plain")

    routes = [Route("/-/ready", ready, methods=["GET"]), Route("/{name}", deliver, methods=["POST"])]
    return Starlette(routes=routes)


async def _delivered(
    request: Request, doors: Mapping[str, Door], intake: Intake, pace: Pace, sender: str, clock: Clock
) -> tuple[Response, str]:
    """The answer to a delivery that was recorded or known, and what the log says of it. Raises Refused."""
    door = doors.get(request.path_params["name"])
    forbidden = _forbidden(request.headers) if door and door.guard.is_open else ""
    verdict = door.guard.admits(request.headers) if door and not forbidden else "no"
    # Who shows no token does not use up what others may send: behind a proxy all have one address.
    who = f"{sender} {verdict}"
    known = pace.is_refused(who)
    if wait := pace.wait(who, clock.monotonic()):
        raise Refused(429, "too many requests", math.ceil(wait), quiet=known)
    if forbidden:
        raise Refused(403, forbidden)
    if door is None:
        raise Refused(404, f"there is no such intake; there are {', '.join(f'/{name}' for name in doors)}")
    if verdict == "no":
        raise Refused(401, "not authorized; send the intake's token, or sign the body with its secret")
    body = await _body(request)
    if verdict == "by the body" and not door.guard.is_signed(request.headers, body):
        raise Refused(401, "the signature is of another body, or made with another secret")
    try:
        came = await asyncio.to_thread(_read, door, body)
        taken = await intake.take(door.name, came.notices, door.service)
    except IntakeError as error:
        raise Refused(400, f"the body {error}") from None
    except JournalError as error:
        raise Refused(503, safe(str(error)), AGAIN) from None
    status = 202 if taken.entries else 200
    words = f"{taken.words}; {_unread(came)}" if came.unread else taken.words
    said = {"status": words, "alerts": taken.alerts, "recorded": taken.entries}
    return JSONResponse(said | ({"unread": len(came.unread)} if came.unread else {}), status), words


def _unread(came: Delivery) -> str:
    count = len(came.unread)
    return f"{count} of its alerts cannot be read: {came.unread[0]}" + (f", and {count - 1} more" if count > 1 else "")


def _forbidden(headers: Mapping[str, str]) -> str:
    """Why nobody may send what nothing guards, by where it comes from; empty where he may."""
    if "origin" in headers:
        # any page may post to this machine: browsers, and they alone, say whose it is (RFC 6454, 7)
        return "a page in a browser may not send without a token; give --token-env"
    if any(name in headers for name in _BY_A_PROXY):
        return "what comes by a proxy may come from anywhere, and nothing guards the intake; give --token-env"
    return ""


def _read(door: Door, body: bytes) -> Delivery:
    return delivery(door.mapping, decode(body))


async def _body(request: Request) -> bytes:
    """The body; raises Refused where it is packed, too large or too slow, without reading on."""
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise Refused(415, f"the body is packed ({safe(packed)[:40]}): send it as it is")
    said = request.headers.get("content-length", "")
    if len(said) > _DIGITS or (said.isdecimal() and int(said) > LARGEST):
        raise Refused(413, f"the body is larger than {LARGEST // 1024} KB")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIME):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    raise Refused(413, f"the body is larger than {LARGEST // 1024} KB")
    except TimeoutError:
        raise Refused(408, f"the body did not come within {BODY_TIME:g} s") from None
    return bytes(body)


def _refusal(refused: Refused) -> Response:
    """The answer; the connection ends with it, for the body may not have been read."""
    headers = {"Connection": "close"}
    if refused.again:
        headers["Retry-After"] = str(refused.again)
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="cockpit intake"'
    return JSONResponse({"error": refused.words}, refused.status, headers)
