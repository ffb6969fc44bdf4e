"""A threshold as a runbook has it: what is healthy and what is not, and where the value comes from."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config import (
    PODS_WINDOW,
    Baseline,
    Bound,
    Duration,
    PodsReading,
    Unit,
    YamlMapping,
    check_bounds,
    unit_of_pods,
)
from cockpit.runbook.source import Id, Source, Sourced, Words


class Threshold(Sourced):
    """A bound on a signal. Without a query, SQL or a reading of pods it is unbound until a configuration binds it.

    Attributes:
        healthy: the document's words for the good state.
        warning: the alarming side of a "should be"; it may be a share of what is normal, as `< 50 % of normal`.
        breach: the alarming side of a "critical alert".
        baseline: what is normal: a number, or the signal's own mean over a while so long ago.
        for_: seconds that a bound must be passed before the state changes.
        clear: the good side at which an alarm is over; without it, as soon as its bound is not passed any more.
        keep_firing_for: seconds that an alarm goes on after its bound was last passed.
        window: seconds over which the document looks ("in 10 minutes").
        ask: what a person must still decide, such as which side of a number is the healthy one.
        query: PromQL.
        sql: instead of a query, one SELECT of one row with one number, which the service's database answers.
        pods: instead of both, what of the service's pods is read.
        endpoint: instead of all these, the name of the endpoint in cockpit.yaml whose latency it is.
    """

    id: Id
    title: Words
    unit: Unit
    healthy: str = ""
    warning: Bound | None = None
    breach: Bound | None = None
    baseline: Baseline | None = None
    for_: Duration = Field(default=0.0, alias="for")
    clear: Bound | None = None
    keep_firing_for: Duration = 0.0
    window: Duration | None = None
    ask: str = ""
    query: str | None = None
    sql: str | None = None
    pods: PodsReading | None = None
    endpoint: Id | None = None
    breach_source: Source | None = None

    @property
    def is_read(self) -> bool:
        """Whether something says where its value comes from."""
        return bool(self.query or self.sql or self.pods or self.endpoint)

    @model_validator(mode="before")
    @classmethod
    def _cite_breach(cls, data: Any) -> Any:
        given = data.get("breach_source") if isinstance(data, dict) else None
        if isinstance(given, int) and isinstance(data, YamlMapping):
            return data.having(breach_source={"file": data.document or data.file, "line": given})
        return data

    @model_validator(mode="after")
    def _fit(self) -> Threshold:
        check_bounds(self.warning, self.breach, self.clear)
        given = [f"`{name}`" for name in ("query", "sql", "pods", "endpoint") if getattr(self, name)]
        if len(given) > 1:
            message = "has {given}; its value can come from one of them only"
            raise PydanticCustomError("origin", message, {"given": " and ".join(given)})
        if self.pods and self.unit != (measured := unit_of_pods(self.pods)):
            raise PydanticCustomError("unit", "is in {unit} where pods give it", {"unit": measured})
        if self.endpoint and self.unit not in ("seconds", "milliseconds"):
            raise PydanticCustomError("unit", "is no time; an endpoint gives seconds or milliseconds")
        if self.pods == "restarts" and self.window not in (None, PODS_WINDOW):
            raise PydanticCustomError("window", "has another window than 10m, over which pods tell their restarts")
        return self
