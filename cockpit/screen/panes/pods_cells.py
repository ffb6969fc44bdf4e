"""What each column says of one pod, and which columns there is room for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cockpit.incident.times import age
from cockpit.room.views.signals import PodRow
from cockpit.screen.panes.pods_index import PodIndex
from cockpit.screen.spans import Span, Spans, Tone, fit, middle
from cockpit.screen.terminal.glyphs import Glyphs

TITLED = 60
"""From this many cells on a pane has titles over its columns."""
WIDE = 90
"""Below this many cells words are shortened."""
NEAR, AT = 0.80, 0.95
"""Parts of a limit from which on its use is a warning, and bad."""

_SHORT = {
    "CrashLoopBackOff": "CrashLoop", "ImagePullBackOff": "ImagePull", "CreateContainerConfigError": "ConfigError",
    "CreateContainerError": "CreateError", "RunContainerError": "RunError", "ContainerCreating": "Creating",
    "PodInitializing": "Init", "READY": "RDY", "RESTARTS": "RST", "MEMORY": "MEM",
}  # fmt: skip
_LONGEST_NAME = 56
_MOST_STATUSES = 50
_MOST_SEEN = 2_000
_GI = 1024**3


class Widths:
    """The longest text ever seen of each column: a column that grows and shrinks would let nobody read.

    `note` is called with each pod that is new or has changed.
    """

    def __init__(self) -> None:
        self._longest: dict[str, int] = {}
        self._statuses: set[str] = set()
        self._seen: set[tuple[object, ...]] = set()
        """What pods were like of which the rest follows: of thousands few differ."""

    def note(self, row: PodRow) -> None:
        """Take in one pod."""
        like = (
            len(row.name), row.ready_count, row.containers, row.restarts, row.restarts_lately, row.lately_at_least,
            len(row.image), len(row.node), len(row.ip), row.reason or row.status,
        )  # fmt: skip
        if like in self._seen:
            return
        if len(self._seen) < _MOST_SEEN:
            self._seen.add(like)
        longest = self._longest
        for title, text in (
            ("POD", row.name), ("READY", row.ready), ("RESTARTS", restarts(row, "^")), ("RELEASE", row.image),
            ("NODE", row.node), ("IP", row.ip),
        ):  # fmt: skip
            if len(text) > longest.get(title, 0):
                longest[title] = len(text)
        if len(self._statuses) < _MOST_STATUSES:
            self._statuses.add(row.reason or row.status)

    def name(self, look: Look) -> int:
        """The cells of the longest name, without the deployment's."""
        longest = self._longest.get("POD", 0)
        return longest - len(look.known) - 1 if look.known and longest > len(look.known) else longest

    def of(self, title: str, look: Look) -> int:
        """The cells of a column's longest text as it is shown."""
        if title == "STATUS":
            return max((len(_shortened(word, look)) for word in self._statuses), default=0)
        return self._longest.get(title, 0)


class Column(NamedTuple):
    """A column's title, its cells, and whether it is a number."""

    title: str
    size: int
    right: bool = False


class Cell(NamedTuple):
    """What stands in a column, in the tone of its pod unless it has one of its own."""

    text: str
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How the pods are seen.

    Attributes:
        width: the pane's, in cells.
        known: the deployment's name, which the names of its pods lose.
        stale: whether what is known of the pods may be so no more.
        measured: whether what they use is known now; None where nobody measures it.
        sort: what they are sorted by.
    """

    width: int
    now: datetime
    glyphs: Glyphs
    known: str = ""
    stale: bool = False
    measured: bool | None = None
    sort: str = ""


def columns(widths: Widths, look: Look) -> list[Column]:
    """The columns that there is room for beside mark and name; the most important come first and are lost last: how a
    pod stands, what they are sorted by, then as they are listed."""
    spare = look.width - 2 - min(widths.name(look), 20)
    asked = [each for each in _WANTED[2:] if each[0] == look.sort.upper()]
    found: list[Column] = []
    for title, given, right in [*_WANTED[:2], *asked, *(each for each in _WANTED[2:] if each not in asked)]:
        size = given or min(widths.of(title, look), 12 if title == "NODE" and look.width < TITLED else 24)
        size = max(size, len(_shortened(title, look))) if look.width >= TITLED else size
        if len(found) >= (3 if asked else 4) and spare < size + 1:
            break
        spare -= size + 1
        found.append(Column(title, size, right))
    places = [title for title, _, _ in _WANTED]
    return sorted(found, key=lambda column: places.index(column.title))


_WANTED: tuple[tuple[str, int, bool], ...] = (
    ("READY", 0, False), ("STATUS", 0, False), ("RESTARTS", 0, True), ("AGE", 4, True), ("CPU", 9, True),
    ("MEMORY", 10, True), ("REV", 3, True), ("RELEASE", 0, False), ("NODE", 0, False), ("IP", 0, False),
)  # fmt: skip
"""Each column's title, its cells where they are known beforehand, and whether it is a number."""


def shortened(word: str) -> str:
    """A status or a title as short as people still know it."""
    return _SHORT.get(word, word)


def _shortened(word: str, look: Look) -> str:
    return shortened(word) if look.width < WIDE else word


def name_width(shown: list[Column], width: int) -> int:
    """The cells that the columns leave for the name."""
    return max(6, min(_LONGEST_NAME, width - 2 - sum(column.size + 1 for column in shown)))


