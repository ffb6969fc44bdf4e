"""What can go wrong between the cockpit and a cluster, told for people: what failed, why, what to do now."""

from __future__ import annotations

import math
import shlex
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

import msgspec

from cockpit.kube.bounded import UNREADABLE
from cockpit.text import safe

Kind = Literal[
    "config",
    "unreachable",
    "unauthorized",
    "forbidden",
    "not-found",
    "gone",
    "conflict",
    "invalid",
    "throttled",
    "slow",
    "server",
]

_KINDS: dict[int, Kind] = {
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    409: "conflict",
    410: "gone",
    429: "throttled",
}

LONGEST_WAIT = 120.0
"""Seconds that a server may ask to be left alone for; more is a mistake somewhere between."""
_LONGEST_MESSAGE = 400
"""Characters of a server's message that are kept: an admission webhook may answer with pages."""


class KubeError(Exception):
    """A call to a cluster that did not succeed.

    Args:
        kind: what sort of failure it is; decides how a pane pictures it.
        message: what failed and why, cleaned.
        mend: one sentence on what to do now; empty where there is nothing to do but wait.
        status: the HTTP status, when the server answered.
        retry_after: the seconds that the server asks to be left alone for, when it does.
    """

    def __init__(
        self, kind: Kind, message: str, mend: str = "", status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.mend = mend
        self.status = status
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Message and mend in one line."""
        return f"{self.message}; {self.mend}" if self.mend else self.message


class Status(msgspec.Struct, frozen=True):
    """The API server's `Status` object, as far as it matters here."""

    kind: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0


_STATUS = msgspec.json.Decoder(Status)


def kind_of(status: int) -> Kind:
    """The kind of failure that an HTTP status of 400 and more stands for."""
    if status in _KINDS:
        return _KINDS[status]
    return "invalid" if 400 <= status < 500 else "server"


def mend_of(kind: Kind, context: str) -> str:
    """What a person can do now about a failure of this kind in `context`."""
    kubectl = f"kubectl --context {shlex.quote(context)}"
    return {
        "config": "check the kubeconfig, or name another context",
        "unreachable": f"check the network or VPN, then `{kubectl} version`",
        "unauthorized": f"log in again, then `{kubectl} auth whoami`",
        "forbidden": f"run `{kubectl} auth can-i --list` and ask for what is missing",
        "not-found": "check the name and the namespace",
        "gone": "",
        "conflict": "somebody else changed it meanwhile: look again, then repeat",
        "invalid": "",
        "throttled": "",
        "slow": f"what it says is shown as it comes; see why: `{kubectl} get --raw=/readyz?verbose`",
        "server": f"check the API server: `{kubectl} get --raw=/readyz?verbose`",
    }[kind]


def slow(context: str, since: datetime) -> KubeError:
    """The error for a server that has been asked and has not answered `since`; it is still waited for."""
    said = f"{context} has not answered since {since.astimezone(UTC):%H:%M:%S}Z: it is slow, or out of reach"
    return KubeError("slow", said, mend_of("slow", context))


def wait_of(header: str, now: datetime, longest: float = LONGEST_WAIT) -> float | None:
    """Seconds that a `Retry-After` asks to wait, at most `longest`: a number, or a date (RFC 9110, 10.2.3); None where
    it is neither."""
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), longest)


def from_answer(status: int, body: bytes, context: str, wait: float | None = None) -> KubeError:
    """The error for an answer with `status` >= 300: the Status message where there is one, else the body's start.

    Args:
        wait: the seconds that the server asks to be left alone for.
    """
    kind = kind_of(status)
    try:
        said = _STATUS.decode(body).message
    except UNREADABLE:
        said = body[:_LONGEST_MESSAGE].decode("utf-8", "replace")
    said = safe(said[: 4 * _LONGEST_MESSAGE].strip())[:_LONGEST_MESSAGE] or "no message"
    return KubeError(kind, f"{context} answered {status}: {said}", mend_of(kind, context), status, wait)


def is_status(body: bytes) -> bool:
    """Whether a body is the API server's own `Status`, and not what somebody behind it answered."""
    try:
        return _STATUS.decode(body).kind == "Status"
    except UNREADABLE:
        return False


def from_status(body: bytes, context: str) -> KubeError:
    """The error for a `Status` object that came inside a watch as an ERROR event.

    Raises nothing: what cannot be read is a `server` error.
    """
    try:
        code = _STATUS.decode(body).code or 500
    except UNREADABLE:
        code = 500
    return from_answer(code, body, context)
