"""The cockpit's own screen: header, four panes, suggestion, prompt and footer, and the keys that start every deed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal

from cockpit.incident.entry import Entry
from cockpit.incident.terms import Status
from cockpit.room.requests import Check
from cockpit.room.war_room import WarRoom
from cockpit.screen import header
from cockpit.screen.app import CockpitApp
from cockpit.screen.key_line import footer
from cockpit.screen.keys import TYPED, bindings
from cockpit.screen.panes.checklist import ChecklistPane
from cockpit.screen.panes.pane import Pane
from cockpit.screen.panes.pods import PodsPane
from cockpit.screen.panes.pods_index import SORTS
from cockpit.screen.panes.pods_rows import RELEASES
from cockpit.screen.panes.run import RunStrip
from cockpit.screen.panes.scribe import ScribePane
from cockpit.screen.panes.signals import SignalsPane
from cockpit.screen.panes.timeline import TimelinePane
from cockpit.screen.presence import looking_at
from cockpit.screen.prompting import Prompting
from cockpit.screen.sizes import fit
from cockpit.screen.suggesting import suggestion
from cockpit.screen.terminal import alarms
from cockpit.screen.terminal.alarms import Alarms, notification
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.bars import Bar
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud
from cockpit.screen.widgets.prompt import Prompt


class CockpitScreen(Prompting):
    """What a responder sees first and comes back to.

    Args:
        war_room: what it shows and does.
        glyphs: the marks of this terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("tab", "next_pane(1)", "next pane", show=False, id="cockpit.next-pane"),
        Binding("shift+tab", "next_pane(-1)", "previous pane", show=False, id="cockpit.previous-pane"),
        Binding("escape", "back", "back", show=False, id="cockpit.back"),
    ]

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__(war_room, glyphs)
        self._alarms = Alarms()

    def compose(self) -> ComposeResult:
        """Top to bottom as SCREENS draws it."""
        yield Bar(id="header")
        yield Loud()
        with Horizontal(id="body"):
            with Container(id="panes"):
                yield PodsPane()
                yield SignalsPane()
                yield ChecklistPane()
                yield TimelinePane()
            yield ScribePane()
        yield RunStrip()
        yield Bar(id="suggestion")
        yield Prompt(self.war_room.complete, self.war_room.clock.now)
        yield Bar(id="footer")

    def on_mount(self) -> None:
        """Draw what is known, listen for what is new, and let the sources be opened after the first picture."""
        self.query_one(Prompt).display = False
        self.set_focus(self.query_one(PodsPane))  # at once: what was typed before the screen was there is done next
        self.war_room.room.subscribe(self._on_entries)
        self.war_room.on_signals = self.war_room.on_run = self._on_news
        self.war_room.looking = lambda: looking_at(self.app)
        self.war_room.on_merged = lambda was, now: self._tell(f"{was} was merged into {now}: this is {now}")
        self.set_interval(1.0, self.draw)
        self.call_after_refresh(self._go_live)

    @work(group="live", exit_on_error=False)
    async def _go_live(self) -> None:
        """Open the sources; each reports its own failure, none stops the cockpit."""
        self.draw()
        await self.war_room.go_live()

    def _on_entries(self, entries: Sequence[Entry]) -> None:
        self._on_news()

    def _on_news(self) -> None:
        self.call_later(self.draw)

    def on_resize(self) -> None:
        """Choose the layout for the size."""
        fit(self)
        self.call_after_refresh(self.draw)

    def on_screen_resume(self) -> None:
        """Coming back from another screen: show what happened meanwhile."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Bring every part up to date; parts that do not differ cost nothing."""
        if not self.is_mounted:
            return
        war, now, width = self.war_room, self.war_room.clock.now(), max(20, self.size.width)
        pods, signals, sources = war.pods(), war.signals(), war.sources()
        top = header.first_line(war.room, now, width)
        waiting = len(war.recorder.waiting)
        shared = war.shared()
        apart = shared.words if shared else ""
        below = header.second_line(war.room, sources, now, width, self.glyphs, war.read_only, waiting, apart)
        bar = self.query_one("#header", Bar)
        bar.show_lines((top, below))
        bar.set_class(bool(war.room.target and war.room.target.production), "-production")
        bar.set_class(war.room.state.drill, "-drill")
        self.query_one(PodsPane).update_from(pods, now, self.glyphs)
        self.query_one(SignalsPane).update_from(signals, war.signal_sources(), now, self.glyphs, war.endpoints())
        own = [role.value for role in war.room.state.roles_of(war.room.actor)]
        lists, closed = war.room.checklists(), war.room.state.status is Status.CLOSED
        self.query_one(ChecklistPane).update_from(lists, own, closed, now, self.glyphs)
        self.query_one(TimelinePane).update_from(war.room.timeline)
        self.query_one(RunStrip).update_from(war, now, self.glyphs)
        if self.has_class("-huge"):
            self.query_one(ScribePane).update_from(war)
        self.query_one("#suggestion", Bar).show_lines((suggestion(war, self.glyphs, width),))
        self.query_one("#footer", Bar).show_lines((footer(width, typing=self.query_one(Prompt).is_open),))
        self._ring(now)

    def _ring(self, now: datetime) -> None:
        """Ring once for each clock that becomes overdue, and for each alert that proposes an incident."""
        room = self.war_room.room
        overdue = self._alarms.look(room.incident, room.clocks(), now)
        if overdue and isinstance(self.app, CockpitApp):
            self.app.alarm(notification(room.state, overdue))
        found = self.war_room.proposed() or self.war_room.nobodys()
        if self._alarms.proposes(found) and found and isinstance(self.app, CockpitApp):
            self.app.alarm(alarms.proposal(found, now))

    @property
    def _panes(self) -> list[Pane]:
        return [pane for pane in self.query(Pane) if not isinstance(pane, ScribePane)]

    def action_pane(self, number: int) -> None:
        """Go to a pane by its number."""
        self._show(self._panes[number - 1])

    def action_next_pane(self, by: int) -> None:
        """Go to the next pane."""
        panes = self._panes
        at = panes.index(self.focused) if isinstance(self.focused, Pane) and self.focused in panes else -by
        self._show(panes[(at + by) % len(panes)])

    def _show(self, pane: Pane) -> None:
        """Focus `pane`; zoomed or narrow, it is the one that is seen."""
        for each in self._panes:
            each.set_class(each is pane, "-front")
        self.set_focus(pane)  # at once: the next key of a burst is for it

    def action_zoom(self) -> None:
        """One pane over the whole screen, and back."""
        self.toggle_class("-zoomed")
        if isinstance(self.focused, Pane):
            self._show(self.focused)
        self.call_after_refresh(self.draw)

    def on_descendant_focus(self) -> None:
        """The pane with the focus is the one in front."""
        if isinstance(self.focused, Pane):
            for each in self._panes:
                each.set_class(each is self.focused, "-front")

    def action_sort(self) -> None:
        """The next order of the pods."""
        pods = self.query_one(PodsPane)
        pods.sort = SORTS[(SORTS.index(pods.sort) + 1) % len(SORTS)]
        self.draw()

    def action_next_list(self) -> None:
        """The next role's checklist."""
        self.query_one(ChecklistPane).next_list(self.war_room.room.checklists(), 1)
        self.draw()

    @work(group="record")
    async def action_tick(self) -> None:
        """Tick the item under the cursor, or open it again."""
        pane = self.query_one(ChecklistPane)
        if self.focused is not pane or not pane.selected:
            self.notify("go to the checklist (3) and choose an item first", markup=False)
            return
        ticks = (t for each in self.war_room.room.checklists() for p in each.phases for t in p.ticks)
        tick = next((each for each in ticks if each.item.id == pane.selected), None)
        await self.ask_room(Check(pane.selected, "done" if tick is None or tick.state == "open" else "open"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys that begin to type are text while something is typed."""
        return not (action in TYPED and self.query_one(Prompt).is_open)

    def action_back(self) -> None:
        """Back from zoom, else from a filter."""
        if self.has_class("-zoomed"):
            self.action_zoom()
            return
        for pane in (self.query_one(PodsPane), self.query_one(TimelinePane)):
            pane.needle = ""
        self.draw()

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Enter: what the pane's row stands for."""
        if isinstance(event.lines, PodsPane) and event.key.startswith(RELEASES):
            self.action_changed()
        elif isinstance(event.lines, PodsPane):
            self.open_pod(event.key)
        elif isinstance(event.lines, ChecklistPane):
            self.call_later(self.action_tick)
        elif isinstance(event.lines, SignalsPane):
            self.open_signal(event.key)
        elif isinstance(event.lines, TimelinePane):
            self.open_entry(event.key)

    def action_leave(self) -> None:
        """Leave the cockpit; the incident goes on."""
        self.app.exit(0)
