"""Logs: the end of a pod's, read as a recorded run; followed, of one pod or of all together; filtered, paused."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cockpit.incident.times import time_of_day
from cockpit.room.live.podlogs import LogLine
from cockpit.room.requests import Refusal
from cockpit.room.runs.runs import Confirmation
from cockpit.room.trouble import RunTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.filtering import Filter, line_filter
from cockpit.screen.log.buffer import LogBuffer
from cockpit.screen.log.rows import LogLook, LogRows
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.widgets.frame import KeyBar, TitleBar
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud
from cockpit.screen.widgets.prompt import LINE_FILTER, Mode, Prompt

if TYPE_CHECKING:
    from datetime import datetime

    from cockpit.room.live.podlogs import PodLogs

PAINT_EVERY = 0.1
"""Seconds between two paintings at least, however fast lines come."""
HINT = 5.0
"""Seconds for which the title says why a key did nothing, before how the log stands."""
_KEYS = "f filter  F follow  space pause  P prev  L all  Z time  W wrap  [] container"

Showing = Literal["end", "previous", "following"]


class LogPage(Page):
    """The log of one pod, or of all pods of the service.

    Args:
        pod: the pod's full name; empty for all, which are followed at once.
        container: the container's; empty for the pod's default one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "filter", "filter", id="log.filter"),
        Binding("F", "follow", "follow", id="log.follow"),
        Binding("space", "pause", "pause", id="log.pause"),
        Binding("P", "previous", "before the restart", id="log.previous"),
        Binding("L", "all", "all pods", id="log.all"),
        Binding("right_square_bracket", "container(1)", "container", id="log.container"),
        Binding("left_square_bracket", "container(-1)", "container", id="log.container-back"),
        Binding("Z", "stamps", "timestamps", id="log.stamps"),
        Binding("W", "wrap", "wrap", id="log.wrap"),
    ]

    def __init__(self, war_room: WarRoom, pod: str, container: str = "") -> None:
        super().__init__("", _KEYS, follow=True)
        self._war = war_room
        self._one = pod
        self._pod = pod
        self._container = container
        self._showing: Showing = "end" if pod else "following"
        self._buffer = LogBuffer(merged=not pod)
        self._wanted = Filter()
        self._logs: PodLogs | None = None
        self._wrap = True
        self._stamps = False
        self._drawn = -1
        self._note = ""
        self._bad = False
        self._hint = ""
        """Why the last key did nothing; gone with the next one that does something, and after a while."""
        self._retitle()

    def compose(self) -> ComposeResult:
        """Title, lines, the filter's line, keys."""
        yield TitleBar()
        yield Loud()
        yield Lines(id="page", follow=True)
        yield Prompt(lambda _: [], self._war.clock.now)
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the end, or begin to follow."""
        self.query_one(Prompt).display = False
        super().on_mount()
        self.set_interval(PAINT_EVERY, self._paint)
        self._begin(self._showing)

    def on_resize(self) -> None:
        """Fit the new width."""
        self.call_after_refresh(self._draw)

    def _retitle(self) -> None:
        of = f" container {self._container}" if self._container else ""
        self.page_title = f"Log {self._war.short(self._pod)}{of}" if self._pod else "Logs of all pods"

    def _refuse(self, why: str) -> None:
        self._hint = why
        self.set_timer(HINT, lambda: self._forget(why))
        self._frame()

    def _forget(self, why: str) -> None:
        if self._hint == why:
            self._hint = ""
            self._frame()

    def _begin(self, showing: Showing) -> None:
        """Show something else: what was read before goes."""
        self._hint = ""
        self._showing, self._logs = showing, None
        self._buffer = LogBuffer(merged=not self._pod)
        self._buffer.want(self._wanted)
        self._drawn = -1  # as many lines may come as came before, and they are others
        self._retitle()
        if showing == "following":
            self._follow()
        else:
            self._read()

    @work(group="log", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        """The end of the log, as a run that is recorded: who looked at what."""
        self._say("reading …")
        previous = self._showing == "previous"
        try:
            job = self._war.jobs.log(self._pod, previous=previous, container=self._container)
            flight = self._war.launch(await self._war.prepare(job), Confirmation())
            assert flight.task is not None
            await flight.task
        except (RunTrouble, Refusal) as error:
            self._failed(str(error))
            return
        trouble = flight.trouble or (flight.result.error if flight.result else "")
        if trouble:
            self._failed(trouble)
            return
        self._buffer.add(LogLine(self._pod, self._container, line) for line in flight.lines)
        which = "before the last restart" if previous else "the end"
        self._say(f"{which}, {len(self._buffer):,} lines" if len(self._buffer) else f"{which}: nothing was written")

    def _failed(self, why: str) -> None:
        self.show([Row("why", (Span(f" {why}", "bad"),))])
        self._drawn = self._buffer.came
        self._say("not read", bad=True)

    @work(group="log", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        """New lines as they come."""
        self._say("following …")
        try:
            self._logs = self._war.logs(self._pod, self._container)
            await self._logs.run(self._buffer.add)
        except Refusal as error:
            self._failed(str(error))

    def _say(self, note: str, *, bad: bool = False) -> None:
        self._note, self._bad = note, bad
        self._frame()

    def _frame(self) -> None:
        """The title: what is shown, what of it is not, and why."""
        buffer = self._buffer
        if self._logs is not None and not self._bad:
            self._note = self._logs.said
        found = f"“{self._wanted.text}” {len(buffer.shown):,} of {len(buffer):,}" if self._wanted.text else ""
        silent = self._silence()
        words = [self._hint, self._wanted.error or found, f"paused, {buffer.unseen:,} came" if buffer.paused else ""]
        words += [silent, self._note, f"{buffer.dropped:,} older dropped" if buffer.dropped else ""]
        troubled = self._logs is not None and self._logs.troubled
        wrong = self._bad or troubled or bool(self._wanted.error or self._hint or silent)
        self.show_frame(" · ".join(filter(None, words)), bad=wrong)
        if not buffer.shown and not self._bad:
            self._say_why_empty()

    def _silence(self) -> str:
        """That the cluster does not answer while its logs are followed: no line would come then, and no error."""
        source = self._war.pods().source if self._logs is not None else None
        if source is None or source.state in ("live", "loading", "off") or not source.as_of:
            return ""
        return f"{source.state}, as of {time_of_day(source.as_of)}Z: lines may be missing"

    def _paint(self) -> None:
        """Draw what has come since, ten times a second at most, however fast it comes."""
        if self._drawn != self._buffer.came:
            self._draw()
        elif self._logs is not None:
            self._frame()

    def _draw(self) -> None:
        self._drawn = self._buffer.came
        if self._buffer.shown:
            width = max(20, self.size.width)
            look = LogLook(width, self._wrap, self._stamps, self._buffer.merged, self._war.deployment)
            self.query_one(Lines).show_rows(LogRows(self._buffer.shown, look))
        self._frame()

    def _say_why_empty(self) -> None:
        """Where lines would stand, why there is none: an empty page could be one that still loads."""
        why = "no line matches; esc shows all of them" if len(self._buffer) else self._note
        rows = [Row("", (Span(f" {part}", "quiet"),)) for part in wrap(why, max(20, self.size.width - 2))]
        self.show(rows)

    def action_previous(self) -> None:
        """The life before the last restart, and back."""
        if not self._pod:
            self._refuse("choose a pod first: escape, then l on it")
            return
        self._begin("end" if self._showing == "previous" else "previous")

    def action_follow(self) -> None:
        """Follow the log as it grows, and stop."""
        if self._pod:
            self._begin("end" if self._showing == "following" else "following")

    def action_all(self) -> None:
        """The logs of all pods together, and back to the one."""
        if not self._one:
            return
        self._pod, self._container = ("" if self._pod else self._one), ""
        self._begin("following")

    def action_pause(self) -> None:
        """Let what is shown stand still, and go on."""
        if self._buffer.paused:
            self._buffer.go_on()
        else:
            self._buffer.pause()
        self._draw()

    def action_stamps(self) -> None:
        """Show when each line was written, or not."""
        self._stamps = not self._stamps
        self._draw()
        if self._stamps and self._showing != "following":
            self._refuse("what was read has no times of its own: F follows with them")

    def action_wrap(self) -> None:
        """Let long lines go on below, or end at the edge."""
        self._wrap = not self._wrap
        self._draw()

    @work(group="container", exclusive=True, exit_on_error=False)
    async def action_container(self, by: int) -> None:
        """The pod's next container."""
        if not self._pod:
            self._refuse("each pod's default container is read; choose a pod for another")
            return
        try:
            names = await self._war.logs(self._pod).containers()
        except Refusal as error:
            self._refuse(str(error))
            return
        at = names.index(self._container) if self._container in names else 0
        self._container = names[(at + by) % len(names)] if names else ""
        self._begin(self._showing)

    def action_filter(self) -> None:
        """Ask which lines are wanted; they follow as it is typed."""
        self.query_one(Prompt).ask(LINE_FILTER, self._wanted.text, keep=self._keep, take=self._want)

    def on_prompt_drafted(self, event: Prompt.Drafted) -> None:
        """Filter as it is typed."""
        self._want(event.text)

    def _keep(self, mode: Mode, text: str, began: datetime) -> None:
        """The line is left: the filter stays as it is."""
        self._want(text)

    def _want(self, text: str) -> str:
        """Show the lines that `text` asks for; gives what is wrong with it."""
        self._wanted = line_filter(text)
        self._buffer.want(self._wanted)
        self._draw()
        return self._wanted.error

    def action_back(self) -> None:
        """From a filter to all lines, else back to where one came from."""
        if self._wanted.text:
            self._want("")
            return
        super().action_back()
