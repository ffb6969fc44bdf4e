"""The alerts that an Alertmanager lists, as its API gives them; one that lacks a part hides no other.

Shapes are those of https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant with its zone; what has none is refused."""
NO_TIME = datetime(1, 1, 1, tzinfo=UTC)
"""How Go, and so an Alertmanager, writes that there is none."""


class AlertStatus(msgspec.Struct, frozen=True):
    """Whether its receivers are told, and what keeps it from them."""

    state: str = "unprocessed"
    silencedBy: list[str] = []  # noqa: N815 - the API's name
    inhibitedBy: list[str] = []  # noqa: N815 - the API's name
    mutedBy: list[str] = []  # noqa: N815 - the API's name
    """Time intervals in which nobody is told (from version 0.28 on)."""


class GettableAlert(msgspec.Struct, frozen=True):
    """An alert, as the API gives it."""

    fingerprint: str
    labels: dict[str, str]
    startsAt: Instant  # noqa: N815 - the API's name
    annotations: dict[str, str] = {}
    status: AlertStatus = AlertStatus()
    generatorURL: str = ""  # noqa: N815 - the API's name


class _Odd(msgspec.Struct, frozen=True):
    """An alert of which nothing is sure but what it is known by."""

    fingerprint: str
    labels: Any = None
    startsAt: Any = None  # noqa: N815 - the API's name
    annotations: Any = None
    status: Any = None
    generatorURL: Any = None  # noqa: N815 - the API's name


_LIST = msgspec.json.Decoder(list[GettableAlert])
_EACH = msgspec.json.Decoder(list[msgspec.Raw])
_ALERT = msgspec.json.Decoder(GettableAlert)
_ODD = msgspec.json.Decoder(_Odd)


def alerts_of(body: bytes) -> list[GettableAlert]:
    """The alerts of an answer; what one of them lacks, or has in another form, is as if it were empty.

    Raises:
        msgspec.DecodeError: it is no list of alerts, or one of them has not even a fingerprint to be known by.
    """
    try:
        return _LIST.decode(body)
    except msgspec.ValidationError:
        return [_each(bytes(raw)) for raw in _EACH.decode(body)]


def _each(raw: bytes) -> GettableAlert:
    try:
        return _ALERT.decode(raw)
    except msgspec.ValidationError:
        odd = _ODD.decode(raw)
    status = odd.status if isinstance(odd.status, dict) else {}
    keeps = [_texts(status.get(each)) for each in ("silencedBy", "inhibitedBy", "mutedBy")]
    return GettableAlert(
        odd.fingerprint, _pairs(odd.labels), _instant(odd.startsAt), _pairs(odd.annotations),
        AlertStatus(str(status.get("state") or "unprocessed"), *keeps), str(odd.generatorURL or ""),
    )  # fmt: skip


def _pairs(value: Any) -> dict[str, str]:
    """Names and values; a value that is no text as it stands in JSON, and none for null."""
    given = value if isinstance(value, dict) else {}
    return {name: _text(each) for name, each in given.items() if each is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _texts(value: Any) -> list[str]:
    return [_text(each) for each in value] if isinstance(value, list) else []


def _instant(value: Any) -> datetime:
    try:
        return msgspec.convert(value, Instant)
    except msgspec.ValidationError:
        return NO_TIME
