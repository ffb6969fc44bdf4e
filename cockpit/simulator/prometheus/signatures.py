"""Which functions there are, with the types of their arguments and results."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.simulator.prometheus.syntax import ValueType


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's arguments, of which the last `optional` may be left out, and what it gives."""

    arguments: tuple[ValueType, ...]
    gives: ValueType = "instant vector"
    optional: int = 0


_OVER_RANGE = Signature(("range vector",))
_OVER_VECTOR = Signature(("instant vector",))
_CLAMP = Signature(("instant vector", "scalar"))

SIGNATURES: dict[str, Signature] = {
    "abs": _OVER_VECTOR,
    "absent": _OVER_VECTOR,
    "avg_over_time": _OVER_RANGE,
    "clamp_max": _CLAMP,
    "clamp_min": _CLAMP,
    "delta": _OVER_RANGE,
    "histogram_quantile": Signature(("scalar", "instant vector")),
    "increase": _OVER_RANGE,
    "irate": _OVER_RANGE,
    "label_replace": Signature(("instant vector", "string", "string", "string", "string")),
    "max_over_time": _OVER_RANGE,
    "min_over_time": _OVER_RANGE,
    "rate": _OVER_RANGE,
    "round": Signature(("instant vector", "scalar"), optional=1),
    "scalar": Signature(("instant vector",), gives="scalar"),
    "time": Signature((), gives="scalar"),
    "vector": Signature(("scalar",)),
}
