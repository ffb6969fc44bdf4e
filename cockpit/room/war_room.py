"""The war room as a cockpit has it: the record, the live signals, runs, messages and the scribe under one roof."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from cockpit.clock import Clock
from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.record.drafts import Drafts, DraftText
from cockpit.record.errors import JournalError
from cockpit.room import grammar
from cockpit.room.drafting import Drafting
from cockpit.room.facts.asking import say_overdue
from cockpit.room.facts.contradicting import say_contradictions
from cockpit.room.facts.telling import Telling
from cockpit.room.grammar.knowing import known
from cockpit.room.house import House
from cockpit.room.journal.catching_up import CatchingUp
from cockpit.room.journal.papers import Papers
from cockpit.room.messages.delivering import Delivering
from cockpit.room.plans import plans_of
from cockpit.room.refusal import HouseError
from cockpit.room.requests import Refusal
from cockpit.room.runs.acting import Acting
from cockpit.room.runs.effects import Effects
from cockpit.values import replace

if TYPE_CHECKING:  # what follows signals is imported when they are opened: the first picture does not wait for it
    from cockpit.room.facts.missed import Seen

POLL = 0.5
"""Seconds between two looks for what other cockpits on this journal have written."""
FIRST = 3.0
"""Seconds that what the signals say waits for a shared record, before it begins a record of its own."""


class WarRoom(Acting):
    """Everything that the screens show and do.

    Args:
        house: the configuration, runbook and record that were opened for this cockpit.
        clock: what time it is.
    """

    def __init__(self, house: House, clock: Clock) -> None:
        super().__init__(house, clock)
        self.delivering: Delivering = house.delivering
        self.on_signals: Callable[[], None] = lambda: None
        self.on_ready: Callable[[], None] = lambda: None
        """Called once when all is there that stays: pods, and what the first keys need."""
        self.on_merged: Callable[[str, str], None] = lambda _, __: None
        """Called with two labels when the cockpit has gone from a duplicate to the incident that took it in."""
        self._drafts = Drafting(Drafts.beside(house.room.store.path), read_only=self.read_only)
        self.papers = Papers(self.room)
        self.catching_up = CatchingUp(self.room, house.sharing, lambda: self.on_run())
        self._tasks: list[asyncio.Task[None]] = []
        self._watched = self._here
        self._moving = asyncio.Lock()
        self.looking: Callable[[], str] = lambda: ""
        """Gives the screen or pane that is looked at here now, for those elsewhere."""
        self.keyed: datetime | None = None
        """When the last key was pressed here."""
        watching = (self._seen, self._is_watching)
        self._telling = Telling(self.room, clock, *watching, lambda: self.on_run(), self._patience)
        self._effects = Effects(self.room, *watching, self._patience)
        self.room.subscribe(self._telling.note_moments)
        self.room.subscribe(self._effects.note_beginnings)
        self.room.subscribe(self._forget_erased)

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
            await self._come_live()
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
        for each in ("runs.runs", "runs.jobs", "grammar.line"):
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

        sharing.me = lambda: present_of(sharing, self.room, self.looking(), self.keyed)
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

    async def _come_live(self) -> None:
        """Open what is seen here, where a service is known."""
        from cockpit.room.live.live import Live

        try:
            await self.pin()
            told = self._telling.take
            self.live = await Live.open(self.house, self.clock, self._signals_changed, told, self.recorder)
        finally:
            self.came_live.set()

    @property
    def _here(self) -> tuple[str, kinds.Target | None]:
        """Which service the present record is about, and where."""
        return self.room.state.service or self.room.setting.service, self.room.target

    async def _move(self) -> None:
        """Watch what the present incident is about, when it is another service or pinned to another place."""
        async with self._moving:
            if self._here == self._watched or self.busy:
                return
            with suppress(HouseError):  # a runbook that was broken meanwhile: the record can be read all the same
                plans = await asyncio.to_thread(plans_of, self.house.plans, self.room.state)
                self.house, self.room.setting = replace(self.house, plans=plans), plans.setting
            before, self.live = self.live, None
            self.came_live.clear()
            self.begin_anew()
            self._watched = self._here
            if before is not None:
                await before.close()
            await self._come_live()
        self.on_signals()

    async def close(self) -> None:
        """End what is under way, with its end recorded, and let the sources go."""
        await self.end_runs()
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
        from cockpit.room.facts.missed import Missed

        await Missed(self.room, self.clock, self._all_seen, self._patience).write()

    def _all_seen(self) -> Seen | None:
        """All that is known now of what the present record is about."""
        from cockpit.room.facts.missed import Seen

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
        from cockpit.room.grammar.errands import begun

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

    async def go_to(self, incident: str) -> None:
        """Take up another incident of this journal, and watch its place.

        Raises:
            Refusal: something is under way here.
            JournalError: the record cannot be read.
        """
        if self.busy:
            raise Refusal("a run is under way in this incident; wait for its end, or cancel it, and come back")
        await self.room.attach(incident)
        await self._move()
        await self.catching_up.look_for()
        self.on_signals()
