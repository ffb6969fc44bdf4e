"""The lines of the endpoints in the signals pane: how each stands, since when, and why; how fast it answers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len

from cockpit.incident.quantities import quantity
from cockpit.incident.times import age
from cockpit.room.views.endpoints import EndpointState, EndpointsView
from cockpit.screen.spans import Row, Span, Tone, fit
from cockpit.screen.terminal.glyphs import Glyphs

KEY = "endpoint "
"""How the key of an endpoint's line begins."""
TONES: dict[str, Tone] = {"failing": "bad", "warning": "warn", "unknown": "quiet"}
"""The tone of each state."""
_NAME, _VALUE, _LONGEST, _ROOM, _TELLING = 8, 7, 28, 30, 15
"""Cells that a name and a latency take at least, and a name at most; from which on a reason has its state before it,
and of a cut one at least."""


class EndpointRows(NamedTuple):
    """The lines of the endpoints: those that fail, those that somebody should look at, those that are well."""

    failing: list[Row]
    doubtful: list[Row]
    well: list[Row]


def endpoint_rows(
    view: EndpointsView | None, name: int, value: int, width: int, now: datetime, glyphs: Glyphs
) -> EndpointRows:
    """The lines, each group as it is configured.

    Args:
        name, value: the cells that titles and values of the signals have.
        width: the cells of a line.
    """
    made = EndpointRows([], [], [])
    if view is None:
        return made
    name = max(_NAME, min(_LONGEST, max(len(each.id) for each in view.rows)), name)
    for each in view.worst_first:
        group = made.failing if each.state == "failing" else made.well if each.state == "ok" else made.doubtful
        group.append(Row(KEY + each.id, _line(each, name, max(value, _VALUE), width, now, glyphs)))
    return made


def _line(
    each: EndpointState, name: int, value: int, width: int, now: datetime, glyphs: Glyphs
) -> tuple[Span, ...]:  # fmt: skip
    """`▲ health failing 3m: it answered 503`; with little room the reason alone: the mark says the rest;
    of one that is unknown its age, where the reason would be cut.
    Of one that is well how fast it answered, and what was asked."""
    tone = TONES.get(each.state, "plain")
    mark = {"failing": glyphs.bad, "warning": glyphs.bad, "unknown": glyphs.unknown}.get(each.state, " ")
    if each.state == "ok" and each.pending:
        mark, tone = glyphs.pending, "warn"
    head = (Span(f"{mark} ", tone), Span(fit(each.id, name), tone))
    if each.state != "ok":
        since = f" {age((now - each.since).total_seconds())}" if each.since else ""
        why = f": {each.reason}" if each.reason else ""
        room = width - 3 - name
        if why and room < _ROOM and cell_len(f"{each.state}{since}{why}") > room:
            if each.state == "unknown" and cell_len(each.reason) > room:  # a few letters of a reason say less than that
                said = f"{each.state}{since}"
                return (*head, Span(f" {said}{why if room - cell_len(said) >= _TELLING else ''}", "quiet"))
            return (*head, Span(f" {each.reason}", "quiet" if each.state == "unknown" else "plain"))
        return (*head, Span(f" {each.state}{since}", tone), Span(why, "quiet" if each.state == "unknown" else "plain"))
    latency = quantity(each.latency, "seconds") if each.latency is not None else "ok"
    told = each.pending or each.asked
    return (*head, Span(f" {fit(latency, value, right=True)}", "strong"), Span(f"  {told}", "quiet"))
