"""The pods pane: faults first, one line a pod, the releases below; loading, empty and lost look different."""

from __future__ import annotations

from datetime import datetime

from cockpit.incident.times import age, time_of_day
from cockpit.room.views.signals import PodsView, SourceView
from cockpit.screen.filtering import Filter, pod_filter
from cockpit.screen.panes.pane import Pane
from cockpit.screen.panes.pods_cells import Look, Widths, shortened
from cockpit.screen.panes.pods_index import SORTS, Order, PodIndex
from cockpit.screen.panes.pods_rows import PodRows, release_words
from cockpit.screen.spans import Span
from cockpit.screen.terminal.glyphs import Glyphs

_REASONS = 3
"""Reasons of faults that the title names; the rest are counted."""
_CUTS = (12, 8, 4, 3)
"""Letters of a filter that the title shows where there is no room for more."""


class PodsPane(Pane):
    """The service's pods."""

    def __init__(self) -> None:
        super().__init__(1, "Pods")
        self.sort = SORTS[0]
        self._filter = Filter()
        self._widths = Widths()
        self._index = PodIndex(self._widths.note)
        self._releases = ""
        self._said = ""

    @property
    def needle(self) -> str:
        """The filter, as it was typed."""
        return self._filter.text

    @needle.setter
    def needle(self, text: str) -> None:
        if text.strip() != self._filter.text:
            self._filter = pod_filter(text)

    def update_from(self, view: PodsView, now: datetime, glyphs: Glyphs) -> None:
        """Show `view`; a source that cannot be trusted dims what is known and says since when."""
        source = view.source
        if not view.rows:
            self._releases = ""
            self.answer(source.state if source.state != "live" else "none", _title_tone(source))
            self.say(*absent(view, now))
        else:
            self._index.take(view, Order(self.sort, self._filter, view.numbers))
            tone = _title_tone(source) or _fault_tone(view)
            said = " · ".join(self._words(view))
            shorter = [" · ".join(self._words(view, most, short=True)) for most in range(_REASONS, -2, -1)]
            shorter += [" · ".join(self._words(view, -1, short=True, cells=cells)) for cells in _CUTS]
            self.answer(said, "warn" if self._filter.error else tone, shorter=shorter)
            known = view.deployment.name if view.deployment else ""
            measured = view.usage_source.trusted if view.usage_source and view.usage_source.state != "off" else None
            stale = source.state not in ("live", "loading")  # what has come while loading is so now
            look = Look(self.size.width, now, glyphs, known, stale=stale, measured=measured, sort=self.sort)
            self._releases = " · ".join(release_words(view))
            self.show_rows(PodRows(self._index, self._widths, view, look))
        self._say_rest()

    def _words(self, view: PodsView, most: int = _REASONS, *, short: bool = False, cells: int = 0) -> list[str]:
        """The title's parts: since when it is only believed, what is shown and how, how many serve, what is wrong.
        With `cells`, so many of what was asked for: the rest stands in the line where it was typed. With the fewest
        not what they are sorted by, which is a column."""
        source, wanted = view.source, self._filter
        words = [f"as of {time_of_day(source.as_of)}Z"] if not source.trusted and source.as_of else []
        words += ["loading"] if source.state == "loading" else []
        words += [f"slow: {source.took:.0f} s"] if source.trusted and source.took else []
        if wanted.text and not wanted.error:
            text = _cut(wanted.text, cells or max(12, self.size.width // 3))
            words.append(f"“{text}” {len(self._index):,} of {self._index.total:,}")
        if wanted.error:
            words.append("filter not understood" if cells else wanted.error)
        words += [f"by {self.sort}"] if self.sort != SORTS[0] and cells != _CUTS[-1] else []
        return [*words, f"{view.ready:,}/{view.wanted:,} ready", *fault_words(view.faults, most, short=short)]

    @property
    def needle_error(self) -> str:
        """What is wrong with the filter, in words."""
        return self._filter.error

    def _say_rest(self) -> None:
        """How many pods are out of view, and the releases when they are."""
        above = below = 0
        unseen = ""
        if isinstance(self.rows, PodRows) and self.size.height:
            top, end = round(self.scroll_offset.y), round(self.scroll_offset.y) + self.size.height
            above, below = self.rows.pods_before(top), len(self._index) - self.rows.pods_before(end)
            unseen = self._releases if end < len(self.rows) else ""
        words = [f"{count:,} more {where}" for count, where in ((above, "above"), (below, "below")) if count]
        said = " · ".join(filter(None, (unseen, *words)))
        if said != self._said:
            self._said = said
            self.beneath(said)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """What is out of view has changed."""
        super().watch_scroll_y(old_value, new_value)
        self._say_rest()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _title_tone(source: SourceView) -> str:
    return "" if source.state in ("live", "loading") else "stale"


def _fault_tone(view: PodsView) -> str:
    return "bad" if view.crashing else "warn" if view.faults else ""


def fault_words(faults: dict[str, int], most: int = _REASONS, *, short: bool = False) -> list[str]:
    """`3 CrashLoopBackOff`, for each reason, the most frequent first; after `most` of them how many have others: in
    `short`, `3 CrashLoop +2`, with `most` 0 `5 faults`, and below that nothing."""
    ranked = sorted(faults.items(), key=lambda each: (-each[1], each[0]))
    if short and most <= 0:
        return [f"{sum(faults.values()):,} faults"] if faults and most == 0 else []
    rest = sum(count for _, count in ranked[most:])
    words = [f"{count:,} {shortened(reason) if short else reason}" for reason, count in ranked[:most]]
    if short and rest:
        return [*words[:-1], f"{words[-1]} +{rest:,}"]
    return [*words, *([f"{rest:,} other"] if rest else [])]


def absent(view: PodsView, now: datetime) -> tuple[Span, ...]:
    """Why there is no pod to show, and what to do: loading is not empty, and neither is forbidden."""
    source = view.source
    if source.state == "loading":
        said = Span(f"loading pods, {age((now - source.since).total_seconds())} …", "quiet")
        return (said, Span(source.detail, "warn"), Span(source.mend, "quiet")) if source.detail else (said,)
    if source.state == "live":
        return (Span("no pods match", "warn"), Span(source.detail or "the selector finds none here", "quiet"))
    if source.state == "off":
        return (Span("no cluster is configured", "quiet"), Span(source.mend or "`cockpit init` writes one", "quiet"))
    ago = age((now - source.since).total_seconds())
    head = Span(f"unknown: {source.state} for {ago}", "bad")
    return tuple(span for span in (head, Span(source.detail, "plain"), Span(source.mend, "quiet")) if span.text)
