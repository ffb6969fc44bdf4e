"""The thresholds of a service: the runbook's, bound to queries and overridden by the configuration."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from cockpit.config import (
    PODS_WINDOW,
    Config,
    ConfigError,
    Earlier,
    EndpointSignal,
    PodsSignal,
    SignalConfig,
    SqlSignal,
    ThresholdOverride,
    check_bounds,
    unit_of_pods,
)
from cockpit.runbook.model import Runbook, Source, Threshold

_OWN_PAST = 3600.0
Signal = SignalConfig | SqlSignal | PodsSignal | EndpointSignal


def thresholds(runbook: Runbook | None, config: Config, service: str) -> tuple[Threshold, ...]:
    """The runbook's thresholds in its order, then the signals that the configuration alone has.

    Raises:
        ConfigError: the configuration gives a signal another unit than the runbook, bounds that contradict each other
            or are held against a normal that nothing tells, or overrides a threshold that does not exist.
    """
    configured = config.services[service]
    found = {each.id: each for each in (runbook.thresholds if runbook else ())}
    for id, signal in configured.signals.items():
        found[id] = _bound(id, signal, found.get(id), config, service)
    for id, override in configured.thresholds.items():
        if id not in found:
            known = ", ".join(found) or "none"
            where = config.where("services", service, "thresholds", id)
            raise ConfigError(f"{where}: there is no threshold `{id}` to override; known: {known}")
        found[id] = _overridden(found[id], override, config, service)
    for each in found.values():
        _check_past(each, config.where("services", service, "thresholds", each.id))
    return tuple(found.values())


def _bound(id: str, signal: Signal, known: Threshold | None, config: Config, service: str) -> Threshold:
    where = config.where("services", service, "signals", id)
    unit = unit_of_pods(signal.pods) if isinstance(signal, PodsSignal) else signal.unit
    if known is None:
        file, _, line = where.rpartition(":")
        source = Source(file=file, line=int(line))
        known = Threshold(id=id, title=id.replace("-", " "), unit=unit, source=source)
    elif known.unit != unit:
        message = f"{where}: `{id}` is in {unit} here and in {known.unit} in the runbook ({known.source})"
        raise ConfigError(f"{message}; write {known.unit}, and let the query give that")
    elif isinstance(signal, PodsSignal) and signal.pods == "restarts" and known.window not in (None, PODS_WINDOW):
        raise ConfigError(
            f"{where}: `{id}` has another window in the runbook ({known.source}) than 10m; give it a query"
        )
    return known.model_copy(update={"query": None, "sql": None, "pods": None, "endpoint": None} | _origin(signal))


def _origin(signal: Signal) -> dict[str, object]:
    """Where the value comes from."""
    if isinstance(signal, PodsSignal):
        return {"pods": signal.pods}
    if isinstance(signal, EndpointSignal):
        return {"endpoint": signal.endpoint}
    return {"sql": signal.sql} if isinstance(signal, SqlSignal) else {"query": signal.query}


def _check_past(threshold: Threshold, where: str) -> None:
    """What is normal can be asked of a Prometheus for any time; of what only the cockpit reads, for the last hour."""
    how = threshold.baseline
    if threshold.query or not threshold.is_read or not isinstance(how, Earlier):
        return
    if how.offset + how.over > _OWN_PAST:
        what = f"{where}: `{threshold.id}` is not read from a Prometheus, and only its last hour is kept"
        raise ConfigError(f"{what}; let the baseline's `offset` and `over` be 1h together, or write a number")


def _overridden(known: Threshold, override: ThresholdOverride, config: Config, service: str) -> Threshold:
    names = ("warning", "breach", "for_", "clear", "keep_firing_for", "baseline")
    given = {name: value for name in names if (value := getattr(override, name)) is not None}
    changed = known.model_copy(update=given)
    where = config.where("services", service, "thresholds", known.id)
    if changed.warning and changed.breach and changed.warning.upward != changed.breach.upward:
        sides = f"warning {changed.warning}, breach {changed.breach}"
        raise ConfigError(f"{where}: with the runbook's, `{known.id}` alarms on opposite sides ({sides}); give both")
    try:
        check_bounds(changed.warning, changed.breach, changed.clear)
    except PydanticCustomError as error:
        raise ConfigError(f"{where}: with the runbook's, `{known.id}` {error}") from None
    bounds = (changed.warning, changed.breach, changed.clear)
    if changed.baseline is None and any(each is not None and each.relative for each in bounds):
        mend = "add `baseline: {offset: 1d, over: 1h}`, or the number that is normal"
        raise ConfigError(
            f"{where}: `{known.id}` is held against what is normal, and nothing says what that is; {mend}"
        )
    return changed
