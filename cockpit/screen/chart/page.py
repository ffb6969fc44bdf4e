"""One signal: its course as a chart with its bounds and the incident's entries on the axis, and where it comes from."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.incident.quantities import quantity, took
from cockpit.incident.times import age, time_of_day
from cockpit.incident.wording import headline
from cockpit.room.live.courses import HISTORY, Course, Origin
from cockpit.room.requests import Refusal
from cockpit.room.views.signals import SignalView, SourceView
from cockpit.room.war_room import WarRoom
from cockpit.screen.chart import facts as chart_facts
from cockpit.screen.chart.course import reaches
from cockpit.screen.chart.drawing import drawing, limits
from cockpit.screen.chart.lines import MARGIN, draw
from cockpit.screen.chart.marks import Mark, letters, marks, nearest
from cockpit.screen.chart.past import Past
from cockpit.screen.chart.scale import Window
from cockpit.screen.chart.view import Look
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, Tone
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.bars import Bar
from cockpit.screen.widgets.frame import KeyBar, TitleBar
from cockpit.screen.widgets.legend import Legend
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud

KEYS = "←→ look · + - zoom · j k entries · enter opens · Y copy the query"
_FARTHEST = timedelta(days=14)
"""How far back somebody can go, where there is a past to be asked for."""
_TONES: dict[str, Tone] = {"bad": "bad", "warn": "warn", "good": "good", "quiet": "quiet", "accent": "accent"}


class SignalPage(Page):
    """`enter` on a signal.

    Args:
        war_room: whose signal it is.
        id: the signal's.
        glyphs: what this terminal can draw.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "look(-1)", "earlier", show=False, id="signal.earlier"),
        Binding("right", "look(1)", "later", show=False, id="signal.later"),
        Binding("shift+left,ctrl+left", "look(-10)", "much earlier", show=False, id="signal.much-earlier"),
        Binding("shift+right,ctrl+right", "look(10)", "much later", show=False, id="signal.much-later"),
        Binding("plus,equals_sign", "zoom(-1)", "a shorter stretch", show=False, id="signal.zoom-in"),
        Binding("minus,underscore", "zoom(1)", "a longer stretch", show=False, id="signal.zoom-out"),
        Binding("Y", "copy", "copy the query", id="signal.copy"),
    ]

    def __init__(self, war_room: WarRoom, id: str, glyphs: Glyphs) -> None:
        super().__init__(id, KEYS)
        self._war = war_room
        self._signal_id = id
        self._glyphs = glyphs
        self._look = Look()
        self._marks: list[Mark] = []
        self._past = Past()

    def compose(self) -> ComposeResult:
        """Title, facts, chart, the list of what happened, keys."""
        yield TitleBar()
        yield Loud()
        yield Bar(id="facts")
        yield Bar(id="chart")
        yield Legend(id="page")
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw, and again as it goes on."""
        super().on_mount()
        self.set_interval(1.0, self._draw)
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Fit the new size."""
        self.call_after_refresh(self._draw)

    def _signal(self) -> SignalView | None:
        return next((each for each in self._war.signals() if each.id == self._signal_id), None)

    def _source(self, found: SignalView) -> SourceView:
        """How fresh what reads it is; of what nothing reads, the signals."""
        sources = self._war.signal_sources()
        return sources.get(found.part) or next(iter(sources.values()))

    def _window(self) -> Window:
        return self._look.window(self._war.clock.now(), max(20, self.size.width - MARGIN - 1))

    def _draw(self) -> None:
        found = self._signal()
        if found is None:
            words = (
                "this signal is being opened" if self._war.live is None else "this signal is not configured any more"
            )
            self.query_one("#facts", Bar).show_lines(((Span(f" {words}", "warn"),),))
            return
        self.page_title = found.title
        window, origin = self._window(), self._war.courses.origin(self._signal_id)
        self._need_past(window)
        self._marks = marks(self._war.room.timeline.entries, self._war.room.state, window)
        self._draw_title(found)
        facts = self._facts(found, origin)
        self.query_one("#facts", Bar).show_lines(facts)
        self._draw_chart(found, origin, window, self._height(len(facts)))
        self._draw_legend(window)

    def _draw_title(self, found: SignalView) -> None:
        end = f"to {time_of_day(self._look.until)}Z" if self._look.until else "to now"
        value = f"{quantity(found.value, found.unit)} · " if found.value is not None else ""
        note = f"{value}{found.standing} · {self._look.words} {end}"
        if self._past.began is not None:
            waited = age(self._war.clock.monotonic() - self._past.began)
            note += f" · asking {self._war.courses.origin(self._signal_id).source}, {waited} …"
        if self._past.trouble:
            note += f" · {self._past.trouble}"
        elif not self._war.courses.has_past(self._signal_id) and self._window().seconds > HISTORY:
            note += f" · only {took(HISTORY)} of it is kept"
        self.show_frame(note, bad=bool(self._past.trouble))

    def _facts(self, found: SignalView, origin: Origin) -> list[tuple[Span, ...]]:
        width, now = self.size.width, self._war.clock.now()
        most = 1 if self.size.height < 30 else 4
        rows = [*chart_facts.standing(found, self._source(found), now, width), chart_facts.bounds(found, origin, width)]
        rows += chart_facts.remarks(found)
        return [*rows, *chart_facts.query(origin, width, most)]

    def _height(self, facts: int) -> int:
        """Rows of the plot: what facts, axis, reading and a few entries leave of the screen."""
        listed = 3 if self.size.height < 30 else max(5, self.size.height // 5)
        return max(4, self.size.height - facts - listed - 6 - (1 if self.query_one(Loud).display else 0))

    def _courses(self) -> list[Course]:
        """The past that was asked for, joined to what is kept, each with its own gap."""
        kept = self._war.courses.kept(self._signal_id)
        past = self._past.course.until(kept)
        return [each for each in (past, kept) if each.samples]

    def _draw_chart(self, found: SignalView, origin: Origin, window: Window, height: int) -> None:
        now = self._war.clock.now()
        courses = self._courses()
        shown = [*courses[:-1], courses[-1].held(now)] if courses and found.value is not None else courses
        columns = reaches(shown, window, 2 * window.width)
        column = self._look.place(now, window)
        picture = drawing(
            found, origin, window, height, columns, column, letters(self._marks),
            stale=not self._source(found).trusted, loading=self._past.began is not None,
        )  # fmt: skip
        at = min(now, self._look.cursor or self._look.until or now)
        said = chart_facts.reading(found, shown, limits(found, origin), at, loading=self._past.began is not None)
        self.query_one("#chart", Bar).show_lines([*draw(picture, self._glyphs), said])

    def _draw_legend(self, window: Window) -> None:
        state = self._war.room.state
        rows = []
        for mark in self._marks:
            said = headline(mark.entry, state)
            when = Span(f" {mark.letter} ", "strong"), Span(f"{time_of_day(mark.entry.occurred)} ", "quiet")
            words = Span(f"{said.glyph or ' '} {said.text}", _TONES.get(said.tone, "plain"))
            rows.append(Row(mark.entry.id, (*when, words, Span(f"  {said.who}", "quiet"))))
        legend = self.query_one(Legend)
        legend.show_rows(rows or [Row("", (Span(" nothing was recorded within this time", "quiet"),))])
        if not self._look.cursor:
            self._choose_nearest(window)

    def _choose_nearest(self, window: Window) -> None:
        """The list follows the cursor."""
        mark = nearest(self._marks, self._look.place(self._war.clock.now(), window))
        if mark is not None:
            self.query_one(Legend).follow(mark.entry.id)

    def _need_past(self, window: Window) -> None:
        """Ask for what is not kept of a window."""
        monotonic = self._war.clock.monotonic()
        if self._war.courses.has_past(self._signal_id) and self._past.wants(window, self._war.clock.now(), monotonic):
            self._past.ask(window, monotonic)
            self._ask(window)

    @work(group="past", exclusive=True, exit_on_error=False)
    async def _ask(self, window: Window) -> None:
        """Ask for the past of a window; a failure is said in the title."""
        try:
            end = min(window.end, self._war.clock.now())
            self._past.take(await self._war.courses.past(self._signal_id, window.begin, end, 2 * window.width))
        except Refusal as error:
            self._past.fail(f"the past is not known: {error}", self._war.clock.monotonic())
        self._draw()

    def action_look(self, by: int) -> None:
        """Look at an earlier or a later instant."""
        now = self._war.clock.now()
        kept = self._war.courses.kept(self._signal_id).samples
        reach = _FARTHEST if self._war.courses.has_past(self._signal_id) else timedelta(seconds=HISTORY)
        self._look.move(by, now, self._window().width, min([now - reach, *(each.at for each in kept[:1])]))
        self._choose_nearest(self._window())
        self._draw()

    def action_zoom(self, by: int) -> None:
        """A longer or a shorter stretch of time."""
        self._look.zoom(by, self._war.clock.now())
        self._past.forget()
        self._draw()

    def on_legend_chose(self, event: Legend.Chose) -> None:
        """Look at the instant of the entry under the list's cursor."""
        mark = next((each for each in self._marks if each.entry.id == event.key), None)
        if mark is not None:
            self._look.go(mark.entry.occurred, self._war.clock.now())
            self._draw()

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Enter: the entry under the cursor; what it begins of a command line is the cockpit's to open."""
        from cockpit.screen.entry import EntryPage

        self.app.push_screen(EntryPage(self._war, event.key), self._go_back)

    def _go_back(self, line: str | None) -> None:
        if line:
            self.dismiss(line)

    def action_copy(self) -> None:
        """Copy the query as it is written."""
        if text := self._war.courses.origin(self._signal_id).query:
            self.app.copy_to_clipboard(text)
        else:
            self.notify("no query is configured for it", markup=False)
