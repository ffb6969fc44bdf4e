"""A pod's page: what it is and why it is not well, its events as they come, its YAML; from here to its log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.room.live.podwatch import PodDetail, PodLook, PodWatch
from cockpit.room.requests import Refusal
from cockpit.room.war_room import WarRoom
from cockpit.screen.log.page import LogPage
from cockpit.screen.page import Page
from cockpit.screen.pod.rows import CONTAINER, absent, events, headline, overview
from cockpit.screen.spans import Row, Span
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.bars import Bar
from cockpit.screen.widgets.frame import KeyBar, TitleBar
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud

PARTS = ("overview", "events", "YAML")


class PodPage(Page):
    """`enter` on a pod.

    Args:
        pod: its full name.
        describe: describes it, as a run that is recorded.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right_square_bracket", "part(1)", "next part", id="pod.next"),
        Binding("shift+tab,left_square_bracket", "part(-1)", "previous part", id="pod.previous"),
        Binding("l", "log", "log", id="pod.log"),
        Binding("d", "describe", "describe", id="pod.describe"),
    ]

    def __init__(self, war_room: WarRoom, pod: str, glyphs: Glyphs, describe: Callable[[], None]) -> None:
        super().__init__(f"Pod {war_room.short(pod)}", "tab [ ] parts · enter l log of the container · d describe")
        self._war = war_room
        self._pod = pod
        self._glyphs = glyphs
        self._describe = describe
        self._part = 0
        self._watch: PodWatch | None = None
        self._refused = ""
        self._yaml: tuple[PodDetail, tuple[str, ...]] | None = None

    def compose(self) -> ComposeResult:
        """Title, parts, lines, keys."""
        yield TitleBar()
        yield Bar(id="parts")
        yield Loud()
        yield Lines(id="page")
        yield KeyBar()

    def on_mount(self) -> None:
        """Watch it, and draw: ages move each second, what changes is there a quarter of a second later."""
        super().on_mount()
        self.set_interval(0.25, self._draw)
        self.call_after_refresh(self._draw)
        self._follow()

    def on_resize(self) -> None:
        """Fit the new width."""
        self.call_after_refresh(self._draw)

    @work(group="watch", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        """Watch the pod for as long as the page is open."""
        try:
            self._watch = self._war.pod(self._pod)
        except Refusal as error:
            self._refused = str(error)
            return
        await self._watch.run(lambda: None)

    def _draw(self) -> None:
        now, width = self._war.clock.now(), max(20, self.size.width)
        if self._refused:
            self.show([Row("", (Span(f" {self._refused}", "bad"),))])
            self.show_frame("not read", bad=True)
            return
        look = self._watch.look() if self._watch else PodLook("loading")
        self.show_frame(headline(look, now, self._glyphs), bad=not look.trusted and look.standing != "loading")
        self._show_parts(look)
        if look.detail is None:
            self.show(absent(look, width))
        elif PARTS[self._part] == "overview":
            self.show(overview(look, look.detail, now, self._glyphs, width))
        elif PARTS[self._part] == "events":
            self.show(events(look, now, width))
        else:
            self._show_yaml(look.detail)

    def _show_parts(self, look: PodLook) -> None:
        counts = {"events": f" {len(look.events):,}" if look.events else ""}
        spans = [Span(" ")]
        for number, part in enumerate(PARTS):
            chosen = number == self._part
            text = f"{part}{counts.get(part, '')}"
            spans += [Span(f"[{text}]" if chosen else f" {text} ", "accent" if chosen else "quiet"), Span(" ")]
        self.query_one("#parts", Bar).show_lines((tuple(spans),))

    def _show_yaml(self, detail: PodDetail) -> None:
        if self._yaml is not None and self._yaml[0] is detail:
            self.show([Row("", (Span(f" {line}"),)) for line in self._yaml[1]])
        else:
            self._write_yaml(detail)

    @work(group="yaml", exclusive=True, exit_on_error=False)
    async def _write_yaml(self, detail: PodDetail) -> None:
        """Off the loop: it takes some milliseconds."""
        self._yaml = (detail, await asyncio.to_thread(detail.yaml))

    def action_part(self, by: int) -> None:
        """The next part."""
        self._part = (self._part + by) % len(PARTS)
        self.query_one(Lines).scroll_to(y=0, animate=False, force=True)
        self._draw()

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Enter on a container: its log."""
        if event.key.startswith(CONTAINER):
            self.action_log()

    def action_log(self) -> None:
        """The log of the container under the cursor, else of the default one."""
        key = self.query_one(Lines).selected
        container = key.removeprefix(CONTAINER) if key.startswith(CONTAINER) else ""
        self.app.push_screen(LogPage(self._war, self._pod, container))

    def action_describe(self) -> None:
        """The pod described, which the record keeps."""
        self._describe()
