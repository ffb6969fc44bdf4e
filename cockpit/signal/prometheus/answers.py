"""The JSON of Prometheus' HTTP API, read as numbers: what is no number says why.

Shapes and error types are those of https://prometheus.io/docs/prometheus/latest/querying/api/.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from msgspec import Struct

from cockpit.signal.prometheus.errors import Undefined
from cockpit.text import safe

MARK = "cockpit_signal"
"""The label by which a joined query tells whose an element is."""
_SMALL = 64 * 1024
_MOST_REMARKS = 100
_LATEST = 32503680000.0
"""The year 3000, in seconds since 1970: a later time is none, and dates end not long after it."""
Read = TypeVar("Read")


class _Data(msgspec.Struct, frozen=True):
    resultType: str = ""  # noqa: N815 - the API's name
    result: msgspec.Raw = msgspec.Raw(b"[]")


class Answer(msgspec.Struct, frozen=True):
    """What stands around a result, good or bad. Lists may be null, as Go encodes a nil slice."""

    status: str = ""
    data: _Data = _Data()
    errorType: str = ""  # noqa: N815 - the API's name
    error: str = ""
    warnings: list[str] | None = None
    infos: list[str] | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """Its warnings and infos, cleaned."""
        return tuple(safe(each[:1200])[:300] for each in (*(self.warnings or ()), *(self.infos or ()))[:_MOST_REMARKS])


class _Element(msgspec.Struct, frozen=True):
    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None


class _Series(msgspec.Struct, frozen=True):
    metric: dict[str, str] = {}
    values: list[tuple[float, str]] = []


class Point(Struct, frozen=True):
    """One value of a query's past; `value` None where it was no number."""

    at: datetime
    value: float | None


class Vector(Struct, frozen=True):
    """The elements of an answer at one moment.

    Attributes:
        at: the server's time of the evaluation.
        values: by mark, the values as texts; None for a histogram. What has no mark has the empty one.
        remarks: the server's warnings and infos.
    """

    at: datetime | None
    values: Mapping[str, Sequence[str | None]]
    remarks: tuple[str, ...] = ()
    scalar: bool = False


async def read(body: bytes, how: Callable[[bytes], Read]) -> Read:
    """`how(body)`, in a thread unless it is small. Raises what that raises, and msgspec.DecodeError."""
    try:
        return how(body) if len(body) <= _SMALL else await asyncio.to_thread(how, body)
    except RecursionError:
        raise msgspec.DecodeError("JSON is nested too deep") from None


def answer(body: bytes) -> Answer:
    """What stands around a result. Raises msgspec.DecodeError."""
    return _ANSWER.decode(body)


def vector(whole: Answer) -> Vector:
    """A vector, or a scalar as one. Raises Undefined for other types, msgspec.DecodeError."""
    data = whole.data
    if data.resultType == "scalar":
        at, text = _SCALAR.decode(data.result)
        return Vector(_utc(at), {"": [text]}, whole.remarks, scalar=True)
    if data.resultType != "vector":
        raise Undefined(f"the query gives a {safe(data.resultType)}, not one number")
    elements = _VECTOR.decode(data.result) or ()
    values: dict[str, list[str | None]] = {}
    for each in elements:
        values.setdefault(each.metric.get(MARK, ""), []).append(each.value[1] if each.value else None)
    moment = next((each.value[0] for each in elements if each.value), None)
    return Vector(None if moment is None else _utc(moment), values, whole.remarks)


def pasts(whole: Answer) -> dict[str, list[Point]]:
    """The points of a matrix by mark, oldest first; where several series overlap there is no number.

    Raises:
        msgspec.DecodeError: it is no matrix.
    """
    found: dict[str, dict[float, float | None]] = {}
    for series in _MATRIX.decode(whole.data.result) or ():
        points = found.setdefault(series.metric.get(MARK, ""), {})
        for second, text in series.values:
            points[second] = None if second in points else _finite(text)
    return {mark: [Point(_utc(second), points[second]) for second in sorted(points)] for mark, points in found.items()}


def number(values: Sequence[str | None]) -> float:
    """The one number that the elements of a query are. Raises Undefined, which says why they are none."""
    if not values:
        raise Undefined("the query gives nothing: no such series now")
    if len(values) > 1:
        raise Undefined(f"the query gives {len(values)} series; wrap it in sum() or max()")
    if values[0] is None:
        raise Undefined("the query gives a native histogram; wrap it in histogram_quantile()")
    try:
        value = float(values[0])
    except ValueError:
        raise Undefined("the query gives what is no number") from None
    if math.isnan(value):
        raise Undefined("the query gives NaN: nothing divided by nothing, as when there are no requests")
    if math.isinf(value):
        raise Undefined(f"the query gives {'+' if value > 0 else '-'}Inf: something divided by nothing")
    return value


_ANSWER = msgspec.json.Decoder(Answer)
_SCALAR = msgspec.json.Decoder(tuple[float, str])
_VECTOR = msgspec.json.Decoder(list[_Element] | None)
_MATRIX = msgspec.json.Decoder(list[_Series] | None)


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _utc(seconds: float) -> datetime:
    """A moment. Raises msgspec.ValidationError for one that no server's clock shows."""
    if not 0 <= seconds <= _LATEST:
        raise msgspec.ValidationError(f"a time that is none: {seconds:g}")
    return datetime.fromtimestamp(seconds, UTC)
