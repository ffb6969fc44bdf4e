"""The words for what the signals said."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import BAD, GOOD, RUN, UNKNOWN, Said, Tone, joined, words
from cockpit.incident.quantities import beside, bound, quantity, took
from cockpit.incident.state import State

_THRESHOLD: dict[str, tuple[str, Tone]] = {"breach": (BAD, "bad"), "warning": (BAD, "warn"), "ok": (GOOD, "good")}


@words(kinds.ThresholdCrossed)
def _threshold(crossed: kinds.ThresholdCrossed, _: State, __: Entry) -> Said:
    return threshold_words(crossed)


def threshold_words(crossed: kinds.ThresholdCrossed) -> Said:
    """How a threshold that changed its state reads."""
    if crossed.state not in _THRESHOLD:
        return UNKNOWN, "quiet", _flapping(crossed) if crossed.crossings else f"{crossed.title} {crossed.state}"
    glyph, tone = _THRESHOLD[crossed.state]
    if crossed.crossings:
        return glyph, tone, _flapping(crossed)
    reading = f"{crossed.title} {quantity(crossed.value, crossed.unit)}" if crossed.value is not None else crossed.title
    if crossed.state != "ok" and crossed.far and " of normal" in crossed.far:
        return glyph, tone, f"{reading} is {crossed.far}"
    if crossed.state != "ok" and crossed.bound and crossed.value is not None:
        return glyph, tone, f"{crossed.title} {beside(crossed.value, crossed.bound, crossed.unit)}"
    if crossed.state != "ok":
        return glyph, tone, f"{reading} {bound(crossed.bound, crossed.unit) or f'in {crossed.state}'}"
    return glyph, tone, f"{reading}, ok again" if crossed.before in ("warning", "breach") else f"{reading}, ok"


def _flapping(crossed: kinds.ThresholdCrossed) -> str:
    often = f"{crossed.crossings} crossings in {took(crossed.lasted or 0.0)}"
    if not crossed.settled:
        return f"{crossed.title} flaps: {often}, now {crossed.state}"
    value = "" if crossed.value is None else f" {quantity(crossed.value, crossed.unit)},"
    return f"{crossed.title}{value} settled: {crossed.state} after {often}"


_UNREADY = {"Unschedulable": "cannot be scheduled", "NotReady": "not ready", "NodeLost": "on a lost node"}


@words(kinds.Pods)
def _pods(pods: kinds.Pods, _: State, __: Entry) -> Said:
    return pods_words(pods)


def pods_words(pods: kinds.Pods) -> Said:
    """How pods that crash, do not serve or are well again read."""
    of = f"{pods.count}/{pods.total} pods" if pods.total else "pods"
    if pods.state == "recovered":
        return GOOD, "good", f"{of} ready again"
    if pods.state == "unready":
        what = f"{of} {_UNREADY.get(pods.reason, f'do not serve ({pods.reason})')}"
        return BAD, "warn", joined(what, pods.detail) if pods.detail else joined(what, pods.release, " since ")
    said = joined(joined(f"{of} crash", pods.reason), pods.release, " since ")
    return BAD, "bad", joined(said, pods.detail or "", ", ")


_ROLLOUT: dict[str, tuple[str, Tone]] = {"began": (RUN, "warn"), "finished": (GOOD, "good"), "stalled": (BAD, "bad")}


@words(kinds.Rollout)
def _rollout(rollout: kinds.Rollout, _: State, __: Entry) -> Said:
    glyph, tone = _ROLLOUT[rollout.state]
    what = rollout.release or (f"rev {rollout.revision}" if rollout.revision else rollout.deployment)
    more = (rollout.cause, rollout.detail) if rollout.state == "began" else (rollout.detail,)
    return glyph, tone, joined(f"rollout {what} {rollout.state}", "; ".join(filter(None, more)))


_ENDPOINT: dict[str, tuple[str, Tone]] = {"failing": (BAD, "bad"), "warning": (BAD, "warn"), "ok": (GOOD, "good")}


@words(kinds.EndpointChanged)
def _endpoint(endpoint: kinds.EndpointChanged, _: State, __: Entry) -> Said:
    return endpoint_words(endpoint)


def endpoint_words(endpoint: kinds.EndpointChanged) -> Said:
    """How an endpoint that answers otherwise reads."""
    glyph, tone = _ENDPOINT[endpoint.state]
    if endpoint.crossings:
        often = f"{endpoint.crossings} times in {took(endpoint.lasted or 0.0)}"
        flaps, settled = f"flaps: {often}, now {endpoint.state}", f"settled: {endpoint.state} after it changed {often}"
        return glyph, tone, f"endpoint {endpoint.id} {settled if endpoint.settled else flaps}"
    if endpoint.state == "ok":
        return glyph, tone, f"endpoint {endpoint.id} {'ok' if endpoint.before == 'unknown' else 'ok again'}"
    return glyph, tone, joined(f"endpoint {endpoint.id} {endpoint.state}", endpoint.reason)


@words(kinds.Source)
def _source(source: kinds.Source, _: State, __: Entry) -> Said:
    if source.state == "back":
        return GOOD, "good", f"{source.source} back"
    return UNKNOWN, "quiet", joined(f"{source.source} lost", source.detail)


@words(kinds.Snapshot)
def _snapshot(snapshot: kinds.Snapshot, _: State, __: Entry) -> Said:
    known = sum(reading.value is not None for reading in snapshot.readings)
    pods = f", {snapshot.ready}/{snapshot.wanted} ready" if snapshot.ready is not None else ""
    return "", "quiet", f"metrics at {snapshot.moment}: {known}/{len(snapshot.readings)} known{pods}"
