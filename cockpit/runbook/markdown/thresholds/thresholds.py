"""Thresholds of a document: its numbers with their side, unit, window and query, those of one metric joined to one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cockpit.config import PODS_WINDOW, Bound, Unit
from cockpit.runbook.markdown.findings import Given, Notes, Read
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.markdown.text.inline import plain
from cockpit.runbook.markdown.thresholds.alerts import Rule, rules
from cockpit.runbook.markdown.thresholds.bounds import stated
from cockpit.runbook.markdown.thresholds.metrics import Metric, metric_of, named_metric, slug
from cockpit.runbook.markdown.thresholds.said import Said, every_number
from cockpit.runbook.markdown.thresholds.sides import bound
from cockpit.runbook.model import Source, Threshold

_ALERTS = re.compile(r"(?i)\b(?:alerts|alert (?:conditions|rules|thresholds)|alarms)\W*$")
_COUNTED = re.compile(r"(?i)\b(?:failures?|errors?|time-?outs?|restarts?|exceptions?|crash\w*|rejections?|drops)$")
_FLOWS = re.compile(r"(?i)\b(?:rate|throughput|traffic|requests?|orders?|volume|rps|qps)\b")
_RESTARTS = re.compile(r"(?:pods?-|container-)?restart-(?:count|rate)|(?:pods?|container)-restarts")
_INCIDENTAL = ("symptom", "severity")
_GRAVE = 1
"""P0 and P1, SEV-1 and SEV-2."""


@dataclass(slots=True)
class _Joined:
    """The numbers of one metric, as they come together."""

    id: str
    metric: Metric
    unit: Unit
    line: int
    healthy: str = ""
    warning: Bound | None = None
    breach: Bound | None = None
    breach_line: int | None = None
    baseline: float | None = None
    lasting: float = 0.0
    window: float | None = None
    ask: str = ""
    query: str | None = None
    told_to_warn: bool = False

    @property
    def bounded(self) -> bool:
        return bool(self.warning or self.breach or self.baseline is not None)


@dataclass(slots=True)
class _Table:
    """What was joined so far, by metric and unit."""

    joined: dict[tuple[str, Unit], _Joined] = field(default_factory=dict)
    ids: Given = field(default_factory=Given)


def read_thresholds(document: Document) -> Read[tuple[Threshold, ...]]:
    """Every threshold of a document, in its order.

    What "should be" gives a warning on the other side, what is an alert gives a breach. Numbers of symptoms and of
    severities make a bound only of a metric that has none elsewhere: the mildest one warns, one of the two gravest
    severities is a breach. Where the side is not certain no bound is set, and the threshold asks.
    """
    notes = Notes()
    table = _Table()
    every = list(every_number(document))
    for said in sorted(every, key=lambda said: said.stated.of_normal is not None):  # numbers first: they have the unit
        if said.tone not in _INCIDENTAL:
            _join(table, said, notes)
    _from_incidents(table, [said for said in every if said.tone in _INCIDENTAL], notes)
    for block in document.blocks:
        for rule in rules(block):
            _join_rule(table, block, rule, notes)
    for block in document.blocks:
        _without_number(table, block, notes)
    kept = sorted((each for each in table.joined.values() if each.bounded or each.ask), key=lambda each: each.line)
    for each in kept:
        each.ask = each.ask or _asks_for_normal(each)
        if each.ask:
            notes.ask(each.line, each.ask)
    return notes.read(tuple(_threshold(each, document.file) for each in kept))


def criterion(text: str, thresholds: Iterable[Threshold]) -> tuple[str, Bound] | None:
    """The threshold's id and the bound that a line of a severity's definition names, where the threshold is known."""
    known = {each.id: each for each in thresholds}
    for each in stated(plain(text)):
        metric = metric_of(each)
        threshold = known.get(metric.key) if metric else None
        if metric and threshold is None:
            threshold = known.get(f"{metric.key}-{each.unit}")
        if not metric or not threshold or threshold.unit != each.unit or each.of_normal is not None:
            continue
        if found := bound(each, metric, "severity"):
            return threshold.id, found
    return None


def _join(table: _Table, said: Said, notes: Notes) -> None:
    each = _place(table, said.metric, _unit(table, said), said.line)
    number = said.stated
    each.window = each.window or number.window
    if said.tone == "healthy" or number.comparison == "~":
        each.healthy = each.healthy or number.words
    if number.comparison == "~":
        each.baseline = number.value
        notes.became(said.block, f"threshold {each.id}")
        return
    _set(each, said, notes)


def _set(each: _Joined, said: Said, notes: Notes) -> None:
    """Takes a number as a warning or a breach, or asks what it is."""
    found = bound(said.stated, said.metric, said.tone)
    notes.became(said.block, f"threshold {each.id}")
    other = each.warning or each.breach
    if found is None or (other and other.upward != found.upward):
        words = said.stated.words
        why = "it is measured against a normal that is not named" if said.stated.relative else "the words do not tell"
        each.ask = f"{each.metric.title}: is `{words}` its good or its bad side ({why})? Set `warning` or `breach`."
    elif said.tone == "breach":
        if each.breach is None:
            each.breach, each.breach_line = found, said.line
            each.lasting = each.lasting or said.stated.lasting
    elif each.warning is None or (said.tone == "warning" and not each.told_to_warn):
        each.warning, each.told_to_warn = found, said.tone == "warning"
        each.lasting = each.lasting or said.stated.lasting


def _from_incidents(table: _Table, incidental: list[Said], notes: Notes) -> None:
    """Takes the numbers of symptoms and severities as bounds, where the metric has none of its own; mild ones first."""
    own = {key for key, each in table.joined.items() if each.bounded or each.ask}
    for said in sorted(incidental, key=lambda said: (-min(said.grave, 8), said.line)):
        found = bound(said.stated, said.metric, said.tone)
        unit = _unit(table, said)
        if found is None or (said.metric.key, unit) in own:
            continue
        each = _place(table, said.metric, unit, said.line)
        other = each.warning or each.breach
        if other and other.upward != found.upward:
            continue
        if said.tone == "severity" and said.grave <= _GRAVE:
            if each.breach is None:
                each.breach, each.breach_line = found, said.line
        elif each.warning is None:
            each.warning = found
        else:
            continue
        each.window = each.window or said.stated.window
        each.lasting = each.lasting or said.stated.lasting
        notes.became(said.block, f"threshold {each.id}")


def _unit(table: _Table, said: Said) -> Unit:
    """The unit of the metric: a share of what is normal says none, so it is that of the metric's other number."""
    if said.stated.of_normal is None:
        return said.stated.unit
    known = (unit for key, unit in table.joined if key == said.metric.key)
    return next(known, "per-minute" if _FLOWS.search(said.metric.title) else "count")


