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
        failing = any(each.state == "failing" for each, _ in state.endpoints.values())
        state.first_alarm = state.first_alarm if crossed or crashing or failing else None


def _echo(state: State, entry: Entry, so_already: bool) -> None:
    if so_already:
        state.echoes |= {entry.id}


def _as_told(crossed: kinds.ThresholdCrossed | kinds.EndpointChanged) -> tuple[str, int | None, bool | None]:
    return crossed.state, crossed.crossings, crossed.settled


@folds(kinds.ThresholdCrossed)
def _threshold(state: State, crossed: kinds.ThresholdCrossed, entry: Entry) -> None:
    known = state.thresholds.get(crossed.id)
    _echo(state, entry, known is not None and _as_told(known[0]) == _as_told(crossed))
    state.thresholds[crossed.id] = (crossed, Fact.of(entry))
    _alarm(state, entry, None if crossed.state == "unknown" else crossed.state == "breach")


@folds(kinds.Pods)
def _pods(state: State, pods: kinds.Pods, entry: Entry) -> None:
    if pods.state == "unready":
        earlier = state.unready.get(pods.reason)
        _echo(state, entry, earlier is not None and earlier[0].revision == pods.revision)
        state.unready[pods.reason] = (pods, Fact.of(entry))
        return
    known = state.pods[0] if state.pods else None
    same = known is not None and (known.state, known.count, known.revision) == (pods.state, pods.count, pods.revision)
    _echo(state, entry, same)
    state.pods = (pods, Fact.of(entry))
    if pods.state == "recovered":
        state.unready.clear()
    _alarm(state, entry, pods.state == "crashing")


@folds(kinds.Rollout)
def _rollout(state: State, rollout: kinds.Rollout, entry: Entry) -> None:
    known = state.rollout[0] if state.rollout else None
    _echo(state, entry, known is not None and (known.state, known.revision) == (rollout.state, rollout.revision))
    state.rollout = (rollout, Fact.of(entry))


@folds(kinds.EndpointChanged)
def _endpoint(state: State, endpoint: kinds.EndpointChanged, entry: Entry) -> None:
    known = state.endpoints.get(endpoint.id)
    _echo(state, entry, known is not None and _as_told(known[0]) == _as_told(endpoint))
    state.endpoints[endpoint.id] = (endpoint, Fact.of(entry))
    _alarm(state, entry, endpoint.state == "failing")


@folds(kinds.Source)
def _source(state: State, source: kinds.Source, entry: Entry) -> None:
    _echo(state, entry, source.source in state.sources and state.sources[source.source][0] == source.state)
    state.sources[source.source] = (source.state, Fact.of(entry))


@folds(kinds.Snapshot)
def _snapshot(state: State, snapshot: kinds.Snapshot, entry: Entry) -> None:
    state.snapshots += ((snapshot, Fact.of(entry)),)
