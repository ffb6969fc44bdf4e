"""The deeds of the cockpit that open what is seen of the signals: pods, logs, the deployment, signals, sources."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen

from cockpit.room.requests import Refusal
from cockpit.room.war_room import WarRoom
from cockpit.screen.panes.pods import PodsPane
from cockpit.screen.panes.pods_rows import RELEASES
from cockpit.screen.terminal.glyphs import Glyphs

if TYPE_CHECKING:
    from cockpit.room.runs.jobs import Job


class SignalOpeners(Screen[None]):
    """A screen from which others are opened. They are imported when they are first opened, so that the first picture
    does not wait for them.

    Args:
        war_room: what it shows and does.
        glyphs: the marks of this terminal.
    """

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__()
        self.war_room = war_room
        self.glyphs = glyphs

    def draw(self) -> None:
        """Bring what is shown up to date; a screen that shows something says how."""

    def begin_line(self, line: str | None) -> None:
        """Open the command line with what another screen began; nothing where it began nothing."""

    def _selected_pod(self) -> str:
        """The full name of the pod under the cursor; empty when there is none."""
        selected = self.query_one(PodsPane).selected
        return "" if selected.startswith(RELEASES) else selected

    def action_log(self) -> None:
        """The selected pod's log; with none selected, those of all pods together."""
        from cockpit.screen.log.page import LogPage

        self.app.push_screen(LogPage(self.war_room, self._selected_pod()))

    def open_pod(self, pod: str) -> None:
        """One pod: its containers, events, YAML."""
        from cockpit.screen.pod.page import PodPage

        describe = partial(self._open_run, lambda: self.war_room.jobs.describe(pod))
        self.app.push_screen(PodPage(self.war_room, pod, self.glyphs, describe))

    def action_describe(self) -> None:
        """The selected pod, described."""
        pod = self._selected_pod()
        if pod:
            self._open_run(lambda: self.war_room.jobs.describe(pod))
        else:
            off = self.war_room.pods().source.state == "off"
            self._tell("there is no pod to describe" if off else "choose a pod first (1)")

    def action_changed(self) -> None:
        """The deployment's rollout, its revisions, and what changed between two of them."""
        from cockpit.screen.rollout.page import RolloutPage

        self.app.push_screen(RolloutPage(self.war_room, self.glyphs, self._open_run))

    def action_sources(self) -> None:
        """Every source, what fires, and what the cluster lets this user do."""
        from cockpit.screen.sources.page import SourcesPage

        self.app.push_screen(SourcesPage(self.war_room, self.glyphs), self.begin_line)

    def action_database(self) -> None:
        """The service's database: its connections, who blocks whom, its transactions."""
        from cockpit.screen.database.page import DatabasePage

        self.app.push_screen(DatabasePage(self.war_room, self.glyphs))

    def open_signal(self, id: str) -> None:
        """One signal with its course, or one endpoint with its last checks."""
        from cockpit.screen.chart.page import SignalPage
        from cockpit.screen.endpoint import EndpointPage
        from cockpit.screen.panes.endpoint_rows import KEY

        if id.startswith(KEY):
            self.app.push_screen(EndpointPage(self.war_room, id.removeprefix(KEY), self.glyphs))
            return
        self.app.push_screen(SignalPage(self.war_room, id, self.glyphs))

    def _open_run(self, make: Callable[[], Job]) -> None:
        from cockpit.screen.run.page import RunScreen

        try:
            job = make()
        except Refusal as error:
            self._tell(str(error))
            return
        self.app.push_screen(RunScreen(self.war_room, job, self.glyphs))

    def _tell(self, text: str, *, bad: bool = False) -> None:
        self.notify(text, severity="error" if bad else "information", timeout=8, markup=False)

    def _writes(self) -> bool:
        if self.war_room.read_only:
            self._tell("this cockpit was started with --read-only: it shows, and never writes")
        return not self.war_room.read_only

    def _declared(self) -> bool:
        if self.war_room.room.state.declared is None:
            self._tell("no incident is declared yet: D declares one")
            return False
        return True
