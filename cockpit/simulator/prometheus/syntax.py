"""The shape of an expression after parsing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cockpit.simulator.prometheus.labels import Matcher

ValueType = Literal["scalar", "string", "instant vector", "range vector"]

COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
SET_OPERATORS = frozenset({"and", "or", "unless"})
AGGREGATIONS = frozenset({"sum", "avg", "min", "max", "count"})


@dataclass(frozen=True, slots=True)
class Number:
    """A literal such as `100` or `Inf`."""

    value: float
    type: ValueType = "scalar"


@dataclass(frozen=True, slots=True)
class Text:
    """A literal in quotes."""

    value: str
    type: ValueType = "string"


@dataclass(frozen=True, slots=True)
class Selector:
    """`name{label="value"} offset 5m`, with `[1m]` when `window` is set; both in milliseconds."""

    matchers: tuple[Matcher, ...]
    window: int | None = None
    offset: int = 0

    @property
    def type(self) -> ValueType:
        """A window makes it a range vector."""
        return "instant vector" if self.window is None else "range vector"


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple[Expression, ...]
    type: ValueType


@dataclass(frozen=True, slots=True)
class Aggregation:
    """`sum by (pod) (…)`; `without` tells which way `grouping` is meant."""

    operator: str
    expression: Expression
    grouping: tuple[str, ...] = ()
    without: bool = False
    type: ValueType = "instant vector"


@dataclass(frozen=True, slots=True)
class Matching:
    """How the samples of two vectors find each other: `on` or ignoring `names`; `many` is the side of `group_…`."""

    names: tuple[str, ...] = ()
    on: bool = False
    many: Literal["left", "right", ""] = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions around an operator; `as_bool` for a comparison that gives 0 and 1."""

    operator: str
    left: Expression
    right: Expression
    type: ValueType
    matching: Matching = Matching()
    as_bool: bool = False


@dataclass(frozen=True, slots=True)
class Negation:
    """A minus before an expression."""

    expression: Expression
    type: ValueType


Expression = Number | Text | Selector | Call | Aggregation | Binary | Negation
