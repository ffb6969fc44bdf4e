"""The run screen: exactly what will be executed and where, the question, then what happens, then what to do with it."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from cockpit.incident.times import span
from cockpit.room.runs.jobs import Job
from cockpit.room.runs.runs import Confirmation, Flight, Plan
from cockpit.room.trouble import RunTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.run.question import UNRECORDED, Stage, follows, question
from cockpit.screen.run.rows import flight_rows, place_of, plan_rows
from cockpit.screen.spans import Row, Span, Spans, Tone, fit, width_of, wrap
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.terminal.lending import lend
from cockpit.screen.widgets.bars import Bar
from cockpit.screen.widgets.field import Field
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud
from cockpit.values import replace


class RunScreen(Screen[None]):
    """One deed from preview to result. Leaving it does not stop what runs.

    Args:
        war_room: who prepares and executes.
        job: what is to be done.
        glyphs: the marks of this terminal.
        flight: that of the job where it runs already; it is looked at, and not begun again.
    """

    CSS_PATH = "../page.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes, do it", id="run.yes"),
        Binding("n", "no", "no", id="run.no"),
        Binding("escape", "no", "back", id="run.back"),
        Binding("q", "no", "back", show=False, id="run.quit"),
        Binding("X", "cancel", "cancel the run", id="run.cancel"),
        Binding("U", "undo", "undo", id="run.undo"),
        Binding("Y", "copy", "copy the command", id="run.copy"),
        Binding("space", "done", "tick: done by hand", id="run.done"),
        Binding("B", "break_glass", "break the glass", id="run.break-glass"),
        Binding("down", "move(1)", show=False, id="run.down"),
        Binding("up", "move(-1)", show=False, id="run.up"),
        Binding("pagedown", "page(1)", show=False, id="run.page-down"),
        Binding("pageup", "page(-1)", show=False, id="run.page-up"),
    ]

    def __init__(self, war_room: WarRoom, job: Job, glyphs: Glyphs, flight: Flight | None = None) -> None:
        super().__init__()
        self._war = war_room
        self._job = job
        self._glyphs = glyphs
        self._stage: Stage = "flying" if flight else "preparing"
        self._plan: Plan | None = flight.plan if flight else None
        self._flight: Flight | None = flight
        self._trouble = ""
        self._given = Confirmation()
        self._glass = ""
        """Why it is done though the operator's roles do not let them."""
        self._began = war_room.clock.monotonic()
        self._waits = "looking"
        """What the preview waits for."""

    def compose(self) -> ComposeResult:
        """Title, the plan and its output, the name to type, the question."""
        yield Bar(id="title")
        yield Loud()
        yield Lines(id="page", follow=False)
        yield Field(id="name", compact=True)
        yield Bar(id="keys")

    def on_mount(self) -> None:
        """Prepare, looking only."""
        self.query_one(Input).display = False
        self.query_one(Lines).focus()
        self.set_interval(1.0, self._draw)
        self._draw()
        if self._flight is None:
            self._prepare()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.call_after_refresh(self._draw)

    @work(group="prepare", exclusive=True, exit_on_error=False)
    async def _prepare(self) -> None:
        try:
            plan = await self._war.prepare(self._job, self._wait)
        except RunTrouble as error:
            self._stage, self._trouble = "refused", str(error)
        else:
            self._plan = plan
            if plan.refusals:
                self._stage = "refused"
            elif plan.forbidden:
                self._stage = "forbidden"
            else:
                self._ask(plan)
        self._draw()

    def _wait(self, words: str) -> None:
        self._waits = words
        self._draw()

    def _ask(self, plan: Plan) -> None:
        """The question that the plan's risk asks; what only looks begins at once."""
        self._stage = "asking"
        if plan.confirm.kind == "none":
            self._launch(Confirmation())
        elif plan.confirm.kind == "name":
            self._ask_name(plan)

    @work(group="glass", exclusive=True, exit_on_error=False)
    async def action_break_glass(self) -> None:
        """Do once, for a reason that is recorded, what the operator's roles do not let them do."""
        if self._stage != "forbidden" or self._plan is None:
            return
        from cockpit.screen.dialogs.break_glass import BreakGlassDialog

        dialog: Screen[str | None] = BreakGlassDialog(self._plan.forbidden)
        why: str | None = await self.app.push_screen_wait(dialog)
        self._glass = why or ""
        if self._glass:
            self._ask(self._plan)
            self._draw()

    def _ask_name(self, plan: Plan) -> None:
        self._ask_word(f"type {plan.confirm.name} to do it")

    def _ask_word(self, placeholder: str) -> None:
        line = self.query_one(Input)
        line.value, line.placeholder, line.display = "", placeholder, True
        line.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The word was typed: the target's name, or that it shall be done unrecorded."""
        if self._plan and self._stage == "asking" and event.value == self._plan.confirm.name:
            self._answered()
        elif self._stage == "unrecorded" and event.value == UNRECORDED:
            self.query_one(Input).display = False
            self._launch(self._given, unrecorded=True)
        else:
            wanted = UNRECORDED if self._stage == "unrecorded" else self._plan.confirm.name if self._plan else ""
            self.notify(f"'{event.value}' is not {wanted}: nothing is done", severity="warning", markup=False)
            event.input.value = ""

    def action_yes(self) -> None:
        """Yes to the question that stands there; enter alone is never yes."""
        if self._plan is None:
            return
        if self._stage == "asking" and self._plan.confirm.kind == "yes":
            self._answered()
        elif self._stage == "asking again":
            self._launch(Confirmation(yes=True, name=self._plan.confirm.name, again=True))

    def _answered(self) -> None:
        assert self._plan is not None
        self.query_one(Input).display = False
        if self._plan.confirm.extra:
            self._stage = "asking again"
            self._draw()
        else:
            self._launch(Confirmation(yes=True, name=self._plan.confirm.name))

    def action_no(self) -> None:
        """Back; before the launch that is a no, after it the run goes on by itself, but nobody follows a stream."""
        if follows(self._plan):
            self.action_cancel()
        self.dismiss()

    def action_move(self, by: int) -> None:
        """Read on while the name is being typed: nobody should confirm what they could not see."""
        self.query_one(Lines).action_move(by)

    def action_page(self, direction: int) -> None:
        """Half a page on."""
        self.query_one(Lines).action_page(direction)

    def action_cancel(self) -> None:
        """Stop the run: what was sent already is found out and recorded."""
        if self._flight is not None and not self._flight.over and self._flight.task is not None:
            self._flight.task.cancel()

    def action_undo(self) -> None:
        """Offer the undo of what was done here."""
        if self._flight is not None and self._flight.over and self._plan is not None and self._plan.changes:
            job = self._war.jobs.undo(self._plan.run)
            if job is not None:
                self.app.switch_screen(RunScreen(self._war, job, self._glyphs))

    def action_copy(self) -> None:
        """Put the command onto the terminal's clipboard, to be run elsewhere."""
        if self._plan is not None:
            self.app.copy_to_clipboard(self._plan.copy or self._plan.command)

    def action_done(self) -> None:
        """What cannot run here was done by hand."""
        step = self._war.room.setting.steps.get(self._job.step)
        if self._stage != "refused" or step is None or self._war.read_only:
            return
        from cockpit.screen.dialogs.hand import HandDialog

        text = (self._plan.copy or self._plan.command) if self._plan else ""
        why = self._plan.refusals[0] if self._plan and self._plan.refusals else self._trouble
        self.app.push_screen(HandDialog(self._war.room, step, copy=text, why=why))

    def _launch(self, given: Confirmation, *, unrecorded: bool = False) -> None:
        assert self._plan is not None
        self._given = given = replace(given, break_glass=self._glass)
        lent = lambda argv, environ: lend(self.app, argv, environ)  # noqa: E731
        self._flight = self._war.launch(self._plan, given, unrecorded=unrecorded, terminal=lent)
        self._stage = "flying"
        self.query_one(Lines).focus()
        self._draw()

    def _draw(self) -> None:
        if self._flight is not None and self._flight.over and self._stage == "flying":
            self._stage = "unrecorded" if self._flight.unrecorded else "over"
            if self._stage == "unrecorded":
                self._ask_word(f"type {UNRECORDED} to do it without a record")
        width = max(20, self.size.width - 2)
        self.query_one("#title", Bar).show_lines((self._headline(),))
        rows = plan_rows(self._plan, width) if self._plan else []
        rows += [
            Row("trouble", (Span(f" {line}", "bad"),)) for line in (wrap(self._trouble, width) if self._trouble else [])
        ]
        rows += flight_rows(self._flight, width) if self._flight else []
        lines = self.query_one(Lines)
        lines.show_rows(rows)
        if self._plan is not None and (self._plan.changes or follows(self._plan)) and self._stage in ("flying", "over"):
            lines.action_to(-1)
        self.query_one("#keys", Bar).show_lines((self._question(),))

    def _headline(self) -> Spans:
        """What, where and how it stands; where it is narrow, the place gives way, and never the state."""
        name = Span(f" {self._plan.title if self._plan else self._job.title} ", "strong")
        status = Span(f"  {self._status()}", self._tone())
        where = place_of(self._plan) if self._plan else ""
        room = self.size.width - width_of((name, status))
        return (name, Span(fit(where, room) if len(where) > room else where, "warn"), status)

    def _status(self) -> str:
        now = self._war.clock.now()
        if self._stage == "preparing":
            return f"{self._waits}, {span(self._war.clock.monotonic() - self._began)} …"
        if self._flight is None:
            words = {"refused": "cannot run", "forbidden": "not yours to do"}
            return words.get(self._stage, "nothing is changed yet")
        took = span(((self._flight.ended or now) - self._flight.began).total_seconds())
        return f"{self._flight.standing} · {took}"

    def _tone(self) -> Tone:
        standing = self._flight.standing if self._flight else self._stage
        if standing in ("succeeded", "verified"):
            return "good"
        return "bad" if standing in ("failed", "refused", "not verified") else "accent"

    def _question(self) -> Spans:
        plan, lines = self._plan, self.query_one(Lines)
        return question(
            self._stage,
            plan,
            self.size.width,
            step=bool(self._job.step),
            cut=len(lines.rows) > lines.size.height,
            undoable=self._stage == "over" and plan is not None and self._war.jobs.undo(plan.run) is not None,
        )
