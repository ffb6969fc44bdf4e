"""A runbook as lines for a terminal: all that somebody would look for in it, in the order in which it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cockpit.config import Earlier
from cockpit.runbook.model import Runbook, Scenario, Step, Threshold
from cockpit.runbook.writer import duration


def as_lines(book: Runbook) -> list[str]:
    """Its scenarios, procedures, checks, thresholds, whom to reach and where to look; what is empty is left out."""
    lines = [book.title]
    for scenario in book.scenarios:
        lines += _part(f"{scenario.title}  ({scenario.id})", _scenario(scenario))
    for procedure in book.procedures:
        lines += _part(f"{procedure.title}  ({procedure.id})", _steps(procedure.steps))
    lines += _part("Health checks", _steps(book.health_checks))
    lines += _part("Thresholds", map(_threshold, book.thresholds))
    lines += _part("Escalation", (f"  {number}. {rung.text}" for number, rung in enumerate(book.ladder, 1)))
    lines += _part("Contacts", (f"  {each.name}: {each.how}{_unfilled(each.unfilled)}" for each in book.contacts))
    lines += _part("Dashboards", (" ".join(filter(None, (f"  {d.title}:", d.tool, d.url))) for d in book.dashboards))
    lines += _part("Templates", (f"  {each.title}  {each.source}" for each in book.templates))
    return lines + _part("Related", (f"  {each.title}: {each.href}" for each in book.related))


def _part(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return ["", title, *found] if found else []


def _scenario(scenario: Scenario) -> Iterator[str]:
    yield from (f"  symptom  {each.text}" for each in scenario.symptoms)
    yield from _steps(scenario.steps)
    yield from (f"  escalate {each.text}" for each in scenario.escalation)


def _steps(steps: Iterable[Step]) -> Iterator[str]:
    """Each step on a line, under its condition where it has one."""
    for step in steps:
        if step.condition:
            yield f"  {step.condition}:"
        told = step.command or (step.manual if step.manual != step.title else "")
        how = step.risk if step.action else ": ".join(filter(None, ("by hand", told)))
        yield f"  {step.kind:<9}{step.id:<34} {step.title} [{how}] {step.source}"


def _threshold(threshold: Threshold) -> str:
    """Its bounds and their terms, else what the document says of it, else what a person must decide."""
    words = ", ".join(f"{word} {value}" for word, value in _terms(threshold) if value)
    return f"  {threshold.id:<22} {words or threshold.healthy or 'no bound yet':<34} {threshold.source}"


def _terms(threshold: Threshold) -> Iterator[tuple[str, object]]:
    """What is written of it, by its keys, in the words of a file."""
    yield "warning", threshold.warning
    yield "breach", threshold.breach
    yield "for", threshold.for_ and duration(threshold.for_)
    yield "clear", threshold.clear
    yield "keep_firing_for", threshold.keep_firing_for and duration(threshold.keep_firing_for)
    yield "pods", threshold.pods
    yield "endpoint", threshold.endpoint
    normal = threshold.baseline
    if isinstance(normal, Earlier):
        yield "normal", f"over {duration(normal.over)}, {duration(normal.offset)} ago"
    elif normal is not None and (threshold.warning or threshold.breach):
        yield "normal", f"{normal:g}"


def _unfilled(unfilled: bool) -> str:
    return " (not filled in)" if unfilled else ""
