"""Alert rules of Prometheus in a document's YAML: their queries, bounds and how long they must hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from cockpit.config import Bound, Unit
from cockpit.runbook.markdown.text.blocks import Block
from cockpit.runbook.markdown.times import UNITS

_COMPARED = re.compile(
    r"^(?P<query>.+?)\s*(?P<sign><=|>=|<|>)\s*(?:bool\s+)?(?P<value>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*$", re.S
)
_DURATION = re.compile(r"(\d+)(ms|s|m|h|d|w)")
_LARGEST = 200_000


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule.

    Attributes:
        title: the alert's name in words.
        query: PromQL without the comparison; `bound` is what it is compared with, None where it is none with a number.
        lasting: seconds that it must hold.
        critical: whether it pages; else it warns.
        line: where the alert stands.
    """

    title: str
    query: str
    bound: Bound | None
    unit: Unit
    lasting: float
    critical: bool
    line: int


def rules(block: Block) -> Iterator[Rule]:
    """The alert rules of a fence or code block; none where it is no YAML or has none."""
    if block.kind not in ("fence", "code") or block.reread or "expr:" not in block.text or len(block.text) > _LARGEST:
        return
    try:
        shape = yaml.safe_load(block.text)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date that is none
        return
    for each in _alerts(shape, 0):
        if rule := _rule(each, block):
            yield rule


def _alerts(shape: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 12:
        return
    if isinstance(shape, list):
        for each in shape:
            yield from _alerts(each, depth + 1)
    elif isinstance(shape, dict):
        if isinstance(shape.get("expr"), str) and isinstance(shape.get("alert"), str):
            yield shape
        else:
            yield from _alerts(list(shape.values()), depth + 1)


def _rule(given: dict[str, Any], block: Block) -> Rule | None:
    query, bound = _split(given["expr"].strip())
    title = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_-]+", " ", given["alert"]).strip()
    if not query or not title:
        return None
    labels = given.get("labels")
    severity = str(labels.get("severity", "")) if isinstance(labels, dict) else ""
    lasting = sum(int(number) * _seconds(unit) for number, unit in _DURATION.findall(str(given.get("for", ""))))
    critical = severity.lower() not in ("warning", "warn", "info", "low", "medium")
    return Rule(
        title[:200], query, bound, _unit(given["expr"]), min(lasting, 3e8), critical, _line(given["alert"], block)
    )


def _split(expression: str) -> tuple[str, Bound | None]:
    """The query and the bound; the whole as the query where it is more than one comparison with a number."""
    found = _COMPARED.match(expression)
    joined = re.search(r"\b(?:and|or|unless)\b", expression)
    if found is None or joined or re.search(r"[<>]|==|!=", re.sub(r"\{[^}]*\}", "", found["query"])):
        return expression, None
    return found["query"].strip(), Bound.model_validate({"comparison": found["sign"], "value": float(found["value"])})


def _unit(expression: str) -> Unit:
    if re.search(r"\*\s*100\b|\b100\s*\*|percent", expression):
        return "percent"
    if re.search(r"_seconds|duration|latency", expression) and not re.search(r"_count\b|_total\b", expression):
        return "seconds"
    if "_bytes" in expression and "/" not in expression:
        return "bytes"
    return "ratio" if re.search(r"/|ratio", re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", expression)) else "count"


def _seconds(unit: str) -> float:
    return UNITS[unit]


def _line(name: str, block: Block) -> int:
    pattern = re.compile(rf"alert:\s*[\"']?{re.escape(name)}\b")
    number = next((number for number, line in enumerate(block.lines) if pattern.search(line)), 0)
    return block.line + number
