"""How what the signals said changes the state."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.registry import folds
from cockpit.incident.state import State


def _alarm(state: State, entry: Entry, alarming: bool | None) -> None:
    """Keep when the first signal was in breach; what was over before the declaration was another thing.

    Of a signal that cannot be read any more (None) nobody knows that it is over.
    """
    if alarming:
        state.first_alarm = state.first_alarm or Fact.of(entry)
    elif alarming is False and state.declared is None:
        crossed = any(each.state == "breach" for each, _ in state.thresholds.values())
        crashing = state.pods is not None and state.pods[0].state == "crashing"
        state.first_alarm = state.first_alarm if crossed or crashing else None


@folds(kinds.ThresholdCrossed)
def _threshold(state: State, crossed: kinds.ThresholdCrossed, entry: Entry) -> None:
    state.thresholds[crossed.id] = (crossed, Fact.of(entry))
    _alarm(state, entry, None if crossed.state == "unknown" else crossed.state == "breach")


@folds(kinds.Pods)
def _pods(state: State, pods: kinds.Pods, entry: Entry) -> None:
    state.pods = (pods, Fact.of(entry))
    _alarm(state, entry, pods.state == "crashing")


@folds(kinds.Rollout)
def _rollout(state: State, rollout: kinds.Rollout, entry: Entry) -> None:
    state.rollout = (rollout, Fact.of(entry))


@folds(kinds.Source)
def _source(state: State, source: kinds.Source, entry: Entry) -> None:
    state.sources[source.source] = (source.state, Fact.of(entry))


@folds(kinds.Snapshot)
def _snapshot(state: State, snapshot: kinds.Snapshot, entry: Entry) -> None:
    state.snapshots += ((snapshot, Fact.of(entry)),)
