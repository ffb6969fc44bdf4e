"""The cockpit's prompt: commands, notes, reasons and filters, from the key that begins one to what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual import work

from cockpit.room import grammar
from cockpit.room.requests import Check, Refusal, Write
from cockpit.room.trouble import RecordTrouble
from cockpit.room.war_room import WarRoom
from cockpit.screen.keys import named
from cockpit.screen.openers.pages import Openers
from cockpit.screen.panes.checklist import ChecklistPane
from cockpit.screen.panes.pods import PodsPane
from cockpit.screen.panes.timeline import TimelinePane
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.prompt import COMMAND, FILTER, NOTE, POD_FILTER, Mode, Prompt

if TYPE_CHECKING:
    from cockpit.room.requests import Request

REASON = Mode("reason", "why not applicable ", "enter records it · escape leaves")


class Prompting(Openers):
    """A screen with a prompt at its foot.

    Args:
        war_room: what it shows and does.
        glyphs: the marks of this terminal.
    """

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__(war_room, glyphs)
        self._reason_for = ""
        """The item of the checklist that does not apply."""
        self._filtered: PodsPane | TimelinePane | None = None
        """What is being filtered."""

    def action_not_applicable(self) -> None:
        """Ask why the item under the cursor does not apply."""
        pane = self.query_one(ChecklistPane)
        if self.focused is not pane or not pane.selected:
            self._tell("go to the checklist (3) and choose an item first")
        elif self._declared() and self._writes():
            self._reason_for = pane.selected
            self._open(REASON)

    def action_command(self) -> None:
        """Open the command line, with what was typed before."""
        self._ask(COMMAND)

    def begin_line(self, line: str | None) -> None:
        """Open the command line with what another screen began."""
        if line:
            self._open(COMMAND, line, self.war_room.clock.now())

    def action_note(self) -> None:
        """Open a note."""
        if self._writes():
            self._ask(NOTE)

    def _ask(self, mode: Mode) -> None:
        kept = self.war_room.draft(mode.name)
        began = kept.began if kept else None
        self._open(mode, kept.text if kept else "", began, fresh=mode is not COMMAND)

    def _open(self, mode: Mode, text: str = "", began: datetime | None = None, *, fresh: bool = True) -> None:
        """Open the line; the footer says what the keys are now."""
        take = self._take_filter if mode.name == FILTER.name else None
        self.query_one(Prompt).ask(mode, text, began, fresh=fresh, keep=self._keep, take=take)
        self.draw()

    def action_filter(self) -> None:
        """Filter the pods, or the timeline when that has the focus."""
        pane = (
            self.query_one(TimelinePane) if self.focused is self.query_one(TimelinePane) else self.query_one(PodsPane)
        )
        self._filtered = pane
        self._open(POD_FILTER if isinstance(pane, PodsPane) else FILTER, pane.needle)

    @work(group="record")
    async def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """A finished line: record it, and only then let it go. The keys go on meanwhile."""
        prompt = self.query_one(Prompt)
        if await self._take(event):
            self.war_room.drop_draft(event.mode.name)
            if prompt.done(event.mode, event.text):
                self._close_prompt()
            return
        prompt.refused()
        if not prompt.is_open:
            self._open(event.mode, event.text, event.began)

    async def _take(self, event: Prompt.Entered) -> bool:
        if not event.text.strip():
            return True
        if event.mode is NOTE:
            return await self.ask_room(Write(event.text, event.began))
        if event.mode is REASON:
            return await self.ask_room(Check(self._reason_for, "not-applicable", event.text))
        if deed := named(event.text):
            self.call_later(self.run_action, deed.action)
            return True
        return await self.run_line(event.text)

    def on_prompt_drafted(self, event: Prompt.Drafted) -> None:
        """Keep what is being typed."""
        self._keep(event.mode, event.text, event.began)

    def _keep(self, mode: Mode, text: str, began: datetime) -> None:
        """Keep a draft for the next time; what is shown follows a filter as it is typed."""
        if mode.name == FILTER.name:
            self._take_filter(text)
        elif mode is not REASON:
            self.war_room.keep_draft(mode.name, text, began)

    def _take_filter(self, text: str) -> str:
        """Filter by `text`; what is wrong with it is said above the line, and given back."""
        if self._filtered is not None:
            self._filtered.needle = text.strip()
        wrong = self._filtered.needle_error if isinstance(self._filtered, PodsPane) else ""
        if isinstance(self._filtered, PodsPane):
            self.query_one(Prompt).answer(wrong or POD_FILTER.hint, bad=bool(wrong))
        self.draw()
        return wrong

    def on_prompt_closed(self, event: Prompt.Closed) -> None:
        """The footer has its keys again."""
        self.draw()

    def _close_prompt(self) -> None:
        self.query_one(Prompt).close()
        self.draw()

    async def ask_room(self, request: Request) -> bool:
        """Perform a request; what is refused is said where the eye is. Gives whether it was done."""
        from cockpit.screen.dialogs.break_glass import permitted

        try:
            allowed = await permitted(self.app, self.war_room.room, request)
            if allowed is None:
                return False
            await self.war_room.room.perform(allowed)
        except (Refusal, RecordTrouble) as error:
            prompt = self.query_one(Prompt)
            if prompt.is_open:
                prompt.answer(str(error), bad=True)
            else:
                self.notify(str(error), severity="error", timeout=10, markup=False)
            self.draw()
            return False
        self.draw()
        return True

    async def run_line(self, line: str) -> bool:
        """Do what was typed after `/`; gives whether it was done."""
        from cockpit.room.grammar.errands import errand
        from cockpit.screen.dialogs.blanks import ask_for_blanks
        from cockpit.screen.dialogs.break_glass import permitted
        from cockpit.screen.dialogs.confirm import ask_about_effects
        from cockpit.screen.dialogs.stays import ask_what_stays

        try:
            if (make := errand(line)) is not None:
                job = make(self.war_room.jobs)
                self._open_run(lambda: job)
                return True
            request: Request = grammar.parse(line, self.war_room.clock.now)
            allowed = await permitted(self.app, self.war_room.room, request)
            if allowed is None:
                self.query_one(Prompt).answer("nothing was done")
                return False
            stayed = await ask_what_stays(self.app, self.war_room.room, allowed)
            if stayed is None:
                self.query_one(Prompt).answer("not resolved: what does not stay is undone first, with U")
                return False
            said = await ask_for_blanks(self.app, self.war_room.room, stayed)
            if said is None:
                self.query_one(Prompt).answer("nothing was done")
                return False
            chosen = await ask_about_effects(self.app, self.war_room.room, said, f"/{line.strip()}")
        except grammar.Answer as answer:
            self.query_one(Prompt).answer(str(answer))
            return False
        except Refusal as error:
            self.query_one(Prompt).answer(str(error), bad=True)
            return False
        if chosen is None:
            self.query_one(Prompt).answer("nothing was done")
            return False
        return await self.ask_room(chosen)
