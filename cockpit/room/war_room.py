"""The war room as a cockpit has it: the record, the live signals, runs, messages and the scribe under one roof."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.clock import Clock
from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.record.drafts import Drafts, DraftText
from cockpit.record.errors import JournalError
from cockpit.room import grammar
from cockpit.room.asking import say_overdue
from cockpit.room.catching_up import CatchingUp
from cockpit.room.contradicting import say_contradictions
from cockpit.room.delivering import Delivering
from cockpit.room.drafting import Drafting
from cockpit.room.effects import Effects
from cockpit.room.house import House
from cockpit.room.knowing import known
from cockpit.room.messages import Messages
from cockpit.room.papers import Papers
from cockpit.room.plans import HouseError, plans_of
from cockpit.room.recorder import RoomRecorder
from cockpit.room.requests import Refusal
from cockpit.room.sight import Sight
from cockpit.room.telling import Telling
from cockpit.room.trouble import RunTrouble
from cockpit.room.views import Step
from cockpit.runbook.actions import EditConfigMap
from cockpit.values import replace

if TYPE_CHECKING:  # what acts is imported when it is first needed: the first picture does not wait for it
    from cockpit.room.jobs import Ground, Job, Jobs
    from cockpit.room.live import Live
    from cockpit.room.missed import Seen
    from cockpit.room.runs import Confirmation, Flight, Plan, Runs, Terminal
    from cockpit.room.silencing import RoomSilencer

POLL = 0.5
"""Seconds between two looks for what other cockpits on this journal have written."""
FIRST = 3.0
"""Seconds that what the signals say waits for a shared record, before it begins a record of its own."""


class WarRoom(Sight):
    """Everything that the screens show and do.

    Args:
        house: the configuration, runbook and record that were opened for this cockpit.
        clock: what time it is.
    """

    def __init__(self, house: House, clock: Clock) -> None:
        super().__init__(house, clock)
        self.messages: Messages = house.messages
        self.delivering: Delivering = house.delivering
        self.flight: Flight | None = None
        self.on_signals: Callable[[], None] = lambda: None
        self.on_ready: Callable[[], None] = lambda: None
        """Called once when all is there that stays: pods, and what the first keys need."""
        self.on_run: Callable[[], None] = lambda: None
        self.on_merged: Callable[[str, str], None] = lambda _, __: None
        """Called with two labels when the cockpit has gone from a duplicate to the incident that took it in."""
        self._drafts = Drafting(Drafts.beside(house.room.store.path), read_only=self.read_only)
        self._runs: Runs | None = None
        self._jobs: Jobs | None = None
        self._kubeconfig: Path | None = None
        self.papers = Papers(self.room)
        self.catching_up = CatchingUp(self.room, house.sharing, lambda: self.on_run())
        self.recorder = RoomRecorder(self.room, lambda: self.on_run())
        self._tasks: list[asyncio.Task[None]] = []
        self._watched = self._here
        self._moving = asyncio.Lock()
        self.looking = ""
        """The screen or pane that is looked at here, and when the last key was pressed: for those elsewhere."""
        self.keyed: datetime | None = None
        watching = (self._seen, self._is_watching)
        self._telling = Telling(self.room, clock, *watching, lambda: self.on_run(), self._patience)
        self._effects = Effects(self.room, *watching, self._patience)
        self.room.subscribe(self._telling.note_moments)
        self.room.subscribe(self._effects.note_beginnings)
        self.room.subscribe(self._forget_erased)

    @property
    def read_only(self) -> bool:
        """Whether this cockpit shows and never writes."""
        return self.room.store.read_only

    async def go_live(self) -> None:
        """Open cluster and signals, and begin to follow them and the journal. Sources report their own failures."""
        self._share()
        self._tasks.append(asyncio.create_task(self._follow_journal()))
        self._tasks.append(asyncio.create_task(self._tell()))
        self._tasks.append(asyncio.create_task(self.recorder.write_waiting()))
        self._tasks.append(asyncio.create_task(self.catching_up.begin()))
        self._tasks.append(asyncio.create_task(self.house.contacts.follow()))
        if not self.read_only:
            self.delivering.begin()
            self._tasks.append(asyncio.create_task(say_overdue(self.room)))
            self._tasks.append(asyncio.create_task(self._effects.write()))
            self._tasks.append(asyncio.create_task(say_contradictions(self.room)))
        async with self._moving:
            self._watched = self._here
            self.live = await self._open_live()
        self.on_signals()
        self._tasks.append(asyncio.create_task(self._make_ready()))
        if not self.read_only:
            self._tasks.append(asyncio.create_task(self._put_right()))

    async def _make_ready(self) -> None:
        """Have ready what the first keys need, once the pods are there or cannot be had: they come first."""
        while self.live is not None and self.live.pods().source.state == "loading":
            await self.clock.sleep(POLL)
        await asyncio.to_thread(self._weigh)
        self.on_ready()

    def _weigh(self) -> None:
        """Import what acts and what is typed, and read templates and steps, before somebody looks: the first SQL takes
        a quarter of a second, all templates a tenth."""
        for each in ("runs", "jobs", "grammar.line"):
            import_module(f"cockpit.room.{each}")
        self.messages.prepare()
        if self.house.runbook is not None:
            for step in self.house.runbook.steps():
                _ = step.risk

    def _share(self) -> None:
        """Keep together with the shared record, if there is one, from now on."""
        if (sharing := self.house.sharing) is None:
            return
        from cockpit.room.sharing import present_of

        sharing.me = lambda: present_of(sharing, self.room, self.looking, self.keyed)
        sharing.service = lambda: f"{self._here[0]} {self._here[1].context if self._here[1] else ''}"
        sharing.changed = self._signals_changed
        self.room.subscribe(lambda _: sharing.replicator.wake())
        sharing.start(self._arrived)

    async def _arrived(self, entries: Sequence[Entry]) -> None:
        """Take in what came from others."""
        try:
            await self.room.refresh()
            await self.room.relabel()
            if any(entry.kind == kinds.Declared.kind for entry in entries) and await self.room.join():
                await self._move()
        except JournalError as error:
            self.room.trouble = str(error)

    async def _tell(self) -> None:
        """Write what the signals say; where others may have begun a record already, in theirs."""
        if self.house.sharing is not None:
            await self.house.sharing.first(FIRST)
        await self._telling.write()

    async def _open_live(self) -> Live | None:
        from cockpit.room.live import Live

        told = self._telling.take
        self._kubeconfig = await asyncio.to_thread(self._pinned_kubeconfig)
        return await Live.open(self.house, self.clock, self._signals_changed, told, self.recorder)

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
    def _here(self) -> tuple[str, kinds.Target | None]:
        """Which service the present record is about, and where."""
        return self.room.state.service or self.room.setting.service, self.room.target

    async def _move(self) -> None:
        """Watch what the present incident is about, when it is another service or pinned to another place."""
        async with self._moving:
            if self._here == self._watched or (self._runs is not None and self._runs.busy):
                return
            with suppress(HouseError):  # a runbook that was broken meanwhile: the record can be read all the same
                plans = await asyncio.to_thread(plans_of, self.house.plans, self.room.state)
                self.house, self.room.setting = replace(self.house, plans=plans), plans.setting
            before, self.live, self._runs = self.live, None, None
            self._watched = self._here
            if before is not None:
                await before.close()
            self.live = await self._open_live()
        self.on_signals()

    async def close(self) -> None:
        """End what is under way, with its end recorded, and let the sources go."""
        if self._runs is not None:
            await self._runs.close()
        with suppress(JournalError, Refusal):
            await self.recorder.catch_up()
        await self._drafts.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.live is not None:
            await self.live.close()

    def _forget_erased(self, entries: Sequence[Entry]) -> None:
        """A redaction has dropped what was being typed with the same words: it goes from memory too."""
        if any(entry.kind == kinds.Redaction.kind for entry in entries):
            self._drafts.forget_erased()

    def _signals_changed(self) -> None:
        self.on_signals()

    async def _put_right(self) -> None:
        from cockpit.room.missed import Missed

        await Missed(self.room, self.clock, self._all_seen, self._patience).write()

    def _all_seen(self) -> Seen | None:
        """All that is known now of what the present record is about."""
        from cockpit.room.missed import Seen

        live = self.live if self._is_watching() else None
        return Seen(live.signals(), live.pods(), live.rollout(), live.endpoints()) if live else None

    def _is_watching(self) -> bool:
        """Whether what the signals say now belongs into the present record."""
        return not self.read_only and self._here == self._watched

    def _patience(self) -> float:
        """Of cockpits that share a record one tells of a change; the others do when it does not."""
        return self.house.sharing.patience if self.house.sharing is not None else 0.0

    async def _follow_journal(self) -> None:
        """Take in what other cockpits write."""
        unread = ""
        while True:
            await self.clock.sleep(POLL)
            try:
                await (self.room.go_on() if self.room.incident else self.room.adopt())
                await self.room.refresh()
                await self._go_on()
                await self._move()
                if await self.waiting.look():
                    self.on_run()
                if self.room.trouble == unread:  # what could not be read can be; a refused write is another matter
                    self.room.trouble = ""
            except JournalError as error:
                self.room.trouble = unread = str(error)

    async def _go_on(self) -> None:
        """Where the present incident was merged into another while it was open here, go on in that one."""
        into, merged = self.room.state.merged_into, self.room.label
        if not into or into not in self.room.labels or self.house.unmerged:
            return
        with suppress(Refusal):  # something is under way here: later
            await self.go_to(into)
            self.on_merged(merged, self.room.label)

    def complete(self, line: str) -> list[str]:
        """What the command line may go on with."""
        from cockpit.room.errands import begun

        view = self.database()
        sessions = view.sessions.rows if view and view.sessions else ()
        names = replace(known(self.room, self.house.plans.config.services), sessions=list(map(str, sessions)))
        token = grammar.KNOWN.set(names)
        try:
            found = self.alerts()
            return [*grammar.complete(line), *begun(line, [each.name for each in found.rows] if found else [])]
        finally:
            grammar.KNOWN.reset(token)

    def draft(self, form: str) -> DraftText | None:
        """What was typed into a form and not finished."""
        return self._drafts.kept(self.room.incident, form)

    def keep_draft(self, form: str, text: str, began: datetime) -> None:
        """Keep what is being typed; an empty text forgets it."""
        if text:
            self._drafts.keep(self.room.incident, form, DraftText(text, began))
        else:
            self._drafts.drop(self.room.incident, form)

    def drop_draft(self, form: str) -> None:
        """It was sent."""
        self._drafts.drop(self.room.incident, form)

    async def prepare(self, job: Job) -> Plan:
        """The plan of a job, for its preview; raises RunTrouble."""
        return await self._need_runs().prepare(job.action)

    async def edit(self, step: Step, pod: str, terminal: Terminal) -> Job | None:
        """A step that is done in an editor, as a job; None when nothing was changed there. Raises Refusal."""
        from cockpit.room.editing import edit_config_map

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
            from cockpit.room.runs import Runs
            from cockpit.room.turns import Turns

            turns = Turns(self.room, self.house.sharing)
            self._runs = Runs(self.room, self.live.runner, self.recorder, turns, lambda _: self.on_run())
        return self._runs

    async def go_to(self, incident: str) -> None:
        """Take up another incident of this journal, and watch its place.

        Raises:
            Refusal: something is under way here.
            JournalError: the record cannot be read.
        """
        if self._runs is not None and self._runs.busy:
            raise Refusal("a run is under way in this incident; wait for its end, or cancel it, and come back")
        await self.room.attach(incident)
        await self._move()
        await self.catching_up.look_for()
        self.on_signals()

    @property
    def jobs(self) -> Jobs:
        """What can be run here."""
        if self._jobs is None:
            from cockpit.room.jobs import Jobs

            self._jobs = Jobs(self._ground)
        return self._jobs

    def _ground(self) -> Ground:
        from cockpit.room.jobs import Ground
        from cockpit.room.teller import RoomTeller

        plans, room = self.house.plans, self.room
        spool = None if self.read_only else self._output
        found = Ground(plans.runbook, room.target, plans.service, plans.config, room.state, os.environ, spool=spool)
        found = replace(found, teller=RoomTeller(self.messages), kubeconfig=self._kubeconfig, now=self.clock.now())
        found = replace(found, silencer=self._silencer())
        return replace(found, board=self.live.board, in_pod=self.live.in_pod()) if self.live is not None else found

    def _silencer(self) -> RoomSilencer | None:
        from cockpit.room.silencing import silencer_of

        plans, room = self.house.plans, self.room
        names = {"by": room.actor, "label": room.label}
        return silencer_of(plans.config, plans.service, **names, clock=self.clock, demo=self.house.near)
