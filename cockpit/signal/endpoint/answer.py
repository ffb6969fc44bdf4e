"""An HTTP answer held against what an endpoint should say; the same whichever way it came."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from cockpit.config import EndpointConfig, JsonCheck
from cockpit.config.jsonpath import value_at
from cockpit.signal.endpoint.check import Check, short

MOST = 64 * 1024
"""Bytes of a body that are looked at; more is not parsed on the event loop."""


class Answer(Struct, frozen=True):
    """What came.

    Attributes:
        body: its first `MOST` bytes; `whole` says that there were no more.
        latency: seconds until its headers were there; None when nobody measured.
        location: where a redirect leads that was not followed.
        broke: why the body broke off; empty when it did not.
    """

    status: int
    body: bytes = b""
    whole: bool = True
    latency: float | None = None
    location: str = ""
    broke: str = ""


def judged(wanted: EndpointConfig, answer: Answer) -> Check:
    """The check of an answer."""
    reason = _wrong(wanted, answer)
    return Check("failing" if reason else "ok", reason, answer.latency, _came(answer))


def _wrong(wanted: EndpointConfig, answer: Answer) -> str:
    """Why the answer is not what it should be; empty when it is."""
    if not any(low <= answer.status <= high for low, high in wanted.expect):
        to = f" and leads to {short(answer.location)}" if answer.location else ""
        return f"it answered {answer.status}{to}, expected {_spans(wanted.expect)}"
    if answer.broke:
        return answer.broke
    text = answer.body.decode("utf-8", "replace")
    if wanted.body and wanted.body.contains not in text:
        return f"its body does not hold {_quoted(wanted.body.contains)}{_so_far(answer)}"
    return _wrong_json(wanted.json_, text, answer) if wanted.json_ else ""


def _wrong_json(wanted: JsonCheck, text: str, answer: Answer) -> str:
    try:
        found = value_at(json.loads(text), wanted.path)
    except LookupError:
        return f"its body has no {wanted.path}"
    except (ValueError, RecursionError):
        return f"its body is no JSON{_so_far(answer)}"
    if found == wanted.equals and isinstance(found, bool) == isinstance(wanted.equals, bool):
        return ""
    return f"{wanted.path} is {_quoted(found)}, expected {_quoted(wanted.equals)}"


def _so_far(answer: Answer) -> str:
    return "" if answer.whole else f" in its first {MOST >> 10} KiB"


def _quoted(value: Any) -> str:
    try:
        return short(json.dumps(value, ensure_ascii=False))
    except RecursionError:  # it nests about as deeply as can be read, and writing goes less deep
        return "nested too deeply to be shown"


def _spans(spans: tuple[tuple[int, int], ...]) -> str:
    return " or ".join(str(low) if low == high else f"{low}-{high}" for low, high in spans)


def _came(answer: Answer) -> str:
    try:
        phrase = f" {HTTPStatus(answer.status).phrase}"
    except ValueError:
        phrase = ""
    body = short(answer.body.decode("utf-8", "replace"))
    return f"{answer.status}{phrase}" + (f" · {body}" if body else "")
