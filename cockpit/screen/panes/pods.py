"""The pods pane: faults first, one line a pod, the releases below; loading, empty and lost look different."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from cockpit.incident.times import age, time_of_day
from cockpit.room.views import PodRow, PodsView, SourceView
from cockpit.screen.glyphs import Glyphs
from cockpit.screen.panes.pane import Pane
from cockpit.screen.spans import Row, Span, Spans, Tone, fit

Cells = dict[str, str]
"""What each column says of one pod, by the column's title."""

SORTS = ("faults", "name", "age", "restarts")


class PodsPane(Pane):
    """The service's pods."""

    def __init__(self) -> None:
        super().__init__(1, "Pods")
        self.sort = SORTS[0]
        self.needle = ""

    def update_from(self, view: PodsView, now: datetime, glyphs: Glyphs) -> None:
        """Show `view`; a source that cannot be trusted dims what is known and says since when."""
        source = view.source
        if not view.rows:
            self.answer(source.state if source.state != "live" else "none", _title_tone(source))
            self.say(*absent(view, now))
            return
        counts = " · ".join(f"{count} {reason}" for reason, count in sorted(view.crashing.items()))
        words = [f"{view.ready}/{view.wanted} ready", counts]
        words.append(f"as of {time_of_day(source.as_of)}Z" if not source.trusted and source.as_of else "")
        words.append(f"“{self.needle}”" if self.needle else "")
        words.append(f"by {self.sort}" if self.sort != SORTS[0] else "")
        tone = _title_tone(source) or ("bad" if counts else "")
        self.answer(" · ".join(word for word in words if word), tone)
        self.show_rows(rows(view, self.size.width, now, glyphs, self.sort, self.needle))


def _title_tone(source: SourceView) -> str:
    return "" if source.state in ("live", "loading") else "stale"


def absent(view: PodsView, now: datetime) -> tuple[Span, ...]:
    """Why there is no pod to show, and what to do: loading is not empty, and neither is forbidden."""
    source = view.source
    if source.state == "loading":
        return (Span(f"loading pods, {age((now - source.since).total_seconds())} …", "quiet"),)
    if source.state == "live":
        return (Span("no pods match", "warn"), Span(source.detail or "the selector finds none here", "quiet"))
    if source.state == "off":
        return (Span("no cluster is configured", "quiet"), Span(source.mend or "`cockpit init` writes one", "quiet"))
    ago = age((now - source.since).total_seconds())
    head = Span(f"unknown: {source.state} for {ago}", "bad")
    return tuple(span for span in (head, Span(source.detail, "plain"), Span(source.mend, "quiet")) if span.text)


def rows(view: PodsView, width: int, now: datetime, glyphs: Glyphs, sort: str, needle: str) -> list[Row]:
    """The lines: the pods, then the revisions that have any."""
    known = view.deployment.name if view.deployment else ""
    shown = [row for row in view.rows if needle.lower() in f"{row.name} {row.status} {row.image} {row.node}".lower()]
    shown.sort(key=_KEYS[sort])
    cells = [_cells(row, known, width, now, glyphs) for row in shown]
    columns = _columns(cells, width)
    stale = not view.source.trusted
    found = []
    if width >= _TIGHT:
        found.append(Row("", (Span(_titles(columns, width), "quiet"),)))
    for row, words in zip(shown, cells, strict=True):
        found.append(Row(row.name, _pod(row, words, columns, width, now, glyphs, stale=stale)))
    if needle and not shown:
        found.append(Row("", (Span(" nothing matches; f with an empty line shows all", "quiet"),)))
    return [*found, *_releases(view, width)]


def _worst(row: PodRow) -> tuple[int, str]:
    rank = 0 if row.crashing else 1 if row.deleting else 2 if not row.ready_bool else 3
    return (rank, row.name)


def _age_of(row: PodRow) -> tuple[float, str]:
    return (-row.created.timestamp() if row.created else 0.0, row.name)


_KEYS: dict[str, Callable[[PodRow], tuple[float | str, str]]] = {
    "faults": _worst,
    "name": lambda row: (row.name, ""),
    "age": _age_of,
    "restarts": lambda row: (-row.restarts, row.name),
}

