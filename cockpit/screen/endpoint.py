"""One endpoint: how it stands and why, what was asked from where, what came, and its last checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cockpit.incident.quantities import quantity
from cockpit.incident.times import age, time_of_day
from cockpit.room.views.endpoints import Check, EndpointState, Past
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.panes.endpoint_rows import TONES
from cockpit.screen.spans import Row, Span, Spans, Tone, sparkline, width_of, wrap
from cockpit.screen.terminal.glyphs import Glyphs

_INDENT = 11
_LISTED = 100
"""Checks that are listed, the latest first."""


class EndpointPage(Page):
    """`enter` on an endpoint.

    Args:
        war_room: whose endpoint it is.
        id: its name in the configuration.
        glyphs: what this terminal can draw.
    """

    def __init__(self, war_room: WarRoom, id: str, glyphs: Glyphs) -> None:
        super().__init__(f"Endpoint {id}", "`cockpit signals` prints the same")
        self._war = war_room
        self._endpoint = id
        self._glyphs = glyphs

    def on_mount(self) -> None:
        """Draw, and again as it goes on."""
        super().on_mount()
        self.set_interval(1.0, self._draw)
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Fit the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        view = self._war.endpoints()
        found = view.named(self._endpoint) if view else None
        if view is None or found is None:
            self.show([Row("", (Span(" this endpoint is not configured any more", "warn"),))])
            return
        now, width = self._war.clock.now(), max(30, self.size.width - 2)
        since = f" for {age((now - found.since).total_seconds())}" if found.since else ""
        self.show_frame(f"{found.state}{since}", bad=found.state == "failing")
        rows = _facts(found, view.checks.get(self._endpoint, ()), now, width)
        self.show([*rows, Row("", ()), *_strip(found, width, self._glyphs), Row("", ()), *_checks(found.past)])


def _facts(found: EndpointState, answers: Sequence[str], now: datetime, width: int) -> list[Row]:
    """How it stands, and where that comes from; what is not known is left out."""
    tone = TONES.get(found.state, "good")
    last = found.last
    facts: list[tuple[str, str, Tone]] = [
        ("state", f"{found.state}: {found.reason}" if found.reason else found.state, tone),
        ("latest", found.pending, "warn"),
        ("mend", last.check.mend if last and found.state != "ok" else "", "plain"),
        ("since", _at(found.since, now), "plain"),
        ("last ok", _at(found.last_ok, now) or "never since this cockpit started", "plain"),
        ("latency", _latency(last.check) if last else "", "plain"),
        ("asked", found.asked, "plain"),
        ("from", found.via, "plain"),
        ("came", last.check.came if last else "", "plain"),
        ("checked", f"every {found.interval:g} s" + (f", last {_at(last.at, now)}" if last else ""), "plain"),
        ("runbook", "; ".join(answers), "plain"),
    ]
    rows: list[Row] = []
    for name, text, shade in facts:
        for number, line in enumerate(wrap(text, width - _INDENT) if text else ()):
            rows.append(Row(name, (Span(f"  {name if number == 0 else '':<9}", "quiet"), Span(line, shade))))
    return rows


def _latency(check: Check) -> str:
    """How long it took; what that holds besides the answer is said."""
    if check.latency is None:
        return ""
    return quantity(check.latency, "seconds") + (f" with {check.besides}" if check.besides else "")


def _at(at: datetime | None, now: datetime) -> str:
    return f"{time_of_day(at)}Z, {age((now - at).total_seconds())} ago" if at else ""


def _strip(found: EndpointState, width: int, glyphs: Glyphs) -> list[Row]:
    """The last checks as one mark each, and below it how long each took."""
    most = width - _INDENT
    shown = list(found.past)[-most:]
    marks = {"ok": glyphs.good, "warning": glyphs.bad, "failing": glyphs.bad, "unknown": glyphs.unknown}
    cells = tuple(Span(marks[past.check.verdict], TONES.get(past.check.verdict, "good")) for past in shown)
    rows = [Row("", (Span("  checks   ", "quiet"), *cells))]
    latencies = [past.check.latency for past in shown]
    known = [latency for latency in latencies if latency is not None]
    if known:
        course = sparkline(latencies, len(shown), glyphs.sparks)
        spans: Spans = (Span("  latency  ", "quiet"), Span(course, "accent"))
        most_of_all = f"  at most {quantity(max(known), 'seconds')}"
        fits = width_of(spans) + len(most_of_all) <= width
        rows.append(Row("", (*spans, Span(most_of_all, "quiet")) if fits else spans))
    return rows


def _checks(past: Sequence[Past]) -> list[Row]:
    """The checks, the latest first, each with what came."""
    return [Row(f"check {each.at.isoformat()}", _check(each)) for each in reversed(past[-_LISTED:])]


def _check(past: Past) -> Spans:
    check = past.check
    took = quantity(check.latency, "seconds") if check.latency is not None else ""
    said = check.reason or check.came
    return (
        Span(f"  {time_of_day(past.at)}Z  "),
        Span(f"{check.verdict:<8}", TONES.get(check.verdict, "good")),
        Span(f"{took:>8}  ", "plain"),
        Span(said, "quiet"),
    )
