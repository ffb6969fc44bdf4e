"""The lines of the signals pane: how much room each part has, and what stands in it; made when they are looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from rich.cells import cell_len

from cockpit.incident.quantities import quantity
from cockpit.incident.times import age, time_of_day
from cockpit.room.views.signals import SignalView, SourceView
from cockpit.screen.spans import Row, Span, Spans, Tone, fit, middle
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.lines import Rows

TONES: dict[str, Tone] = {"breach": "bad", "warning": "warn", "pending": "warn", "unknown": "quiet"}
"""The tone of each standing."""
_WIDE, _SINCE, _FLAPS = 48, 5, "flaps"
"""Cells from which on a line says since when; what that takes; how a bound reads that is crossed again and again."""
_LEAST, _MOST, _LONGEST, _FAR = 8, 60, 28, 16
"""Cells of a course beside which there is room for how far; that it takes at most; a title's and how far's most."""
_WHY = 17
"""Cells that titles leave at least to why a value is unknown."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How many cells each part of a line has, from what is in all lines; a part without any is left out."""

    title: int
    value: int
    since: int
    course: int
    far: int
    bound: int

    @classmethod
    def of(cls, signals: Sequence[SignalView], width: int) -> Columns:
        """Titles whole as far as the courses keep a few cells; what is left is the courses'."""
        value = max((len(quantity(s.value, s.unit)) for s in signals if s.value is not None), default=0)
        bound = max((len(bound_words(s)) for s in signals), default=0)
        far = min(_FAR, max((len(_far(s)) for s in signals), default=0))
        longest = max((len(s.title) for s in signals), default=0)
        since = _SINCE if width >= _WIDE else 0
        course = 4 if width < _WIDE else _LEAST
        needs = max(value + since + bound + 2 + course, _WHY if any(_is_unknown(s) for s in signals) else 0)
        title = max(8, min(longest, width - 2 - needs - 1, _LONGEST))
        left = width - 2 - title - value - since - bound - 3
        far = far if since and far and left - far - 1 >= _LEAST else 0
        return cls(title, value, since, min(_MOST, left - (far + 1 if far else 0)), far, bound)

    @property
    def rest(self) -> int:
        """Cells after the title and a blank: an unknown value leaves all of them to its reason."""
        return self.value + self.since + 1 + self.course + (self.far + 1 if self.far else 0) + 1 + self.bound


class SignalRows(Rows):
    """The signals in their order, and among them and below what else is to be said.

    Args:
        lines: in the order in which they are shown; the signals' are made when they are looked at.
        sources: how fresh each source is, by its part.
    """

    def __init__(
        self, lines: Sequence[SignalView | Row], sources: Mapping[str, SourceView], columns: Columns, now: datetime,
        glyphs: Glyphs,
    ) -> None:  # fmt: skip
        self._lines = lines
        self._sources = sources
        self._columns = columns
        self._now = now
        self._glyphs = glyphs
        self._titles = titles([each for each in lines if isinstance(each, SignalView)], columns.title)
        self._made: dict[int, Row] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def row(self, index: int) -> Row:
        """A signal's line, or another."""
        shown = self._lines[index]
        if isinstance(shown, Row):
            return shown
        made = self._made.get(index)
        if made is None:
            source = self._sources.get(shown.part)
            spans = line(shown, self._titles[shown.id], source, self._columns, self._now, self._glyphs)
            made = self._made[index] = Row(shown.id, spans)
        return made

    def place(self, key: str) -> int:
        """Where a line is."""
        return next((index for index, shown in enumerate(self._lines) if key_of(shown) == key), -1)


def key_of(shown: SignalView | Row) -> str:
    """What a line stands for."""
    return shown.key if isinstance(shown, Row) else shown.id


def titles(signals: Sequence[SignalView], width: int) -> Mapping[str, str]:
    """The title of each in `width` cells, by id: cut at its end, or in its middle where two would read the same."""
    cut = {signal.id: fit(signal.title, width) for signal in signals}
    count = Counter(cut.values())
    return {signal.id: cut[signal.id] if count[cut[signal.id]] == 1 else middle(signal.title, width)
            for signal in signals}  # fmt: skip


def line(
    signal: SignalView, title: str, source: SourceView | None, columns: Columns, now: datetime, glyphs: Glyphs
) -> Spans:  # fmt: skip
    """`▲ error rate 12.4 % 9m ▁▂▅▇ 2.5 × the bound >5`; an unknown one gives its reason the room of the course."""
    tone = TONES.get(signal.standing, "plain")
    marks = {"breach": glyphs.bad, "warning": glyphs.bad, "pending": glyphs.pending, "unknown": glyphs.unknown}
    head = (Span(f"{marks.get(signal.standing, ' ')} ", tone), Span(title, tone))
    if _is_unknown(signal):
        return (*head, Span(f" {_unknown(signal, source, columns, now)}", "quiet"))
    value = fit(quantity(signal.value or 0.0, signal.unit), columns.value, right=True)
    spans = [*head, Span(f" {value}", "strong" if tone == "plain" else tone)]
    if columns.since:
        spans.append(Span(fit(_since(signal, now), columns.since, right=True), "quiet"))
    if columns.course >= 3:
        spans += [Span(" "), *course(signal, columns.course, glyphs)]
    if columns.far:
        spans.append(Span(f" {fit(_far(signal), columns.far)}", "warn" if signal.flapping else tone))
    return (*spans, Span(f" {fit(bound_words(signal), columns.bound)}", "warn" if signal.flapping else "quiet"))


