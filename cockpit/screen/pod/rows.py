"""What a pod's page says: why it is not well, its containers, conditions and place; its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from cockpit.incident.times import age, time_of_day
from cockpit.room.live.podwatch import ConditionDetail, ContainerDetail, EventRow, PodDetail, PodLook
from cockpit.room.views.signals import PodRow
from cockpit.screen.panes.pods_cells import Cell, cpu_cell, memory_cell, restarts
from cockpit.screen.spans import Row, Span, Spans, Tone, wrap
from cockpit.screen.terminal.glyphs import Glyphs

_LABEL = 10
CONTAINER = "container "
"""How the key of a container's row begins."""


def headline(look: PodLook, now: datetime, glyphs: Glyphs) -> str:
    """The pod in a line: `CrashLoopBackOff · 0/1 ready · 7↑5 restarts · 10m old`."""
    if look.detail is None:
        return _absent_words(look)
    row = look.row or look.detail.row.as_at(now)
    words = [row.reason or row.status, f"{row.ready} ready", f"{restarts(row, glyphs.up)} restarts"]
    words += [f"{_age(row.created, now)} old"]
    if look.trusted:
        return " · ".join(words)
    as_of = f"as of {time_of_day(look.as_of)}Z" if look.as_of else "as of some time ago"
    return " · ".join([look.standing, as_of, *words])


def _absent_words(look: PodLook) -> str:
    return {"loading": "loading …", "gone": "there is no such pod"}.get(look.standing, look.standing)


def absent(look: PodLook, width: int) -> list[Row]:
    """Why there is nothing to show of it."""
    if look.standing == "loading":
        return [Row("", (Span(" loading …", "quiet"),)), *_lines(look.said, "warn", width)]
    said = "it was deleted before it could be read; escape goes back" if look.standing == "gone" else look.said
    return [*_lines(said or look.standing, "bad", width), *_lines(look.mend, "quiet", width)]


def overview(look: PodLook, detail: PodDetail, now: datetime, glyphs: Glyphs, width: int) -> list[Row]:
    """All that is known of it, what is wrong first; what may be so no more is grey."""
    row = look.row or detail.row.as_at(now)
    rows = list(_why(row, width))
    containers = detail.containers(now)
    for container in sorted(containers, key=_well):
        rows += _container(container, look, glyphs, width, only=len(containers) == 1)
    rows += [Row("", ()), *_conditions(detail.conditions(), now, width), Row("", ())]
    for name, value in detail.facts():
        rows += _fact(name, Span(value), width)
    return rows if look.trusted else [*_not_current(look, width), *map(_dimmed, rows)]


def _not_current(look: PodLook, width: int) -> Iterator[Row]:
    """Since when it is not watched any more, and why."""
    if look.standing == "gone":
        yield from _lines("it was deleted: this is what was known of it", "warn", width)
    else:
        yield from _lines(f"{look.standing}: {look.said}" if look.said else look.standing, "bad", width)
        yield from _lines(look.mend, "quiet", width)


def _why(row: PodRow, width: int) -> Iterator[Row]:
    """Why it is not well, in words."""
    if row.reason:
        tone: Tone = "bad" if row.grave else "warn"
        yield from _lines(f"{row.reason}: {row.why}" if row.why else row.reason, tone, width)
        yield Row("", ())


def _well(container: ContainerDetail) -> int:
    """What is wrong first, what is over last."""
    return 2 if container.done else int(container.ready)


def _container(container: ContainerDetail, look: PodLook, glyphs: Glyphs, width: int, *, only: bool) -> Iterator[Row]:
    """One container: its state, the one before, what it uses, its probes."""
    well = container.ready or container.done
    tone: Tone = "good" if well else "warn" if container.running else "bad"
    kind = "" if container.kind == "container" else f" ({container.kind})"
    head = (Span(f" {glyphs.good if well else glyphs.bad} ", tone), Span(container.name, "strong"), Span(kind, "quiet"))
    yield Row(f"{CONTAINER}{container.name}", (*head, Span(f"  {container.image}", "quiet")))
    yield from _fact("state", Span(container.state, "plain" if well else tone), width)
    if container.before:
        yield from _fact("before", Span(container.before), width)
    if container.done:
        return
    counted = str(container.restarts)
    if only and look.row:
        counted = restarts(look.row, glyphs.up)
    yield from _fact("restarts", Span(f"{counted}   {'ready' if container.ready else 'not ready'}"), width)
    yield from _uses(container, look, only=only)
    for name, does in container.probes:
        yield from _fact(name, Span(does, "quiet"), width)