def titles(shown: list[Column], look: Look) -> Spans:
    """The line over the columns."""
    words = " ".join(fit(_shortened(each.title, look), each.size, right=each.right) for each in shown)
    return (Span(f"  {fit('POD', name_width(shown, look.width))} {words}", "quiet"),)


def pod_line(row: PodRow, index: PodIndex, shown: list[Column], look: Look) -> Spans:
    """One pod: its mark and name, then the columns."""
    glyph, tone = mark(row, look.glyphs)
    fresh = row.started is not None and (look.now - row.started).total_seconds() < 60
    base: Tone = "plain" if tone == "good" and not fresh else tone
    if look.stale:
        glyph, tone, base = look.glyphs.unknown, "quiet", "quiet"
    spans = [Span(f"{glyph} ", tone), Span(middle(_name(row, look), name_width(shown, look.width)), base)]
    for column in shown:
        cell = _CELLS[column.title](row, index, look)
        own = base if cell.tone is None or look.stale else cell.tone
        text = " " + fit(cell.text, column.size, right=column.right)
        spans[-1:] = [Span(spans[-1].text + text, own)] if spans[-1].tone == own else [spans[-1], Span(text, own)]
    return tuple(spans)


def mark(row: PodRow, glyphs: Glyphs) -> tuple[str, Tone]:
    """A pod's glyph and tone: red for what does not run, amber for other faults and for what is on its way."""
    if row.faulty:
        return glyphs.bad, "bad" if row.grave else "warn"
    if row.deleting:
        return glyphs.good, "quiet"
    if row.reason:
        return glyphs.pending, "warn"
    return (glyphs.good, "good") if row.ready_bool or row.status == "Completed" else (glyphs.pending, "warn")


def _name(row: PodRow, look: Look) -> str:
    """The name loses the deployment's, which the pane already says."""
    return row.name.removeprefix(f"{look.known}-") if look.known else row.name


def status(row: PodRow, look: Look) -> str:
    """What is wrong with a pod, else what kubectl says."""
    return _shortened(row.reason or row.status, look)


def restarts(row: PodRow, up: str) -> str:
    """`7↑5`: seven restarts, five of them in the last ten minutes; with a `+` when there may have been more."""
    lately = row.restarts_lately or 0
    if not (lately or (row.lately_at_least and row.restarts)):
        return str(row.restarts)
    return f"{row.restarts}{up}{lately or '?'}{'+' if lately and row.lately_at_least else ''}"


def _unknown(look: Look) -> Cell | None:
    """The sign that nothing is measured (`-`), or that what was measured is old (`?`)."""
    if look.measured:
        return None
    return Cell("-" if look.measured is None else look.glyphs.unknown, "quiet")


def _cpu(row: PodRow, index: PodIndex, look: Look) -> Cell:
    usage = index.usage(row)
    return _unknown(look) or cpu_cell(usage.cpu_cores if usage else None, row.cpu_limit, row.cpu_request)


def _memory(row: PodRow, index: PodIndex, look: Look) -> Cell:
    usage = index.usage(row)
    return _unknown(look) or memory_cell(usage.memory_bytes if usage else None, row.memory_limit, row.memory_request)


def cpu_cell(used: float | None, limit: float | None, request: float | None) -> Cell:
    """`0.42/0.5`: cores in use, of the limit; `0.42~0.5` of what is asked for, where there is no limit."""
    if used is None:
        return Cell("-", "quiet")
    bound, sign = (limit, "/") if limit else (request, "~")
    said = f"{sign}{round(bound, 2):g}" if bound else ""
    return Cell(f"{used:.2f}{said}" if used < 10 else f"{used:.0f}{said}", _pressed(used, limit))


def memory_cell(used: int | None, limit: int | None, request: int | None) -> Cell:
    """`310/512Mi`, as `cpu_cell`."""
    if used is None:
        return Cell("-", "quiet")
    bound, sign = (limit, "/") if limit else (request, "~")
    unit, size = ("Gi", _GI) if (bound or used) >= _GI else ("Mi", 1024**2)
    written = [f"{value / size:.0f}" if unit == "Mi" else f"{round(value / size, 1):g}" for value in (used, bound or 0)]
    return Cell(f"{written[0]}{sign}{written[1]}{unit}" if bound else f"{written[0]}{unit}", _pressed(used, limit))


def _pressed(used: float, limit: float | None) -> Tone | None:
    """How near a use is to its limit."""
    part = used / limit if limit else 0.0
    return "bad" if part >= AT else "warn" if part >= NEAR else None


def _revision(row: PodRow, index: PodIndex, look: Look) -> Cell:
    return Cell(str(index.revision(row) or "-"))


def _age(row: PodRow, index: PodIndex, look: Look) -> Cell:
    return Cell(age((look.now - row.created).total_seconds()) if row.created else "?")


_CELLS: Mapping[str, Callable[[PodRow, PodIndex, Look], Cell]] = {
    "READY": lambda row, index, look: Cell(row.ready),
    "STATUS": lambda row, index, look: Cell(status(row, look)),
    "RESTARTS": lambda row, index, look: Cell(restarts(row, look.glyphs.up)),
    "AGE": _age,
    "CPU": _cpu,
    "MEMORY": _memory,
    "REV": _revision,
    "RELEASE": lambda row, index, look: Cell(row.image),
    "NODE": lambda row, index, look: Cell(row.node),
    "IP": lambda row, index, look: Cell(row.ip),
}
