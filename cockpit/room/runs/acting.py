"""What can be done from a war room: jobs with their plans, what runs now, and where programs are pointed to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.clock import Clock
from cockpit.record.errors import JournalError
from cockpit.room.house import House
from cockpit.room.live.sight import Sight
from cockpit.room.messages.sending import Messages
from cockpit.room.requests import Refusal
from cockpit.room.runs.recorder import RoomRecorder
from cockpit.room.trouble import RunTrouble
from cockpit.room.views.signals import Step
from cockpit.runbook.actions import EditConfigMap
from cockpit.values import replace

if TYPE_CHECKING:  # what acts is imported when it is first needed: the first picture does not wait for it
    from cockpit.room.live.silencing import RoomSilencer
    from cockpit.room.runs.jobs import Ground, Job, Jobs
    from cockpit.room.runs.runs import Confirmation, Flight, Plan, Runs, Terminal


class Acting(Sight):
    """What the screens do to the world outside of the record, beside what they show.

    Args:
        house: the configuration, runbook and record that were opened for this cockpit.
        clock: what time it is.
    """

    def __init__(self, house: House, clock: Clock) -> None:
        super().__init__(house, clock)
        self.messages: Messages = house.messages
        self.flight: Flight | None = None
        """The change that was launched last."""
        self.on_run: Callable[[], None] = lambda: None
        """Called when a run has begun, gone on or ended."""
        self.recorder = RoomRecorder(self.room, lambda: self.on_run())
        self._runs: Runs | None = None
        self._jobs: Jobs | None = None
        self._kubeconfig: Path | None = None

    @property
    def read_only(self) -> bool:
        """Whether this cockpit shows and never writes."""
        return self.room.store.read_only

    async def prepare(self, job: Job, waits: Callable[[str], None] = lambda _: None) -> Plan:
        """The plan of a job, for its preview, once it is known whether there is a cluster; raises RunTrouble. `waits`
        hears of a server that is slow."""
        await self.came_live.wait()
        return await self._need_runs().prepare(job.action, waits)

    async def edit(self, step: Step, pod: str, terminal: Terminal) -> Job | None:
        """A step that is done in an editor, as a job; None when nothing was changed there. Raises Refusal."""
        from cockpit.room.runs.editing import edit_config_map

        await self.came_live.wait()
        action = self.jobs.filled(step.id, pod).action
        if self.live is None or not isinstance(action, EditConfigMap):
            raise Refusal("no cluster is open; v shows the sources")
        seen = await self.live.config_map(action.name, action.namespace)
        return await edit_config_map(step, seen, action.namespace, terminal)

    def launch(
        self, plan: Plan, given: Confirmation, *, unrecorded: bool = False, terminal: Terminal | None = None
    ) -> Flight:
        """Execute a plan; `unrecorded` also when its intent cannot be recorded now; `terminal` for what wants one."""
        flight = self._need_runs().launch(plan, given, unrecorded=unrecorded, terminal=terminal)
        self.flight = flight if plan.changes else self.flight
        return flight

    def under_way(self) -> list[Flight]:
        """What runs now, the first first: a change, and what only looks, such as a watch over some minutes."""
        return self._runs.under_way if self._runs else []

    def _need_runs(self) -> Runs:
        if self.live is None:
            raise RunTrouble("no cluster is open; `cockpit init` writes a configuration, v shows the sources")
        if self._runs is None:
            from cockpit.room.runs.runs import Runs
            from cockpit.room.runs.turns import Turns

            turns = Turns(self.room, self.house.sharing)
            self._runs = Runs(self.room, self.live.runner, self.recorder, turns, lambda _: self.on_run())
        return self._runs

    @property
    def busy(self) -> bool:
        """Whether something runs now."""
        return self._runs is not None and self._runs.busy

    def begin_anew(self) -> None:
        """What ran belongs to another place: what comes next is run where the present incident is."""
        self._runs = None

    async def end_runs(self) -> None:
        """End what is under way, with its end recorded."""
        if self._runs is not None:
            await self._runs.close()
        with suppress(JournalError, Refusal):
            await self.recorder.catch_up()

    async def pin(self) -> None:
        """Point the programs that steps start to where the present incident is."""
        self._kubeconfig = await asyncio.to_thread(self._pinned_kubeconfig)

    def _pinned_kubeconfig(self) -> Path | None:
        """The $KUBECONFIG of programs that steps start, pinned to where the incident is."""
        from cockpit.kube.pinned import pinned_kubeconfig

        target, clusters = self.room.target, self.house.plans.config.kubernetes
        if target is None or self.read_only:
            return None
        given = clusters[target.cluster].kubeconfig if target.cluster in clusters else None
        return pinned_kubeconfig(given, target.context, target.namespace, self._output, os.environ)

    @property
    def _output(self) -> Path:
        """The folder beside the record for what steps leave there."""
        return self.room.store.path.with_name("output")

    @property
    def jobs(self) -> Jobs:
        """What can be run here."""
        if self._jobs is None:
            from cockpit.room.runs.jobs import Jobs

            self._jobs = Jobs(self._ground)
        return self._jobs

    def _ground(self) -> Ground:
        from cockpit.room.messages.teller import RoomTeller
        from cockpit.room.runs.jobs import Ground

        plans, room = self.house.plans, self.room
        spool = None if self.read_only else self._output
        found = Ground(plans.runbook, room.target, plans.service, plans.config, room.state, os.environ, spool=spool)
        found = replace(found, teller=RoomTeller(self.messages), kubeconfig=self._kubeconfig, now=self.clock.now())
        found = replace(found, silencer=self._silencer())
        return replace(found, board=self.live.board, in_pod=self.live.in_pod()) if self.live is not None else found

    def _silencer(self) -> RoomSilencer | None:
        from cockpit.room.live.silencing import silencer_of

        plans, room = self.house.plans, self.room
        names = {"by": room.actor, "label": room.label}
        return silencer_of(plans.config, plans.service, **names, clock=self.clock, demo=self.house.near)