Column = tuple[str, int, bool]
"""A column's title, its cells, and whether it is a number."""

_NUMBERS = ("RESTARTS", "AGE")
_TIGHT = 70
"""Below this many cells a pane has no titles, and the status loses its "BackOff"."""


def _columns(cells: Sequence[Cells], width: int) -> list[Column]:
    """The columns that there is room for beside mark and name, as wide as what is in them.

    The most important come first and are lost last.
    """
    titled = width >= _TIGHT
    longest = max((len(each["POD"]) for each in cells), default=0)
    spare = width - 2 - min(longest, 20)
    found: list[Column] = []
    for title in ("READY", "STATUS", "RESTARTS", "AGE", "RELEASE", "NODE", "IP"):
        widest = max((len(each[title]) for each in cells), default=0)
        size = min(max(widest, len(title) if titled else 0), 24)
        if spare < size + 1 and len(found) >= 4:
            break
        spare -= size + 1
        found.append((title, size, title in _NUMBERS))
    return found


def _name_width(columns: Sequence[Column], width: int) -> int:
    return max(6, min(56, width - 2 - sum(size + 1 for _, size, _ in columns)))


def _titles(columns: Sequence[Column], width: int) -> str:
    words = " ".join(fit(title, size, right=right) for title, size, right in columns)
    return f"  {fit('POD', _name_width(columns, width))} {words}"


def _cells(row: PodRow, known: str, width: int, now: datetime, glyphs: Glyphs) -> Cells:
    """What each column says of one pod. The name loses the deployment's, which the pane already says."""
    recent = row.last_restart is not None and (now - row.last_restart).total_seconds() < 600
    status = "CrashLoop" if row.status == "CrashLoopBackOff" and width < _TIGHT else row.status
    return {
        "POD": row.name.removeprefix(f"{known}-") if known else row.name,
        "READY": row.ready,
        "STATUS": status,
        "RESTARTS": f"{row.restarts}{glyphs.up}" if recent and row.restarts else str(row.restarts),
        "AGE": age((now - row.created).total_seconds()) if row.created else "?",
        "RELEASE": row.image,
        "NODE": row.node,
        "IP": row.ip,
    }


def _pod(
    row: PodRow, cells: Cells, columns: Sequence[Column], width: int, now: datetime, glyphs: Glyphs, *, stale: bool
) -> Spans:
    """One pod: its mark and name, then the columns."""
    glyph, tone = _mark(row, now, glyphs)
    words = " ".join(fit(cells[title], size, right=right) for title, size, right in columns)
    line = f"{fit(cells['POD'], _name_width(columns, width))} {words}"
    if stale:
        return (Span(f"{glyphs.unknown} ", "quiet"), Span(line, "quiet"))
    calm = tone == "good" and not _fresh(row, now)
    return (Span(f"{glyph} ", tone), Span(line, "plain" if calm else tone))


def _fresh(row: PodRow, now: datetime) -> bool:
    """Whether it became ready so lately that the eye should see it."""
    return row.started is not None and (now - row.started).total_seconds() < 60


def _mark(row: PodRow, now: datetime, glyphs: Glyphs) -> tuple[str, Tone]:
    if row.crashing:
        return glyphs.bad, "bad"
    if row.deleting:
        return glyphs.good, "quiet"
    return (glyphs.good, "good") if row.ready_bool else (glyphs.bad, "warn")


def _releases(view: PodsView, width: int) -> list[Row]:
    """`1.4.2 rev 43: 0/3 ready`, for each revision that has pods, the newest first."""
    alive = sorted((each for each in view.revisions if each.replicas or each.wanted), key=lambda each: -each.revision)
    if not alive:
        return []
    parts = [f"{each.image} rev {each.revision}: {each.ready}/{max(each.replicas, each.wanted)}" for each in alive]
    one = "  " + "    ".join(parts)
    lines = [one] if len(one) <= width else [f"  {part}" for part in parts]
    return [Row("", (Span(line, "quiet"),)) for line in lines]
