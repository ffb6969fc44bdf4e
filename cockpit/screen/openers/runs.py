"""The deeds of the cockpit that run something: steps of the runbook, undoing, cancelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from cockpit.room.requests import Refusal
from cockpit.room.views.signals import Step, edits
from cockpit.screen.openers.signals import SignalOpeners

if TYPE_CHECKING:
    from cockpit.room.runs.runs import Flight


class RunOpeners(SignalOpeners):
    """A screen from which something is run."""

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
        from cockpit.screen.run.page import RunScreen

        job = self.war_room.jobs.step(flight.plan.step, self._selected_pod())
        self.app.push_screen(RunScreen(self.war_room, job, self.glyphs, flight))

    @work(group="edit", exclusive=True, exit_on_error=False)
    async def _edit(self, step: Step, pod: str) -> None:
        """The user's editor on what the step edits; what it saved comes to the preview."""
        from cockpit.screen.terminal.lending import lend

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