def _asks_for_normal(each: _Joined) -> str:
    held = next((one for one in (each.breach, each.warning) if one is not None and one.relative), None)
    if held is None or each.baseline is not None:
        return ""
    return f"{each.metric.title}: what is normal, of which `{held}` is the bad side? Set `baseline`."


def _place(table: _Table, metric: Metric, unit: Unit, line: int) -> _Joined:
    key = (metric.key, unit)
    if key not in table.joined:
        id = table.ids.new(metric.key if metric.key not in table.ids.taken else f"{metric.key}-{unit}")
        table.joined[key] = _Joined(id, metric, unit, line)
    table.joined[key].line = min(table.joined[key].line, line)
    return table.joined[key]


def _join_rule(table: _Table, block: Block, rule: Rule, notes: Notes) -> None:
    metric = named_metric(rule.title) or Metric(slug(rule.title) or "alert", rule.title, "")
    each = _place(table, metric, rule.unit, rule.line)
    if each.query is not None:  # two alerts of one metric, such as a warning and a page: each has its query
        each = _Joined(table.ids.new(slug(rule.title) or "alert"), metric, rule.unit, rule.line)
        table.joined[(each.id, rule.unit)] = each
    each.query = rule.query
    each.lasting = rule.lasting or each.lasting
    if rule.bound is None:
        each.ask = f"{rule.title}: from which value on does the alert's query alarm? Set `warning` or `breach`."
    elif rule.critical:
        each.breach, each.breach_line = rule.bound, rule.line
        each.warning = each.warning if each.warning and each.warning.upward == rule.bound.upward else None
    else:
        each.warning = rule.bound
        each.breach = each.breach if each.breach and each.breach.upward == rule.bound.upward else None
    notes.became(block, f"threshold {each.id}")


def _without_number(table: _Table, block: Block, notes: Notes) -> None:
    """An alert whose number the document does not say: `Database connection failures` in a list of alerts."""
    if block.kind != "list-item" or not block.headings or not _ALERTS.search(block.label or block.headings[-1]):
        return
    words = plain(block.text)
    metric = named_metric(words)
    if metric is None or stated(words) or ":" in words or not _COUNTED.search(metric.title):
        return
    if any(key == metric.key for key, _ in table.joined):
        return
    each = _place(table, metric, "count", block.line)
    each.ask = f"{metric.title}: from how many on is it an alert? The document names no number; set `breach`."
    notes.became(block, f"threshold {each.id}")


def _tells_restarts(each: _Joined) -> bool:
    """Whether it counts what the pods tell by themselves: `Pod restart count > 3 in 10 minutes`."""
    counted = each.unit == "count" and each.window == PODS_WINDOW and each.query is None
    return counted and each.bounded and bool(_RESTARTS.fullmatch(each.metric.key))


def _threshold(each: _Joined, file: str) -> Threshold:
    cited = each.breach_line is not None and each.breach_line != each.line
    return Threshold.model_validate(
        {
            "id": each.id,
            "title": each.metric.title,
            "unit": each.unit,
            "healthy": each.healthy,
            "warning": each.warning,
            "breach": each.breach,
            "baseline": each.baseline,
            "for": each.lasting,
            "window": each.window,
            "ask": each.ask,
            "query": each.query,
            "pods": "restarts" if _tells_restarts(each) else None,
            "source": Source(file=file, line=each.line),
            "breach_source": Source(file=file, line=each.breach_line) if cited and each.breach_line else None,
        }
    )