def is_coming(signal: SignalView, source: SourceView | None) -> bool:
    """Whether it was never read, and nothing is wrong with its source: it is being asked for."""
    if source is None or signal.at is not None or signal.value is not None:
        return False
    return source.state == "loading" or (source.state == "live" and signal.unread)


def _is_unknown(signal: SignalView) -> bool:
    return signal.state == "unknown" or signal.value is None


def _unknown(signal: SignalView, source: SourceView | None, columns: Columns, now: datetime) -> str:
    """Why it is unknown, and how old what was known is: as much of it as is whole in the line, the reason before the
    word, for which the mark stands, and before the age. What its source is lost for stands whole below the lines."""
    if source is not None and is_coming(signal, source):
        return f"loading, {age((now - source.since).total_seconds())} …"
    old = f", {age((now - signal.at).total_seconds())} old" if signal.at else ""
    stale = f" as of {time_of_day(signal.at)}Z" if signal.at and columns.since else old
    why = f": {signal.reason}" if signal.reason else ""
    forms = (f"unknown{stale}{why}", f"unknown{why}", signal.reason, f"unknown{stale}", f"unknown{old}")
    own = source is None or source.trusted or signal.reason != source.detail
    last = signal.reason if own and signal.reason else "unknown"
    shown = forms[:4] if own else forms
    return next((said for said in shown if said and cell_len(said) <= columns.rest), last)


def _since(signal: SignalView, now: datetime) -> str:
    """How long it has been past its bound."""
    worse = signal.since is not None and signal.standing in ("breach", "warning")
    return age((now - signal.since).total_seconds()) if worse and signal.since else ""


def _far(signal: SignalView) -> str:
    return signal.flapping or signal.far


def bound_words(signal: SignalView) -> str:
    """The bound as short as the pane needs it: `>5`, `>30min` where seconds are many, `>512MiB`, a part of what is
    normal as the number that it is now."""
    if signal.flapping:
        return _FLAPS
    sign, _, number = signal.bound.partition(" ")
    level = signal.breach_level if signal.state == "breach" else signal.warning_level
    level = level if level is not None else signal.breach_level
    if number.endswith("of normal"):
        number = number.removesuffix(" of normal").replace(" ", "")
        unit = signal.unit if signal.unit == "bytes" else "count"
        return sign + quantity(level, unit).replace(" ", "") if level is not None else f"{sign}{number} normal"
    if number.isdecimal() and (signal.unit == "bytes" or (signal.unit == "seconds" and int(number) >= 600)):
        return sign + quantity(float(number), signal.unit).replace(" ", "")
    return f"{sign}{number}"


def course(signal: SignalView, width: int, glyphs: Glyphs) -> Spans:
    """The last hour in `width` cells on the way to the bound, each in the tone of what it was beyond, the last cell as
    it is now; a question mark where nothing is known."""
    levels = [level for level in (signal.breach_level, signal.warning_level) if level is not None]
    buckets = _buckets(signal.history, width)
    known = [value for value in buckets if value is not None]
    if not known:
        return (Span(" " * width),)
    low, high = min([*known, *levels]), max([*known, *levels])
    if levels and low > 0:
        low = 0.0
    scale = (len(glyphs.sparks) - 1) / (high - low) if high > low else 0.0
    own = TONES.get(signal.standing, "plain")
    cells = [
        (glyphs.unknown, "quiet")
        if value is None
        else (glyphs.sparks[round((value - low) * scale)], _tone(signal, value, own))
        for value in buckets
    ]
    spans = [Span(" " * (width - len(cells)))] if len(cells) < width else []
    for tone, run in groupby(cells, key=lambda cell: cell[1]):
        spans.append(Span("".join(text for text, _ in run), tone))
    return tuple(spans)


def _tone(signal: SignalView, value: float, own: Tone) -> Tone:
    """What a value of the course was beyond, by the bounds as they are now; without numbers, how the signal stands."""
    upward = signal.bound.startswith(">")
    if signal.breach_level is None and signal.warning_level is None:
        return own
    if signal.breach_level is not None and (value > signal.breach_level) == upward and value != signal.breach_level:
        return "bad"
    if signal.warning_level is not None and (value > signal.warning_level) == upward and value != signal.warning_level:
        return "warn"
    return "quiet"


def _buckets(values: Sequence[float | None], width: int) -> list[float | None]:
    """As many values as there are cells at most, from the first known one: of each bucket the mean of what is known, of
    the last one what came last. A mean over a quarter of an hour would not show that it began, or got better."""
    first = next((index for index, value in enumerate(values) if value is not None), len(values))
    values = values[first:]
    if len(values) <= width:
        return list(values)
    size = len(values) / width
    found: list[float | None] = []
    for index in range(width):
        bucket = values[int(index * size) : max(int((index + 1) * size), int(index * size) + 1)]
        known = [value for value in bucket if value is not None]
        found.append(sum(known) / len(known) if known else None)
    return [*found[:-1], values[-1]]
