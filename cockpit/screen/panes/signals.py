"""The signals pane: each reading with its course and its bound, the breached ones first; unknown says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cockpit.incident.quantities import quantity
from cockpit.incident.times import age, time_of_day
from cockpit.room.views import SignalView, SourceView
from cockpit.screen.glyphs import Glyphs
from cockpit.screen.panes.pane import Pane
from cockpit.screen.spans import Row, Span, Spans, Tone, fit, sparkline

_WORDS = (("breach", "breached"), ("warning", "warning"), ("pending", "pending"), ("unknown", "unknown"))
_RANK = {state: rank for rank, (state, _) in enumerate(_WORDS)}
_TONE: dict[str, Tone] = {"breach": "bad", "warning": "warn", "pending": "warn", "unknown": "quiet"}


class SignalsPane(Pane):
    """The service's signals and thresholds."""

    def __init__(self) -> None:
        super().__init__(2, "Signals")

    def update_from(self, signals: Sequence[SignalView], source: SourceView, now: datetime, glyphs: Glyphs) -> None:
        """Show `signals` as `source` has them."""
        if not signals:
            known = source.state in ("live", "off", "loading")
            answer = "none" if source.state in ("live", "off") else source.state
            self.answer(answer, "" if known else "stale")
            self.say(*_absent(source, now))
            return
        counts = [(sum(s.standing == state for s in signals), word) for state, word in _WORDS]
        words = " · ".join(f"{count} {word}" for count, word in counts if count) or "all ok"
        if not source.trusted and source.as_of:
            words += f" · as of {time_of_day(source.as_of)}Z"
        lost = source.state not in ("live", "loading", "off")
        tone = "stale" if lost else "bad" if counts[0][0] else "warn" if counts[1][0] or counts[2][0] else ""
        self.answer("loading" if source.state == "loading" else words, tone)
        ordered = sorted(signals, key=lambda s: _RANK.get(s.standing, len(_RANK)))
        columns = Columns.of(signals, self.size.width)
        self.show_rows([*(Row(s.id, _signal(s, columns, now, glyphs)) for s in ordered), *_why(source)])


def _absent(source: SourceView, now: datetime) -> tuple[Span, ...]:
    if source.state == "off":
        mend = source.mend or "name a prometheus in cockpit.yaml"
        return (Span("no signals are configured", "quiet"), Span(mend, "quiet"))
    since = age((now - source.since).total_seconds())
    if source.state == "loading":
        return (Span(f"loading signals, {since} …", "quiet"),)
    if source.state == "live":
        return (Span("no signals are bound", "warn"), Span("give the service signals in cockpit.yaml", "quiet"))
    head = Span(f"unknown: {source.state} for {since}", "bad")
    return tuple(span for span in (head, Span(source.detail, "plain"), Span(source.mend, "quiet")) if span.text)


def _why(source: SourceView) -> list[Row]:
    """Below the readings, why the source cannot be trusted and what to do."""
    if source.state in ("live", "loading", "off"):
        return []
    said = [
        text for text in (f"{source.state}: {source.detail}" if source.detail else source.state, source.mend) if text
    ]
    return [Row("", (Span(f"  {text}", "warn" if index == 0 else "quiet"),)) for index, text in enumerate(said)]


@dataclass(frozen=True, slots=True)
class Columns:
    """How many cells each part of a line has, from what is in all lines."""

    title: int
    value: int
    bound: int
    course: int

    @classmethod
    def of(cls, signals: Sequence[SignalView], width: int) -> Columns:
        """Titles whole as far as the courses keep a few cells; what is left is the courses'."""
        value = max((len(quantity(s.value, s.unit)) for s in signals if s.value is not None), default=0)
        bound = max((len(_bound(s)) for s in signals), default=0)
        longest = max(len(s.title) for s in signals)
        course = 4 if width < 48 else 12
        title = max(8, min(longest, width - 2 - value - bound - 3 - course, 28))
        return cls(title, value, bound, min(60, width - 2 - title - value - bound - 3))


def _signal(signal: SignalView, columns: Columns, now: datetime, glyphs: Glyphs) -> Spans:
    """`▲ error rate 12.4 % ▁▂▅▇ >5`; an unknown one gives its reason the room of the course."""
    tone = _TONE.get(signal.standing, "plain")
    marks = {"breach": glyphs.bad, "warning": glyphs.bad, "pending": glyphs.pending, "unknown": glyphs.unknown}
    mark = marks.get(signal.standing, " ")
    head = (Span(f"{mark} ", tone), Span(fit(signal.title, columns.title), tone))
    if signal.state == "unknown" or signal.value is None:
        stale = f", {age((now - signal.at).total_seconds())} old" if signal.at else ""
        return (*head, Span(f" unknown{stale}: {signal.reason}" if signal.reason else f" unknown{stale}", "quiet"))
    value = fit(quantity(signal.value, signal.unit), columns.value, right=True)
    drawn = columns.course >= 3
    course = f" {sparkline(signal.history, columns.course, glyphs.sparks)}" if drawn else ""
    bound = f" {fit(_bound(signal), columns.bound)}"
    return (*head, Span(f" {value}", "strong" if tone == "plain" else tone), Span(course, tone), Span(bound, "quiet"))


def _bound(signal: SignalView) -> str:
    """The bound as short as the pane needs it: `>5`, and `>30min` where seconds are too many to be read."""
    sign, _, number = signal.bound.partition(" ")
    if signal.unit == "seconds" and number.isdecimal() and int(number) >= 600:
        return sign + quantity(float(number), signal.unit).replace(" ", "")
    return signal.bound.replace("> ", ">").replace("< ", "<")
