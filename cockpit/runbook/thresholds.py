"""The thresholds of a service: the runbook's, bound to queries and overridden by the configuration."""

from __future__ import annotations

from cockpit.config import Config, ConfigError, SignalConfig, SqlSignal, ThresholdOverride
from cockpit.runbook.model import Runbook, Source, Threshold


def thresholds(runbook: Runbook | None, config: Config, service: str) -> tuple[Threshold, ...]:
    """The runbook's thresholds in its order, then the signals that the configuration alone has.

    Raises:
        ConfigError: the configuration gives a signal another unit than the runbook, or bounds on opposite sides, or
            overrides a threshold that does not exist.
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
    return tuple(found.values())


def _bound(
    id: str, signal: SignalConfig | SqlSignal, known: Threshold | None, config: Config, service: str
) -> Threshold:
    where = config.where("services", service, "signals", id)
    if known is None:
        file, _, line = where.rpartition(":")
        source = Source(file=file, line=int(line))
        known = Threshold(id=id, title=id.replace("-", " "), unit=signal.unit, source=source)
    elif known.unit != signal.unit:
        message = f"{where}: `{id}` is in {signal.unit} here and in {known.unit} in the runbook ({known.source})"
        raise ConfigError(f"{message}; write {known.unit}, and let the query give that")
    query, sql = (None, signal.sql) if isinstance(signal, SqlSignal) else (signal.query, None)
    return known.model_copy(update={"query": query, "sql": sql})


def _overridden(known: Threshold, override: ThresholdOverride, config: Config, service: str) -> Threshold:
    given = {name: value for name in ("warning", "breach", "for_") if (value := getattr(override, name)) is not None}
    changed = known.model_copy(update=given)
    if changed.warning and changed.breach and changed.warning.upward != changed.breach.upward:
        where = config.where("services", service, "thresholds", known.id)
        sides = f"warning {changed.warning}, breach {changed.breach}"
        raise ConfigError(f"{where}: with the runbook's, `{known.id}` alarms on opposite sides ({sides}); give both")
    return changed
