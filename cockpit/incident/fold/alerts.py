"""How the alerts of monitoring systems change the state: what fires, since when, and what was first to tell."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.alerting import Standing
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.registry import folds
from cockpit.incident.state import State
from cockpit.values import replace


@folds(kinds.Detected)
def _detected(state: State, detected: kinds.Detected, entry: Entry) -> None:
    """What is noticed first counts; what an alert tells of an incident that is declared already is no detection."""
    if detected.alert is not None:
        _fires(state, detected, detected.alert, entry)
    if state.detected is None and (detected.alert is None or state.declared is None):
        state.detected, state.detected_by = Fact.of(entry), detected.source


def _fires(state: State, detected: kinds.Detected, alert: kinds.AlertKey, entry: Entry) -> None:
    words, news = detected.words or kinds.AlertWords(), False
    for fingerprint in alert.fingerprints:
        before = state.alerts.get(fingerprint)
        if before is not None and before.fires and before.began(alert.started):
            continue
        news = True
        state.alerts[fingerprint] = Standing(
            fingerprint, words.name, alert.origin, alert.started, Fact.of(entry), entry.recorded.at,
            (*(before.fired if before else ()), entry.occurred), alert.times, detected.what, words.severity, words.link,
            before.ended if before else None,
        )  # fmt: skip
    if not news:
        state.echoes |= {entry.id}


@folds(kinds.AlertResolved)
def _resolved(state: State, resolved: kinds.AlertResolved, entry: Entry) -> None:
    news = False
    for fingerprint in resolved.alert.fingerprints:
        before = state.alerts.get(fingerprint)
        if before is not None and before.fires:
            news = True
            state.alerts[fingerprint] = replace(before, fires=False, ended=Fact.of(entry))
    if not news:
        state.echoes |= {entry.id}
    elif state.declared is None:
        _was_another_thing(state)


def _was_another_thing(state: State) -> None:
    """What an alert told that was over before the declaration was no part of the incident: one that fires may be."""
    found = state.detected
    told = {each.fact.entry for each in state.alerts.values() if not each.fires}
    if found is None or found.entry not in told:
        return
    firing = [each.fact for each in state.alerts.values() if each.fires]
    state.detected = min(firing, key=lambda fact: fact.at, default=None)
    state.detected_by = state.detected_by if firing else ""


def declared_from(state: State, fingerprint: str | None) -> None:
    """An incident was declared from one alert: that one is by what it was detected, whatever else fires."""
    chosen = state.alerts.get(fingerprint or "")
    if chosen is not None and (state.detected is None or told_by_alert(state)):
        state.detected, state.detected_by = chosen.fact, "monitoring"


def told_by_alert(state: State) -> bool:
    """Whether it was an alert by which the incident was detected, and not somebody's word."""
    found = state.detected
    return found is not None and any(each.fact.entry == found.entry for each in state.alerts.values())
