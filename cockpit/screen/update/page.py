"""The status update: status, words, the questions of the templates, a tick for each destination; one question, one act.

It is written on top; whom it goes to stands in the middle, and below what the one under the cursor would read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from cockpit.incident.entry import Entry
from cockpit.incident.kinds import Message
from cockpit.incident.terms import Status
from cockpit.room.messages.sending import TO, Destination, Update
from cockpit.room.requests import Refusal
from cockpit.room.trouble import RecordTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.dialogs.break_glass import permitted
from cockpit.screen.dialogs.send import WIDTH, SendDialog
from cockpit.screen.dialogs.stays import ask_what_stays
from cockpit.screen.messages.sent import SentPage
from cockpit.screen.spans import Span, Spans
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.update.form import Form
from cockpit.screen.update.questions import Questions
from cockpit.screen.update.rows import audience_of, destination_rows, preview_rows, question_rows, whom
from cockpit.screen.widgets.asked import Asked
from cockpit.screen.widgets.bars import Bar
from cockpit.screen.widgets.frame import key_spans
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud
from cockpit.screen.widgets.ticks import Ticks

DRAFT = "update"
PAUSE = 0.1
"""Seconds without a key after which the messages are written anew: every audience's template is filled for it."""
AGAIN = 5.0
"""Seconds after which they are written anew though nothing was typed: times in them go on."""
TALL = 36
"""Lines from which on everything has room; below, the part that has the focus takes it from the others."""
KEYS = " enter asks to send · ctrl+↓ whom · ctrl+r repeat · ctrl+o nobody · esc back"
KEYS_OF_TICKS = " enter asks · space ticks · ←→ choose · ctrl+↑ words · tab message · esc back"


