"""The JSON of the HTTP API: results and errors in Prometheus' shapes."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from cockpit.simulator.prometheus.numbers import written
from cockpit.simulator.prometheus.syntax import ValueType
from cockpit.simulator.prometheus.values import Matrix, Sample, Value, Window

_RESULT_TYPES = {"scalar": "scalar", "string": "string", "instant vector": "vector", "range vector": "matrix"}


def success(data: Any) -> JSONResponse:
    """200 with `data`."""
    return JSONResponse({"status": "success", "data": data})


def failure(status: int, kind: str, message: str) -> JSONResponse:
    """An error; `kind` is Prometheus' errorType."""
    return JSONResponse({"status": "error", "errorType": kind, "error": message}, status_code=status)


def bad_data(message: str) -> JSONResponse:
    """400: the request is wrong."""
    return failure(400, "bad_data", message)


def result(type_: ValueType, value: Value, time: int) -> dict[str, Any]:
    """The `data` of a query at one moment (`time` in milliseconds)."""
    if isinstance(value, float):
        inner: Any = [time / 1000, written(value, exponents=False)]
    elif isinstance(value, str):
        inner = [time / 1000, value]
    else:
        inner = [_element(element, time) for element in value]
    return {"resultType": _RESULT_TYPES[type_], "result": inner}


def matrix(windows: Matrix) -> dict[str, Any]:
    """The `data` of a query over a range."""
    return {"resultType": "matrix", "result": [_element(window, 0) for window in windows]}


def _element(element: Sample | Window, time: int) -> dict[str, Any]:
    if isinstance(element, Sample):
        return {"metric": dict(element.labels), "value": [time / 1000, written(element.value)]}
    points = zip(element.times, element.values, strict=True)
    return {"metric": dict(element.labels), "values": [[moment / 1000, written(value)] for moment, value in points]}
