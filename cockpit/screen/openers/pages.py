"""The deeds of the cockpit that open another screen: what its own screen is built on."""

from __future__ import annotations

from contextlib import suppress

from textual import work

from cockpit.room.requests import Refusal
from cockpit.room.requests.from_alert import name_of
from cockpit.screen.openers.runs import RunOpeners


class Openers(RunOpeners):
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
        from cockpit.screen.contacts.page import ContactsPage

        self.app.push_screen(ContactsPage(self.war_room, self.glyphs))

    def action_help(self) -> None:
        """Every key."""
        from cockpit.screen.help import HelpPage

        self.app.push_screen(HelpPage())

    def action_declare(self) -> None:
        """Declare an incident."""
        from cockpit.incident.noticed import noticed
        from cockpit.screen.dialogs.declare import DeclareDialog

        if self._writes():
            best, found = self.war_room.suggestions()[:1], self.war_room.proposed()
            symptom = best[0].scenario.id if best else "incident"
            name = "-".join(part for part in (self.war_room.room.setting.service, symptom) if part)
            alert = found.best if found else None
            name = name_of(alert) if alert and not best else name
            room, proposal = self.war_room.room, self.war_room.proposal()
            seen = next(iter(noticed(room.state)), None)
            self.app.push_screen(DeclareDialog(room, name, proposal, alert, seen))

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
        from cockpit.screen.update.page import UpdateScreen

        if self._writes() and self._declared():
            self.app.push_screen(UpdateScreen(self.war_room, self.glyphs))

    def action_messages(self) -> None:
        """Messages, deliveries, clocks."""
        from cockpit.screen.messages.page import MessagesPage

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
