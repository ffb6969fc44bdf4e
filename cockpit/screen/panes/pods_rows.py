"""The lines of the pods pane: titles, pods under their revisions' headings where asked for, and the releases below."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from cockpit.room.views.signals import PodsView, ReplicaSetRow
from cockpit.screen.panes.pods_cells import TITLED, Look, Widths, columns, pod_line, titles
from cockpit.screen.panes.pods_index import PodIndex
from cockpit.screen.spans import Row, Span
from cockpit.screen.widgets.lines import Rows

RELEASES = "releases "
"""How the key of a line of the releases begins: no pod's name has a space."""


class PodRows(Rows):
    """Each line is made when it is looked at: of 20,000 pods no more than the window's cost anything."""

    def __init__(self, index: PodIndex, widths: Widths, view: PodsView, look: Look) -> None:
        self._index = index
        self._look = look
        self._columns = columns(widths, look)
        self._before = [Row("", titles(self._columns, look))] if look.width >= TITLED and len(index) else []
        groups = index.groups()
        self._heads = [begin + number for number, (_, begin) in enumerate(groups)]
        """The lines of the headings, counted from the first after the titles."""
        self._headings = [heading(number, view.revisions) for number, _ in groups]
        self._after = [] if groups else releases(view, look.width)
        if index.total and not len(index):
            self._after.insert(0, Row("", (Span(" nothing matches; f, emptied, shows all", "quiet"),)))

    def __len__(self) -> int:
        return len(self._before) + len(self._heads) + len(self._index) + len(self._after)

    def row(self, index: int) -> Row:
        """The line at `index`, which is there."""
        if index < len(self._before):
            return self._before[index]
        index -= len(self._before)
        above = bisect_right(self._heads, index)
        if above and self._heads[above - 1] == index:
            return self._headings[above - 1]
        place = index - above
        if place >= len(self._index):
            return self._after[place - len(self._index)]
        row = self._index[place]
        return Row(row.name, pod_line(row, self._index, self._columns, self._look))

    def pods_before(self, index: int) -> int:
        """How many pods stand above the line at `index`."""
        line = max(0, index - len(self._before))
        return min(line - bisect_left(self._heads, line), len(self._index))

    def place(self, key: str) -> int:
        """The line of the pod called `key`, or of a release; -1 when it is not shown."""
        if key.startswith(RELEASES):
            first = len(self._before) + len(self._heads) + len(self._index)
            return next((first + at for at, row in enumerate(self._after) if row.key == key), -1)
        place = self._index.place(key)
        if place < 0:
            return -1
        above = bisect_right([head - number for number, head in enumerate(self._heads)], place)
        return len(self._before) + above + place


def heading(number: int, revisions: Sequence[ReplicaSetRow]) -> Row:
    """`rev 43 1.4.2: 0/3 ready`, over the pods of a revision."""
    found = next((each for each in revisions if each.revision == number), None)
    if found is None:
        return Row("", (Span(" of no known revision", "strong"),))
    counts = f"{found.ready}/{max(found.replicas, found.wanted)} ready"
    return Row("", (Span(f" rev {number} {found.image}: {counts}", "strong"),))


def releases(view: PodsView, width: int) -> list[Row]:
    """`1.4.2 rev 43: 0/3`, for each revision that has pods, the newest first."""
    parts = release_words(view)
    one = "  " + "    ".join(parts)
    lines = [one] if len(one) <= width else [f"  {part}" for part in parts]
    return [Row(f"{RELEASES}{at}", (Span(line, "quiet"),)) for at, line in enumerate(lines)] if parts else []


def release_words(view: PodsView) -> list[str]:
    """`1.4.2 rev 43: 0/3`, for each revision that has pods, the newest first."""
    alive = sorted((each for each in view.revisions if each.replicas or each.wanted), key=lambda each: -each.revision)
    return [f"{each.image} rev {each.revision}: {each.ready}/{max(each.replicas, each.wanted)}" for each in alive]