def _uses(container: ContainerDetail, look: PodLook, *, only: bool) -> Iterator[Row]:
    """What it uses of what it may, and what it asks for."""
    amounts = container.amounts
    used = look.usage.containers.get(container.name) if look.usage else None
    cores = used.cpu_cores if used else look.usage.cpu_cores if look.usage and only else None
    size = used.memory_bytes if used else look.usage.memory_bytes if look.usage and only else None
    cpu = cpu_cell(cores, amounts.cpu_limit, None)
    memory = memory_cell(size, amounts.memory_limit, None)
    asked = f"  asks for {amounts.cpu_request:g}" if amounts.cpu_request else ""
    yield Row("", (_label("cpu"), _cell(cpu, amounts.cpu_limit), Span(asked, "quiet")))
    limit = memory_cell(amounts.memory_limit, None, None).text if amounts.memory_limit else ""
    asked = f"  asks for {memory_cell(amounts.memory_request, None, None).text}" if amounts.memory_request else ""
    yield Row("", (_label("memory"), _cell(memory, limit), Span(asked, "quiet")))


def _cell(cell: Cell, limit: object) -> Span:
    """A use against its limit; where it is not known, the limit alone."""
    if cell.text == "-":
        return Span(f"unknown of {limit}" if limit else "unknown, no limit", "quiet")
    return Span(cell.text if limit else f"{cell.text}, no limit", cell.tone or "plain")


def _conditions(conditions: Iterable[ConditionDetail], now: datetime, width: int) -> Iterator[Row]:
    for each in conditions:
        holds = each.status == "True"
        said = f"{'' if holds else 'not '}{each.type} for {_age(each.since, now)}"
        yield from _lines(f"{said}: {each.said}" if each.said else said, "quiet" if holds else "warn", width)


def events(look: PodLook, now: datetime, width: int) -> list[Row]:
    """The events, newest first: how long ago, what, how often, and what was said."""
    rows: list[Row] = []
    if look.events_said:
        rows += _lines(f"events: {look.events_said}", "quiet" if look.events_said == "loading …" else "bad", width)
    elif not look.events:
        rows += _lines("no events; they are kept for about an hour", "quiet", width)
    for event in look.events:
        rows += _event(event, now, width)
    return rows


def _event(event: EventRow, now: datetime, width: int) -> Iterator[Row]:
    tone: Tone = "warn" if event.type not in ("Normal", "") else "plain"
    head: Spans = (Span(f" {_age(event.at, now):>4} ", "quiet"), Span(event.reason, tone))
    count = f" ×{event.count:,}" if event.count > 1 else ""
    source = f"  {event.source}" if event.source else ""
    yield Row(event.uid, (*head, Span(count, "strong"), Span(source, "quiet")))
    for line in wrap(event.message, max(20, width - 7), most=6):
        yield Row("", (Span(f"      {line}", "plain" if tone == "plain" else tone),))


def _fact(name: str, value: Span, width: int) -> Iterator[Row]:
    for number, line in enumerate(wrap(value.text, max(20, width - _LABEL - 5))):
        yield Row("", (_label(name if number == 0 else ""), Span(line, value.tone)))


def _label(name: str) -> Span:
    return Span(f"   {name:<{_LABEL}} ", "quiet")


def _lines(text: str, tone: Tone, width: int) -> Iterator[Row]:
    for line in wrap(text, max(20, width - 2)) if text else ():
        yield Row("", (Span(f" {line}", tone),))


def _dimmed(row: Row) -> Row:
    """A row that may be true no more."""
    return Row(row.key, tuple(Span(span.text, "quiet") for span in row.spans))


def _age(at: datetime | None, now: datetime) -> str:
    return age((now - at).total_seconds()) if at else "?"
