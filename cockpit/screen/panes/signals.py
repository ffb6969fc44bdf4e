"""The signals pane: each reading with its course and bound, and the endpoints; the worst first, unknown says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cockpit.incident.times import age, time_of_day
from cockpit.room.views.endpoints import EndpointsView
from cockpit.room.views.signals import SignalView, SourceView
from cockpit.screen.panes import endpoint_rows
from cockpit.screen.panes.pane import Pane
from cockpit.screen.panes.signal_rows import Columns, SignalRows, is_coming, key_of
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.terminal.glyphs import Glyphs

_WORDS = (("breach", "breached"), ("warning", "warning"), ("pending", "pending"), ("unknown", "unknown"))
_SHORT = {"warning": "warn", "unknown": "?"}
_RANK = {state: rank for rank, (state, _) in enumerate(_WORDS)}
_WELL = ("live", "loading", "off")
"""States of a source of which a pane has nothing to say below its lines."""


class SignalsPane(Pane):
    """The service's signals and thresholds."""

    def __init__(self) -> None:
        super().__init__(2, "Signals")
        self._count = 0
        """How many lines stand for a signal or an endpoint."""
        self._said = ""

    def update_from(
        self,
        signals: Sequence[SignalView],
        sources: Mapping[str, SourceView],
        now: datetime,
        glyphs: Glyphs,
        endpoints: EndpointsView | None = None,
    ) -> None:
        """Show `signals` as `sources`, by the part of the board that each is, have them, and the `endpoints`."""
        lost = [source for source in sources.values() if source.state not in _WELL]
        if not signals and endpoints is None:
            source = (lost or list(sources.values()))[0]
            known = source.state in _WELL
            self.answer("none" if source.state in ("live", "off") else source.state, "" if known else "stale")
            self.say(*_absent(source, now))
            self._say_rest(0)
            return
        coming = {signal.id for signal in signals if is_coming(signal, sources.get(signal.part))}
        waits = bool(coming) and not lost and all(signal.value is None for signal in signals)
        there = [signal for signal in signals if signal.id not in coming]
        counts = {word: sum(s.standing == state for s in there) for state, word in _WORDS}
        counts["loading"] = len(coming)  # what is being asked for is neither ok nor unknown
        failing = endpoints.count("failing") if endpoints else 0
        forms = ["loading"] if waits else _answers(counts, lost, len(lost) == len(sources), failing)
        self.answer(forms[0], _colour(counts, lost, failing), shorter=forms[1:])
        columns = Columns.of(signals, self.size.width)
        name = columns.title if signals else 0
        asked = endpoint_rows.endpoint_rows(endpoints, name, columns.value, self.size.width, now, glyphs)
        ordered = sorted(signals, key=lambda s: _RANK.get(s.standing, len(_RANK)))
        grave = counts["breached"]
        ill = grave + counts["warning"] + counts["pending"]
        lines = self._ordered(
            [*ordered[:grave], *asked.failing, *ordered[grave:ill], *asked.doubtful, *ordered[ill:], *asked.well]
        )
        self.show_rows(
            SignalRows([*lines, *_why(lost, len(sources) > 1, self.size.width)], sources, columns, now, glyphs)
        )
        self._say_rest(len(lines))

    def _say_rest(self, count: int) -> None:
        """How many of the `count` lines are out of view."""
        self._count = count
        top = round(self.scroll_offset.y)
        rest = ((min(top, count), "above"), (max(0, count - top - self.size.height), "below"))
        said = " · ".join(f"{number} more {where}" for number, where in rest if number and self.size.height)
        if said != self._said:
            self._said = said
            self.beneath(said)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """What is out of view has changed."""
        super().watch_scroll_y(old_value, new_value)
        self._say_rest(self._count)

    def _ordered(self, lines: list[SignalView | Row]) -> list[SignalView | Row]:
        """The worst first; but the line that somebody chose stays where it is, and the others go around it."""
        index = next((i for i, line in enumerate(lines) if self._touched and key_of(line) == self.selected), -1)
        if index >= 0:
            lines.insert(min(self._cursor, len(lines) - 1), lines.pop(index))
        return lines


def _answers(counts: Mapping[str, int], lost: Sequence[SourceView], all_lost: bool, failing: int) -> list[str]:
    """How many stand how; where all sources are lost, as of when; where some are, which. Then the same in less words:
    the sources are left to the lines below, what is on its way is taken for a warning, what fails for a breach."""
    as_of = min((source.as_of for source in lost if source.as_of), default=None)
    head = [f"as of {time_of_day(as_of)}Z"] if all_lost and as_of else []
    names = [] if head else [f"{source.name} {source.state}" for source in lost]
    short = {_SHORT.get(word, word): count for word, count in counts.items()}
    least = {word: count for word, count in short.items() if word != "pending"}
    least["warn"] += counts["pending"]
    gone = [f"{len(names)} lost"] if names and not least["?"] else []
    bad = {"bad": least["breached"] + failing, "warn": least["warn"], "?": least["?"]}
    forms = [[*_told(counts, failing), *names], [*_told(short, failing), *names], [*_told(least, failing), *gone]]
    forms += [[*_told(bad, 0), *gone]] if failing else []
    return [" · ".join([*head, *form]) for form in forms]


def _told(counts: Mapping[str, int], failing: int) -> list[str]:
    """`2 breached`, `1 failing`, `1 warn`; that all is ok where nothing is otherwise."""
    (grave, many), *others = counts.items()
    ordered = [(grave, many), ("failing", failing), *others]
    return [f"{count} {word}" for word, count in ordered if count] or ["all ok"]


def _colour(counts: Mapping[str, int], lost: Sequence[SourceView], failing: int) -> str:
    """A breach or a failure that is seen counts for more than a source that is lost."""
    if counts["breached"] or failing:
        return "bad"
    return "stale" if lost else "warn" if counts["warning"] or counts["pending"] else ""


def _absent(source: SourceView, now: datetime) -> tuple[Span, ...]:
    if source.state == "off":
        mend = source.mend or "give the service `signals` and a prometheus in cockpit.yaml"
        return (Span("no signals are configured", "quiet"), Span(mend, "quiet"))
    since = age((now - source.since).total_seconds())
    if source.state == "loading":
        return (Span(f"loading signals, {since} …", "quiet"),)
    if source.state == "live":
        return (Span("no signals are bound", "warn"), Span("give the service `signals` in cockpit.yaml", "quiet"))
    head = Span(f"unknown: {source.state} for {since}", "bad")
    return tuple(span for span in (head, Span(source.detail, "plain"), Span(source.mend, "quiet")) if span.text)


def _why(lost: Iterable[SourceView], named: bool, width: int) -> list[Row]:
    """Below the readings, why a source cannot be trusted and what to do."""
    said: list[Span] = []
    for source in lost:
        head = f"{source.name} {source.state}" if named else source.state
        said.append(Span(f"{head}: {source.detail}" if source.detail else head, "warn"))
        if source.mend:
            said.append(Span(source.mend, "quiet"))
    parts = ((part, span.tone) for span in said for part in wrap(span.text, max(10, width - 3)))
    return [Row("", (Span(f"  {part}", tone),)) for part, tone in parts]
