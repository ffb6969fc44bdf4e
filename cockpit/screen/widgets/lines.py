"""Lines: a scrolling list drawn line by line, so that a change costs one line on the wire however many there are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, overload

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.cache import FIFOCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cockpit.screen.spans import Row, crop, width_of
from cockpit.screen.widgets.toned import Toned

_BLANK = Row("", ())
_DRAWN = 256
"""Lines that are kept as they were drawn, some windows of them: each takes several KB, and most never come again."""


class Rows(Sequence[Row]):
    """Rows that are made when they are looked at. The same ones may be shown again after they have changed."""

    complete = True
    """Whether no more will come: a cursor's row that is not there yet is waited for until then."""

    @abstractmethod
    def row(self, index: int) -> Row:
        """The row at `index`, which is there."""

    @abstractmethod
    def place(self, key: str) -> int:
        """Where the row with `key` is; -1 when there is none."""

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        """As of any sequence."""
        places = range(len(self))[index]
        return self.row(places) if isinstance(places, int) else [self.row(place) for place in places]


class Lines(Toned, ScrollView, can_focus=True):
    """A list of rows with a cursor that stays on its row while others come and go around it."""

    TONED: ClassVar[str] = "lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False, id="lines.down"),
        Binding("up,k", "move(-1)", "up", show=False, id="lines.up"),
        Binding("g,home", "to(0)", "first", show=False, id="lines.first"),
        Binding("G,end", "to(-1)", "last", show=False, id="lines.last"),
        Binding("ctrl+d,pagedown", "page(1)", "half a page down", show=False, id="lines.page-down"),
        Binding("ctrl+u,pageup", "page(-1)", "half a page up", show=False, id="lines.page-up"),
        Binding("enter", "open", "open", show=False, id="lines.open"),
    ]

    @dataclass
    class Opened(Message):
        """Somebody pressed enter on a row."""

        lines: Lines
        key: str

        @property
        def control(self) -> Lines:
            """The list it happened in."""
            return self.lines

    def __init__(self, *, follow: bool = False, id: str | None = None, classes: str | None = None) -> None:
        """`follow` keeps the last row in view as rows are added, while the cursor is on the last row."""
        super().__init__(id=id, classes=classes)
        self._rows: Sequence[Row] = ()
        self._length = 0
        self._cursor = 0
        self._key = ""
        """What the row under the cursor stands for: by it the cursor is found again when the rows have changed."""
        self._at_end = True
        self._follow = follow
        self._touched = False
        """Whether somebody chose a row: until then the cursor is on `_first()`, whatever that has become."""
        self._strips: FIFOCache[tuple[Row, int, str], Strip] = FIFOCache(_DRAWN)
        self._window: dict[int, Row] = {}
        """What was drawn last on each line of the window."""
        self._made: dict[int, Row] = {}
        """The window's rows by their index, as they were when it was last looked whether they differ."""

    @property
    def rows(self) -> Sequence[Row]:
        """What is shown."""
        return self._rows

    @property
    def selected(self) -> str:
        """The key of the row under the cursor; empty when there is none."""
        return self._rows[self._cursor].key if 0 <= self._cursor < len(self._rows) else ""

    @property
    def at_end(self) -> bool:
        """Whether the cursor is on the last row that there is."""
        return self._at_end and bool(self._length)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show `rows`; only lines that differ are drawn again."""
        before, self._length, self._rows = self._length, len(rows), rows
        self._made.clear()
        if before != self._length:
            self.virtual_size = Size(0, self._length)  # before the cursor is placed: one scrolls only to what there is
            self.refresh()
        self._keep_cursor()
        if before != self._length:
            return
        top, size = self.scroll_offset.y, self.size  # Textual works these out anew at each look
        differ = []
        for index in range(top, min(top + size.height, self._length)):
            row = self._made[index] = rows[index]
            if self._window.get(index - top) != row:
                differ.append(Region(0, index - top, size.width, 1))
        if differ:
            self.refresh(*differ)

    def _keep_cursor(self) -> None:
        """Leave the cursor on the row that it was on, wherever that stands now."""
        following, key = self._follow and self._at_end, self._key
        index = self._find(key) if self._touched and not following else -1
        if index >= 0:
            if index != self._cursor:  # what is in view stays where it is, though rows came above it
                self._show_from(self.scroll_offset.y + index - self._cursor)
            self._place(index, scroll=False)
            return
        place = self._cursor if self._touched else self._first()
        self._place(self._last(self._rows) if following else self._nearest(place, 1), scroll=following)
        if key and self._touched and not following and isinstance(self._rows, Rows) and not self._rows.complete:
            self._key, self._at_end = key, False

    def _first(self) -> int:
        """The row at which the cursor stands until somebody moves it."""
        return 0

    def _find(self, key: str) -> int:
        if not key:
            return -1
        if isinstance(self._rows, Rows):
            return self._rows.place(key)
        return next((i for i, row in enumerate(self._rows) if row.key == key), -1)

    @staticmethod
    def _last(rows: Sequence[Row]) -> int:
        return next((i for i in range(len(rows) - 1, -1, -1) if rows[i].key), 0)

    def _nearest(self, index: int, direction: int) -> int:
        """The selectable row at or beside `index`, looked for in `direction` first."""
        index = max(0, min(index, len(self._rows) - 1))
        for step in (direction, -direction):
            at = index
            while 0 <= at < len(self._rows):
                if self._rows[at].key:
                    return at
                at += step
        return index

    def _place(self, index: int, *, scroll: bool = True) -> None:
        before, self._cursor = self._cursor, max(0, index)
        self._key, self._at_end = self.selected, self._cursor >= self._last(self._rows)
        if before != self._cursor:
            self._refresh_line(before)
            self._refresh_line(self._cursor)
        if scroll:
            self._reveal()

    def _reveal(self) -> None:
        """Scroll just so far that the cursor is in view; at the ends, all of the way.

        Forced: a list that has just grown past its height is laid out as one that scrolls only afterwards.
        """
        height = self.size.height
        if height <= 0:
            return
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + height - 1
        if self._cursor == self._nearest(0, 1):
            self.scroll_to(y=0, animate=False, force=True)
        elif self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor > bottom:
            end = len(self._rows) - 1 if self._cursor == self._last(self._rows) else self._cursor
            self.scroll_to(y=end - height + 1, animate=False, force=True)

    def _refresh_line(self, index: int) -> None:
        y = index - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def on_resize(self) -> None:
        """Forget what was drawn for another width."""
        self._strips.clear()
        self._window.clear()
        self.call_after_refresh(self._reveal)

    def on_focus(self) -> None:
        """Draw the cursor as present."""
        self._refresh_line(self._cursor)

    def on_blur(self) -> None:
        """Draw the cursor as away."""
        self._refresh_line(self._cursor)

    def notify_style_update(self) -> None:
        """A theme changed: draw all again."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """One line of the list, from the cache when it was drawn before."""
        index, width = y + self.scroll_offset.y, self.size.width
        row = self._window[y] = self._made.get(index) or (self._rows[index] if index < len(self._rows) else _BLANK)
        cursor = (
            ""
            if index != self._cursor or not row.key or not self.can_focus
            else ("cursor" if self.has_focus else "cursor-away")
        )
        key = (row, width, cursor)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(row, width, cursor)
        return strip

    def _draw(self, row: Row, width: int, cursor: str) -> Strip:
        over = self._over(cursor)
        spans = crop(row.spans, width)
        segments = [Segment(span.text, self.toned(span.tone) + over) for span in spans]
        segments.append(Segment(" " * (width - width_of(spans)), self.ground + over))
        return Strip(segments, width)

    def _over(self, cursor: str) -> Style:
        """The cursor's ground: it lies under the line, whose colours keep their meaning."""
        if not cursor:
            return Style()
        style = self.toned(cursor)
        return Style(bgcolor=style.bgcolor, bold=style.bold or None, reverse=style.reverse or None)

    def action_move(self, by: int) -> None:
        """Move the cursor; where nothing further can be selected, scroll."""
        self._go(by, 1)

    def choose(self, key: str) -> None:
        """Go to the row of `key`; nowhere when there is none."""
        index = next((i for i, row in enumerate(self._rows) if row.key == key), -1) if key else -1
        if index >= 0:
            self._touched = True
            self._place(index)

    def action_to(self, index: int) -> None:
        """Go to the first or the last row, and show all that stands before or after it."""
        self._touched = index != 0
        self._place(self._nearest(0, 1) if index == 0 else self._last(self._rows))
        self._show_from(0 if index == 0 else len(self._rows) - self.size.height)

    def action_page(self, direction: int) -> None:
        """Go half a page."""
        self._go(direction, max(1, self.size.height // 2))

    def _go(self, direction: int, lines: int) -> None:
        """Move the cursor by `lines`, where there is a row to select and the cursor is not out of view; else scroll."""
        self._touched = True
        target = self._nearest(self._cursor + direction * lines, direction)
        top, height = self.scroll_offset.y, self.size.height
        beyond = height > 0 and (self._cursor < top if direction < 0 else self._cursor >= top + height)
        if beyond or (target - self._cursor) * direction <= 0 or not self._rows[target].key:
            self._show_from(top + direction * lines)
        else:
            self._place(target)

    def _show_from(self, top: int) -> None:
        """Scroll, so that this line is the first in view, as far as there are lines."""
        if self.size.height > 0:
            self.scroll_to(y=max(0, min(top, len(self._rows) - self.size.height)), animate=False, force=True)

    def action_open(self) -> None:
        """Open what is under the cursor."""
        if self.selected:
            self.post_message(self.Opened(self, self.selected))

    def on_click(self, event: object) -> None:
        """A click selects; the keyboard never needs it."""
        y = getattr(event, "y", 0) + self.scroll_offset.y
        if 0 <= y < len(self._rows) and self._rows[y].key:
            self._touched = True
            self._place(y)