class UpdateScreen(Screen[bool]):
    """Compose; `enter` asks with all that it does, `y` records and sends it.

    Args:
        war_room: where it is recorded, and what sends it.
        glyphs: the marks of this terminal.
    """

    CSS_PATH = "page.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="update.back"),
        Binding("ctrl+right", "status(1)", "next status", id="update.next", priority=True),
        Binding("ctrl+left", "status(-1)", "previous status", id="update.previous", priority=True),
        Binding("ctrl+down", "go('#destinations')", "to whom", id="update.whom", priority=True),
        Binding("ctrl+up", "go('#form Input')", "to the words", id="update.words", priority=True),
        Binding("down", "app.focus_next", "next line", show=False, id="update.down"),
        Binding("up", "app.focus_previous", "line before", show=False, id="update.up"),
        Binding("ctrl+o", "nobody", "tell nobody, or whom the policy wants", id="update.silent", priority=True),
        Binding("ctrl+r", "repeat", "the last answer", id="update.repeat", priority=True),
    ]

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__()
        self._war = war_room
        self._glyphs = glyphs
        state = war_room.room.state
        self._form = Form(state.status if state.status in TO else Status.INVESTIGATING)
        self._every: Sequence[Destination] = ()
        self._shown = ""
        """The audience whose message is shown."""
        self._trouble = ""
        self._asking = False
        self._later: Timer | None = None
        if kept := war_room.draft(DRAFT):
            self._form.take_up(kept.text)

    def compose(self) -> ComposeResult:
        """The form, whom it goes to, the message, the keys."""
        yield Bar(id="title")
        yield Loud()
        yield Questions(self._form)
        yield Ticks(id="destinations")
        yield Lines(id="preview")
        yield Bar(id="keys")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one("#form Input", Input).focus()
        self.set_interval(AGAIN, self._look)
        self._look()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.set_class(self.size.height < TALL, "-low")
        self.call_after_refresh(self._draw)

    def on_questions_typed(self) -> None:
        """Keep the draft, and write the messages anew once nothing is typed for a moment."""
        self._keep()
        if self._later is not None:
            self._later.stop()
        self._later = self.set_timer(PAUSE, self._look)

    def _keep(self) -> None:
        self._trouble = ""
        self._war.keep_draft(DRAFT, self._form.draft(), self._war.clock.now())

    def _look(self) -> None:
        """Write what everybody would read as the form is now, and show it."""
        try:
            self._every = self._war.messages.destinations(self._form.to, self._form.text, self._form.wishes)
        except Refusal as error:
            self._trouble = str(error)
        known = [each.audience for each in self._every]
        if self._shown not in known:
            self._shown = next((each.audience for each in self._every if self._form.ticked(each)), "".join(known[:1]))
        self.query_one(Questions).ask(self._every)
        self._draw()

    def _of(self, audience: str) -> Destination | None:
        return next((each for each in self._every if each.audience == audience), None)

    @property
    def _told(self) -> list[Destination]:
        return [each for each in self._every if self._form.ticked(each)]

    def on_ticks_moved(self, event: Ticks.Moved) -> None:
        """Show what the one under the cursor would read."""
        if event.key:
            self._shown = audience_of(event.key)
            self._draw()

    def on_ticks_ticked(self, event: Ticks.Ticked) -> None:
        """Tell them, or not; of a choice the next."""
        each = self._of(event.key)
        if "\n" in event.key:
            self.on_ticks_changed(Ticks.Changed(event.key, 1))
        elif each is not None and not (each.channels and each.template):
            self._trouble = each.trouble
            self._draw()
        elif each is not None:
            self._form.ticks[each.audience] = not self._form.ticked(each)
            self._changed()

    def on_ticks_changed(self, event: Ticks.Changed) -> None:
        """The next value of a choice; of an audience the next template."""
        audience, _, option = event.key.partition("\n")
        each = self._of(audience)
        if each is None:
            return
        if not option and len(each.templates) > 1:
            self._form.templates[audience] = _next(each.templates, each.template, event.by)
        for choice in each.choices:
            if choice.name == option:
                self._form.choose(audience, option, _next(choice.values, choice.value, event.by))
        self._changed()

    def _changed(self) -> None:
        self._keep()
        self._look()

    def action_status(self, by: int) -> None:
        """The next status; the templates follow."""
        self._form.to = TO[(TO.index(self._form.to) + by) % len(TO)]
        self._form.templates.clear()
        self._changed()

    def action_go(self, where: str) -> None:
        """To whom it goes, or back to the words."""
        self.set_focus(self.query(where).first())

    def action_nobody(self) -> None:
        """Only the status, without a message; and back to whom the policy wants."""
        if self._told:
            self._form.ticks = {each.audience: False for each in self._every}
        else:
            self._form.ticks.clear()
        self._changed()

    def action_repeat(self) -> None:
        """Take the last answer to the question that is being answered."""
        line = self.focused.parent if self.focused is not None else None
        if isinstance(line, Asked):
            line.take_offered()

    def action_back(self) -> None:
        """Back to the cockpit; the draft stays."""
        self.dismiss(False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter asks; it never sends."""
        self._send()

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Enter asks."""
        self._send()

    def on_descendant_focus(self) -> None:
        """The keys are others in the list than in a line."""
        self._draw_keys()

    def _update(self) -> Update:
        """The act as it would be now; raises Refusal where something is missing."""
        for each in self._told:
            if each.composed is None:
                missing = "; ".join(blank.hint for blank in each.missing)
                raise Refusal(f"{each.audience}: to be filled: {missing}" if missing else each.trouble)
        composed = tuple(each.composed for each in self._told if each.composed is not None)
        return Update(composed, self._form.to, self._form.text)

    def _send(self) -> None:
        """Ask, once however often enter is pressed before the question stands there."""
        if not self._asking:
            self._asking = True
            self._ask_and_send()

    @work(group="send", exit_on_error=False)
    async def _ask_and_send(self) -> None:
        """Ask for all that has to be asked; then record it, and show what becomes of it."""
        if self._later is not None:
            self._later.stop()
        self._look()
        try:
            entries = await self._answered()
        except (Refusal, RecordTrouble) as error:
            self._refused(str(error))
            return
        finally:
            self._asking = False
        if entries is not None:
            self._war.drop_draft(DRAFT)
            self._leave([str(entry.payload["message"]) for entry in entries if entry.kind == Message.kind])

    def _leave(self, sent: Sequence[str]) -> None:
        """To what becomes of the messages; where there are none, or somebody has left already, not."""
        if not self.is_current:
            return
        if sent:
            self.app.switch_screen(SentPage(self._war, sent, self._glyphs))
        else:
            self.dismiss(True)

    async def _answered(self) -> Sequence[Entry] | None:
        """The entries that it became; None where somebody said no."""
        room = self._war.room
        allowed = await permitted(self.app, room, self._update())
        if allowed is None:
            raise Refusal("nothing was done")
        update = await ask_what_stays(self.app, room, allowed)
        if update is None:
            raise Refusal("not resolved: what does not stay is undone first, with U in the cockpit")
        rows = question_rows(room.rehearsed(update), self._told, WIDTH, self._glyphs)
        dialog: Screen[bool | None] = SendDialog(rows, public=any(each.leaks for each in self._told))
        return await room.perform(update) if await self.app.push_screen_wait(dialog) else None

    def _refused(self, why: str) -> None:
        """Say why nothing was sent; nothing that was typed is lost."""
        if self.is_mounted:
            self._trouble = why
            self._draw()
        else:
            self.app.notify(why, severity="error", timeout=15, markup=False)

    def _draw(self) -> None:
        width, now = max(40, self.size.width), self._war.clock.now()
        self.query_one(Questions).show_status()
        self.query_one(Ticks).show_rows(destination_rows(self._every, self._form, now, width, self._glyphs))
        self.query_one("#preview", Lines).show_rows(preview_rows(self._of(self._shown), width - 2, self._glyphs))
        drill = "DRILL " if self._war.room.state.drill else ""
        title = Span(f" {drill}Status update {self._war.room.label} ", "strong")
        self.query_one("#title", Bar).show_lines(((title, whom(self._told, len(self._every))),))
        self._draw_keys()

    def _draw_keys(self) -> None:
        """The keys of where one is; above them the question that is being answered, where its label was cut."""
        asked = self.focused.parent if self.focused is not None else None
        keys = KEYS_OF_TICKS if isinstance(self.focused, Ticks) else KEYS
        lines: list[Spans] = []
        if isinstance(asked, Asked) and asked.is_cut:
            lines.append((Span(f" {asked.label}", "strong"),))
        trouble = f" {self._glyphs.bad} {self._trouble}" if self._trouble else ""
        lines.append((Span(trouble, "bad"),) if trouble else key_spans(keys))
        self.query_one("#keys", Bar).show_lines(lines)


def _next(values: Sequence[str], value: str, by: int) -> str:
    at = values.index(value) if value in values else -by
    return values[(at + by) % len(values)]
