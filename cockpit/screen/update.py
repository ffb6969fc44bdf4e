"""The status update: status, words, the template's blanks, the message as it will be read; one question, one act."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static

from cockpit.incident.terms import Status
from cockpit.incident.times import time_of_day
from cockpit.room.messages import TO, Composed, Update
from cockpit.room.requests import Refusal
from cockpit.room.trouble import RecordTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.dialogs.break_glass import permitted
from cockpit.screen.dialogs.stays import ask_what_stays
from cockpit.screen.spans import Span, content
from cockpit.screen.widgets.bars import Bar
from cockpit.screen.widgets.field import Field


class UpdateScreen(Screen[bool]):
    """Compose on top, the message below; `enter` asks, `y` records and sends, `n` goes on composing."""

    CSS_PATH = "update.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="update.back"),
        Binding("ctrl+right", "status(1)", "next status", id="update.next", priority=True),
        Binding("ctrl+left", "status(-1)", "previous status", id="update.previous", priority=True),
        Binding("ctrl+t", "template", "next template", id="update.template", priority=True),
        Binding("ctrl+o", "silent", "with or without a message", id="update.silent", priority=True),
        Binding("y", "send", "send", id="update.send"),
        Binding("n", "compose", "go on composing", id="update.compose"),
    ]

    def __init__(self, war_room: WarRoom) -> None:
        super().__init__()
        self._war = war_room
        state = war_room.room.state
        self._to = state.status if state.status in TO else Status.INVESTIGATING
        self._template = war_room.messages.suggested(self._to)
        self._silent = False
        self._asking = False
        self._composed: Composed | None = None
        names = war_room.messages.names()
        self._most = max((len(war_room.messages.template(name).fields) for name in names), default=0)
        """How many blanks the template with the most has."""

    def compose(self) -> ComposeResult:
        """The form, the preview, the question."""
        yield Bar(id="title")
        with VerticalScroll(id="form", can_focus=False):
            yield Static("", id="status", markup=False)
            yield Static("what is new, for the timeline", classes="label")
            yield Field(id="text", compact=True)
            for number in range(self._most):
                yield Static("", id=f"label-{number}", classes="label", markup=False)
                yield Field(id=f"field-{number}", classes="blank", compact=True)
            yield Static("", id="preview", markup=False)
        yield Bar(id="keys")

    def on_mount(self) -> None:
        """Take up the draft, if one was kept."""
        kept = self._war.draft("update")
        if kept:
            with self.prevent(Input.Changed):
                for line, value in zip(self._lines(), kept.text.split("\n"), strict=False):
                    line.value = value
        self.query_one("#text", Input).focus()
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep the draft, and show the message as it becomes."""
        values = [line.value for line in self._lines()]
        self._war.keep_draft("update", "\n".join(values) if any(values) else "", self._war.clock.now())
        self._draw()

    def _lines(self) -> list[Input]:
        """The line for the timeline, then one for each blank."""
        return [self.query_one("#text", Input), *self.query("Input.blank").results(Input)]

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter asks; it never sends."""
        self._draw()
        if self._composed is not None or self._silent:
            self._asking = True
            self.set_focus(None)
            self._draw()

    def action_status(self, by: int) -> None:
        """The next status; the template follows."""
        if not self._asking:
            self._to = TO[(TO.index(self._to) + by) % len(TO)]
            self._template = self._war.messages.suggested(self._to)
            self._draw()

    def action_template(self) -> None:
        """Another template than the one that fits."""
        names = self._war.messages.names()
        if names and not self._asking:
            self._template = names[(names.index(self._template) + 1) % len(names)]
            self._draw()

    def action_silent(self) -> None:
        """Only the status, without a message, and back."""
        if not self._asking:
            self._silent = not self._silent
            self._draw()

    def action_compose(self) -> None:
        """Not yet: go on composing."""
        if self._asking:
            self._asking = False
            self.query_one("#text", Input).focus()
            self._draw()

    def action_back(self) -> None:
        """From the question to the form, from the form to the cockpit; the draft stays."""
        if self._asking:
            self.action_compose()
        else:
            self.dismiss(False)

    def action_send(self) -> None:
        """Yes: record, then send."""
        if self._asking:
            self._asking = False
            self._send()

    @work(group="send", exclusive=True, exit_on_error=False)
    async def _send(self) -> None:
        written = Update(None if self._silent else self._composed, self._to, self.query_one("#text", Input).value)
        try:
            allowed = await permitted(self.app, self._war.room, written)
        except Refusal as error:
            self._refused(str(error))
            return
        if allowed is None:
            self._refused("nothing was done")
            return
        update = await ask_what_stays(self.app, self._war.room, allowed)
        if not isinstance(update, Update):
            self._refused("not resolved: what does not stay is undone first, with U in the cockpit")
            return
        try:
            result = await self._war.messages.send(update)
        except (Refusal, RecordTrouble) as error:
            self._refused(str(error))
            return
        self._war.drop_draft("update")
        if result is not None and result.sent is None:
            self.notify(f"not delivered: {result.reason}", severity="error", timeout=15, markup=False)
        self.dismiss(True)

    def _refused(self, why: str) -> None:
        """Back to the form, which says why nothing was sent; nothing that was typed is lost."""
        self.action_compose()
        self._draw(why)

    def _draw(self, trouble: str = "") -> None:
        self._composed, refused = self._compose_message()
        names = [f"[{s.value}]" if s is self._to else f" {s.value} " for s in TO]
        self.query_one("#status", Static).update(content("status " + " ".join(names) + "  ctrl+← ctrl+→"))
        self._show_blanks()
        self.query_one("#preview", Static).update(content(self._preview(refused)))
        label = self._war.room.label
        self.query_one("#title", Bar).show_lines(((Span(f" Status update {label} ", "strong"),),))
        self.query_one("#keys", Bar).show_lines((self._question(trouble or ("" if self._silent else refused)),))

    def _show_blanks(self) -> None:
        """A line for each blank of the template, with what belongs into it."""
        fields = self._war.messages.template(self._template).fields if self._template and not self._silent else ()
        for number in range(self._most):
            label, line = self.query_one(f"#label-{number}", Static), self.query_one(f"#field-{number}", Input)
            label.display = line.display = number < len(fields)
            if number < len(fields):
                needed = "needed" if fields[number].required else "may stay empty"
                label.update(content(f"{fields[number].hint} ({needed})"))

    def _compose_message(self) -> tuple[Composed | None, str]:
        if self._silent or not self._template:
            return None, "" if self._silent else "there is no template"
        try:
            template = self._war.messages.template(self._template)
            blanks = self._lines()[1:]
            fields = {field.name: line.value for field, line in zip(template.fields, blanks, strict=False)}
            return self._war.messages.compose(self._template, fields, self._to), ""
        except Refusal as error:
            return None, str(error)

    def _preview(self, refused: str) -> str:
        if self._silent:
            return "no message: only the status is recorded (ctrl+o: with a message)"
        if self._composed is None:
            return f"no message yet: {refused}"
        message, promised = self._composed.payload(), self._composed.promised
        until = f" · promises the next by {time_of_day(promised)}Z" if promised else ""
        where = " → ".join(message.channels)
        return (
            f"to {message.audience} by {where}{until} · {self._template} (ctrl+t)\n\n{message.title}\n\n{message.text}"
        )

    def _question(self, trouble: str) -> tuple[Span, ...]:
        if self._asking:
            what = f"record {self._to.value}" + ("" if self._silent else " and send the message above")
            return (
                Span(f" {what}? ", "warn"),
                Span("y", "accent"),
                Span(" yes  "),
                Span("n", "accent"),
                Span(" no (default)"),
            )
        if trouble:
            return (Span(f" {trouble}", "bad"),)
        keys = " enter asks to send · ctrl+o only the status · esc back, the draft stays"
        return (Span(keys, "quiet"),)
