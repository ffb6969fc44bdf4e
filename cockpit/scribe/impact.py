"""The impact as far as the record knows it: when which signal was not well, and how bad it became."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.quantities import bound, quantity
from cockpit.incident.times import lasting
from cockpit.scribe.escape import inline
from cockpit.scribe.parts import NOT_RECORDED, Case, fact, facts, heading, table

_ALARMING = ("warning", "breach")


class _Episode(Struct):
    """A stretch of time in which a signal was not well. `last` is None while it is not over; `flaps` says that it went
    to and fro meanwhile, and `settled` that it does so no more."""

    what: str
    first: datetime
    level: str = ""
    peak: float | None = None
    worst: str = ""
    last: datetime | None = None
    flaps: bool = False
    settled: bool = False


def impact(case: Case) -> str:
    """What the record knows of the impact, and what it does not."""
    unknown = _said(case)
    rows = [_row(case, episode) for episode in _episodes(case)]
    heads = ("Signal", "Level", "From", "Until", "Lasted", "Worst recorded")
    nothing = "No threshold was crossed, no pod crashed and no endpoint failed in this record."
    signals = table(heads, rows) if rows else nothing
    return "\n\n".join([heading(2, "Impact"), unknown, signals])


def _said(case: Case) -> str:
    """What people said of it, the latest word of each question; what nobody said is not recorded."""
    said = case.state.impact or kinds.Impact()
    affected = [f"{inline(name)} ({each.state})" for name, (each, _) in case.state.affected.items()]
    flags = {"data": said.data, "security": said.security, "regulatory": said.regulatory}
    told = [f"{name} {'yes' if value else 'no'}" for name, value in flags.items() if value is not None]
    silent = [name for name, value in flags.items() if value is None]
    flagged = ", ".join([*told, *([f"{' and '.join(silent)} {NOT_RECORDED}"] if told and silent else [])])
    return facts(
        fact("What", inline(said.text)) if said.text else "",
        fact("Customers affected", ", ".join(inline(part) for part in (said.who, said.how_many) if part)),
        fact("Since", case.clock(said.since)) if said.since else "",
        fact("Trend", said.trend) if said.trend else "",
        fact("Services", ", ".join(affected)) if affected else "",
        fact("Data, security, regulatory", flagged),
    )


def _row(case: Case, episode: _Episode) -> tuple[str, ...]:
    going_on = "flapping" if episode.flaps and not episode.settled else "not over"
    until = case.clock(episode.last) if episode.last else going_on
    lasted = lasting((episode.last - episode.first).total_seconds()) if episode.last else ""
    worst = inline(episode.worst) or "unknown"
    level = f"{episode.level}, flapping" if episode.flaps else episode.level
    return inline(episode.what), inline(level), case.clock(episode.first), until, lasted, worst


def _episodes(case: Case) -> list[_Episode]:
    """Every stretch, in the order in which they began."""
    running: dict[str, _Episode] = {}
    latest: dict[str, _Episode] = {}
    every: list[_Episode] = []
    for entry in case.entries:
        read = _READERS.get(entry.kind)
        payload = kinds.read(entry) if read or entry.kind in _LOOKS else None
        if isinstance(payload, kinds.RunEffect | kinds.Snapshot):
            _look(running, payload.readings)
        if read is None or payload is None:
            continue
        key, what, alarming, over = read(payload)
        flaps = _flaps(payload)
        if flaps and key in latest:  # what was told to be over was not: it is the same stretch
            running[key] = latest[key]
            latest[key].last, latest[key].flaps, latest[key].settled = None, True, False
        elif over and key in running:
            running.pop(key).last = entry.occurred
        elif key in running:
            running[key].settled = True
        if alarming and key not in running:
            running[key] = latest[key] = _Episode(what, entry.occurred, flaps=flaps)
            every.append(running[key])
        if alarming:
            _worsen(running[key], payload)
    return every


def _flaps(payload: kinds.Payload) -> bool:
    """Whether it says that something goes to and fro, so that how it stands just now is not how it stays."""
    return bool(getattr(payload, "crossings", None)) and not getattr(payload, "settled", None)


_Reading = tuple[str, str, bool, bool]
"""Whose it is, its name, whether it says not well, whether it says well. Unknown says neither."""


def _threshold(crossed: kinds.Payload) -> _Reading:
    assert isinstance(crossed, kinds.ThresholdCrossed)
    return f"threshold {crossed.id}", crossed.title, crossed.state in _ALARMING, crossed.state == "ok"


def _pods(pods: kinds.Payload) -> _Reading:
    assert isinstance(pods, kinds.Pods)
    return "pods", "pods", pods.state != "recovered", pods.state == "recovered"


def _endpoint(changed: kinds.Payload) -> _Reading:
    assert isinstance(changed, kinds.EndpointChanged)
    return f"endpoint {changed.id}", f"endpoint {changed.id}", changed.state != "ok", changed.state == "ok"


_READERS: dict[str, Callable[[kinds.Payload], _Reading]] = {
    kinds.ThresholdCrossed.kind: _threshold,
    kinds.Pods.kind: _pods,
    kinds.EndpointChanged.kind: _endpoint,
}


_LOOKS = (kinds.RunEffect.kind, kinds.Snapshot.kind)
"""The kinds that keep what every signal read at a moment."""


def _look(running: dict[str, _Episode], readings: Iterable[kinds.Reading]) -> None:
    """Keep the worst value of the stretches that are not over: a crossing says only how bad it was when it began."""
    for reading in readings:
        episode = running.get(f"threshold {reading.id}")
        if episode is not None and reading.state in _ALARMING:
            _keep(episode, reading.value, _sign(reading.bound), quantity(reading.value, reading.unit))


def _sign(bound: str) -> int:
    """Whether more is worse, or less."""
    return -1 if bound.lstrip().startswith("<") else 1


def _worsen(episode: _Episode, payload: kinds.Payload) -> None:
    """Keep the worst level and the worst value."""
    if isinstance(payload, kinds.ThresholdCrossed):
        side = bound(payload.bound, payload.unit)
        if payload.state == "breach" or not episode.level:
            episode.level = f"{payload.state} ({side})" if side else payload.state
        value, sign = payload.value, _sign(payload.bound)
        worst = quantity(value, payload.unit)
    elif isinstance(payload, kinds.Pods):
        crashes = "crashing" in (payload.state, episode.level)
        episode.level, value, sign = "crashing" if crashes else "not ready", float(payload.count), 1
        worst = f"{payload.count}/{payload.total} {payload.reason}"
    elif isinstance(payload, kinds.EndpointChanged):
        value, sign = float(payload.state == "failing"), 1
        episode.level = "failing" if "failing" in (payload.state, episode.level) else payload.state
        worst = payload.reason
    _keep(episode, value, sign, worst)


def _keep(episode: _Episode, value: float | None, sign: int, worst: str) -> None:
    if value is not None and (episode.peak is None or sign * value >= sign * episode.peak):
        episode.peak, episode.worst = value, worst
