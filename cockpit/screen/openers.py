"""The deeds of the cockpit that open another screen: what its own screen is built on."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual import work

from cockpit.room import grammar
from cockpit.room.errands import errand
from cockpit.room.requests import Refusal
from cockpit.room.requests.from_alert import name_of
from cockpit.room.trouble import RecordTrouble
from cockpit.room.views import Step, edits
from cockpit.screen.signal_openers import SignalOpeners
from cockpit.screen.widgets.prompt import Prompt

if TYPE_CHECKING:
    from cockpit.room.requests import Request
    from cockpit.room.runs import Flight


class Openers(SignalOpeners):
    """A screen from which the others are opened."""

    def action_brief(self) -> None:
        """What is to be known now, to read aloud."""
        from cockpit.screen.brief import BriefPage

        if self._declared():
            self.app.push_screen(BriefPage(self.war_room))

    def action_catch_up(self) -> None:
        """What changed since whoever sits here was last here."""
        from cockpit.screen.catch_up import CatchUpPage

        if self._declared():
            self.app.push_screen(CatchUpPage(self.war_room), self.begin_line)

    @work(group="seen", exclusive=True, exit_on_error=False)
    async def on_timeline_pane_read_to_end(self) -> None:
        """Whoever sits here has read the timeline to its end; what cannot be kept is told when they ask for it."""
        with suppress(Refusal):
            await self.war_room.catching_up.mark()

    def action_review(self) -> None:
        """The review, as far as the record has written it."""
        from cockpit.screen.review import ReviewPage

        if self._declared():
            self.app.push_screen(ReviewPage(self.war_room), self.begin_line)

    def action_measures(self) -> None:
        """How all incidents went."""
        from cockpit.screen.measures import MeasuresPage

        self.app.push_screen(MeasuresPage(self.war_room, self.glyphs))

    def action_claim(self) -> None:
        """Claim the keyboard of a terminal that several people share."""
        from cockpit.screen.dialogs.claim import ClaimDialog

        if self._writes():
            room = self.war_room.room
            known = {handle for _, handle, _ in room.state.role_history if handle}
            holder = room.keyboard.holder if room.keyboard.shared else ""
            self.app.push_screen(ClaimDialog(holder, known, room.keyboard.claim))

    def action_page(self) -> None:
        """Whom to call, who is next, and paging him."""
        from cockpit.screen.contacts import ContactsPage

        self.app.push_screen(ContactsPage(self.war_room, self.glyphs))

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

    def action_help(self) -> None:
        """Every key."""
        from cockpit.screen.help import HelpPage

        self.app.push_screen(HelpPage())

    def action_declare(self) -> None:
        """Declare an incident."""
        from cockpit.screen.dialogs.declare import DeclareDialog

        if self._writes():
            best, found = self.war_room.suggestions()[:1], self.war_room.proposed()
            symptom = best[0].scenario.id if best else "incident"
            name = "-".join(part for part in (self.war_room.room.setting.service, symptom) if part)
            alert = found.best if found else None
            name = name_of(alert) if alert and not best else name
            self.app.push_screen(DeclareDialog(self.war_room.room, name, self.war_room.proposal(), alert))

    def action_severity(self) -> None:
        """Set the severity."""
        from cockpit.screen.dialogs.severity import SeverityDialog

        if self._writes() and self._declared():
            self.app.push_screen(SeverityDialog(self.war_room.room, self.war_room.proposal()))

    def action_roles(self) -> None:
        """Who holds which role."""
        from cockpit.screen.people import PeoplePage

        if self._declared():
            self.app.push_screen(PeoplePage(self.war_room))

    def action_update(self) -> None:
        """A status update."""
        from cockpit.screen.update import UpdateScreen

        if self._writes() and self._declared():
            self.app.push_screen(UpdateScreen(self.war_room, self.glyphs))

    def action_act(self) -> None:
        """Scenarios and steps; the chosen one opens its run over them."""
        from cockpit.screen.act import ActPage

        self.app.push_screen(ActPage(self.war_room, self.glyphs, self._open_step))

    def _open_step(self, id: str) -> None:
        """A step of the runbook: by hand, after its values, or at once to its preview."""
        runbook = self.war_room.house.runbook
        step = runbook.step(id) if runbook else None
        if step is None:
            return
        if step.action is None:
            self._open_by_hand(step)
            return
        if running := next((each for each in self.war_room.under_way() if each.plan.step == id), None):
            self._open_flight(running)
            return
        pod = self._selected_pod()
        if edits(step):
            self._edit(step, pod)
            return
        needs = self.war_room.jobs.needs(step.id, pod)
        if not any(need.origin in ("", "default") or need.wrong for need in needs):
            self._open_run(lambda: self.war_room.jobs.step(step.id, pod))
            return

        def told(given: dict[str, str] | None) -> None:
            if given is not None:
                self._open_run(lambda: self.war_room.jobs.step(step.id, pod, given))

        from cockpit.screen.dialogs.values import ValuesDialog

        asked = [need for need in needs if need.origin != "configuration" or need.wrong]
        self.app.push_screen(ValuesDialog(step.title, asked), told)

    def _open_flight(self, flight: Flight) -> None:
        """What runs already, to look at it again: it is not begun twice."""
        from cockpit.screen.run import RunScreen

        job = self.war_room.jobs.step(flight.plan.step, self._selected_pod())
        self.app.push_screen(RunScreen(self.war_room, job, self.glyphs, flight))

    @work(group="edit", exclusive=True, exit_on_error=False)
    async def _edit(self, step: Step, pod: str) -> None:
        """The user's editor on what the step edits; what it saved comes to the preview."""
        from cockpit.screen.terminal import lend

        try:
            job = await self.war_room.edit(step, pod, lambda argv, environ: lend(self.app, argv, environ))
        except Refusal as error:
            self._tell(str(error), bad=True)
            return
        if job is None:
            self._tell("nothing was changed in the editor, so nothing is changed")
        else:
            self._open_run(lambda: job)

    def _open_by_hand(self, step: Step) -> None:
        from cockpit.screen.dialogs.hand import HandDialog

        if self._writes():
            self.app.push_screen(HandDialog(self.war_room.room, step))

    def action_undo(self) -> None:
        """What was changed and is in place; the chosen one is undone."""
        from cockpit.screen.mitigations import MitigationsPage

        self.app.push_screen(MitigationsPage(self.war_room, self._open_undo))

    def _open_undo(self, run: str) -> None:
        job = self.war_room.jobs.undo(run)
        if job is None:
            self._tell("this cannot be undone from here: no undo was captured, or it has ended")
        else:
            self._open_run(lambda: job)

    def action_cancel_run(self) -> None:
        """Cancel the change in flight, else what looks; what was sent already is found out and recorded."""
        flights = self.war_room.under_way()
        flight = next((each for each in reversed(flights) if each.plan.changes), flights[-1] if flights else None)
        if flight is None or flight.task is None:
            self._tell("nothing is under way")
        else:
            flight.task.cancel()
            self._tell(f"cancelling {flight.plan.title}; the record will say what became of it")

    def action_messages(self) -> None:
        """Messages, deliveries, clocks."""
        from cockpit.screen.messages import MessagesPage

        self.app.push_screen(MessagesPage(self.war_room, self.glyphs))

    def action_incidents(self) -> None:
        """All incidents of this journal."""
        from cockpit.screen.incidents import IncidentsPage

        self.app.push_screen(IncidentsPage(self.war_room))

    def action_scribe(self) -> None:
        """The record as it will be exported."""
        from cockpit.screen.scribe import ScribePage

        self.app.push_screen(ScribePage(self.war_room))

    @work(group="export", exclusive=True, exit_on_error=False)
    async def action_export(self) -> None:
        """Write the record to a file."""
        try:
            path = await self.war_room.papers.write_export()
        except Refusal as error:
            self._tell(str(error), bad=True)
        else:
            self._tell(f"written: {path}")

    def open_entry(self, id: str) -> None:
        """One entry, whole."""
        from cockpit.screen.entry import EntryPage

        self.app.push_screen(EntryPage(self.war_room, id), self.begin_line)

    async def run_line(self, line: str) -> bool:
        """Do what was typed after `/`; gives whether it was done."""
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

    def _writes(self) -> bool:
        if self.war_room.read_only:
            self._tell("this cockpit was started with --read-only: it shows, and never writes")
        return not self.war_room.read_only

    def _declared(self) -> bool:
        if self.war_room.room.state.declared is None:
            self._tell("no incident is declared yet: D declares one")
            return False
        return True
