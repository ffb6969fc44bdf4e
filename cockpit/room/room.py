"""The war room of one service: the only place where a request becomes entries, durable before anybody hears of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cockpit.clock import Clock
from cockpit.config import Deed
from cockpit.incident import kinds
from cockpit.incident.checklists import Progress, progress
from cockpit.incident.clocks import Due, clocks
from cockpit.incident.entry import Entry
from cockpit.incident.ladder import Ladder, ladder
from cockpit.incident.policies import Policy
from cockpit.incident.state import Run, State
from cockpit.incident.terms import OBSERVER, Status
from cockpit.record.errors import Behind, JournalError
from cockpit.record.store import Store
from cockpit.room import requests
from cockpit.room.journal.open_record import OpenRecord
from cockpit.room.journal.records import Records
from cockpit.room.keyboard import Keyboard
from cockpit.room.permission import Asking
from cockpit.room.refusal import Refusal
from cockpit.room.requests.deciding import based
from cockpit.room.requests.desk import Compose, Desk, Request, Write
from cockpit.room.requests.facts import Facts
from cockpit.room.setting import Setting
from cockpit.values import replace


class Room(OpenRecord):
    """One incident, or the record that will be one, as one cockpit or one command sees it.

    Args:
        store: the record; whoever made it closes it.
        clock: what time it is.
        actor: the handle that the cockpit or command was started with.
        setting: the service, its policy, its pinned target and the checklists.
        records: what is known of the journal's records, where several rooms share it.
    """

    def __init__(
        self, store: Store, clock: Clock, actor: str, setting: Setting, *, role: str | None = None,
        records: Records | None = None,
    ) -> None:  # fmt: skip
        super().__init__(store, clock, setting, records)
        self.keyboard = Keyboard(actor, clock)
        self.trouble = ""
        """Why the last write was refused; empty while the record is well."""
        self.compose: Compose | None = None
        """Renders the message that fits what an announcement says; set by who has templates and audiences."""
        self.write: Write | None = None
        self.addresses: Callable[[], Mapping[str, str]] = dict
        """E-mail addresses by handle, as far as a pager told them."""
        self.on_call: Callable[[], str] = str
        """Who a pager says is on call; empty where none said so."""
        self.wrote: Callable[[Sequence[Entry]], None] = lambda _: None
        """Called with the entries that this room has written, once they are durable: what they promise can be done."""
        self.others: Callable[[str], frozenset[str]] = lambda _: frozenset()
        """Whose cockpits are at an incident by the shared record, as far as that is known."""
        self._role = role
        self._clocks: tuple[int, Policy | None, tuple[Due, ...]] | None = None

    @property
    def actor(self) -> str:
        """The handle of who types: of a shared keyboard whoever claimed it last."""
        return self.keyboard.holder or self.keyboard.last

    @property
    def role(self) -> str | None:
        """The role in which the actor speaks: the one given with his own handle, else the first that he holds."""
        held = self.state.roles_of(self.actor)
        given = self._given
        return given if given and not (given == OBSERVER and held) else held[0].value if held else None

    @property
    def _given(self) -> str | None:
        """The role with which the cockpit or command was started; of nobody else who claims the keyboard."""
        return self._role if self.actor == self.keyboard.own else None

    def forbidden(self, deed: Deed) -> str:
        """Why the actor may not do it, by his roles, and who may; empty where he may. See `cockpit.room.permission`."""
        return self._asking().forbidden(deed)

    def permit(self, request: Request) -> None:
        """Raises NotPermitted where the actor's roles do not let him, and no reason is given; Refusal where he only
        looks."""
        self._asking().broken_glass(request)

    def _asking(self) -> Asking:
        others = self.others(self.incident)
        return Asking(self.setting.permission, self.actor, self._given, self.state, others)

    @property
    def policy(self) -> Policy | None:
        """The severity scheme: once declared, the one that the record names, whatever the configuration has become."""
        if self.state.declared is None:
            return self.setting.policy
        return self.setting.policies.get(self.state.policy, self.setting.policy)

    @property
    def target(self) -> kinds.Target | None:
        """Where actions go: pinned by the record once it began, whatever the configuration has become."""
        return self.state.target or self.setting.target

    def clocks(self) -> list[Due]:
        """The incident's clocks; found once for each version of the record, though every picture asks several times."""
        known, policy = self._clocks, self.policy
        if known is None or known[0] != self.timeline.version or known[1] is not policy:
            known = self._clocks = (self.timeline.version, policy, tuple(clocks(self.state, policy)))
        return list(known[2])

    def ladder(self) -> Ladder | None:
        """The policy's escalation ladder as it stands; None before the declaration, and where there is none."""
        targets = {name: target.handles for name, target in self.setting.targets.items()}
        return ladder(self.state, self.policy, targets)

    def checklists(self) -> list[Progress]:
        """Each role's checklist as it stands now."""
        now = self.clock.now()
        return [progress(checklist, self.state, now) for checklist in self.setting.checklists]

    async def perform(self, request: Request) -> tuple[Entry, ...]:
        """Decide what `request` becomes, write it, and give the entries once they are durable.

        The decision is made on the record as it is at the moment of writing: when another cockpit was quicker, it is
        made again.

        Raises:
            Refusal: it cannot be done; the message says why.
            JournalError: it could not be written; nothing was.
        """
        if self.store.read_only:
            raise Refusal("this cockpit was started with --read-only: it shows, and never writes")
        async with self.turn:
            apart = self._is_apart(request)
            anew = apart or (requests.declares(request) and self.state.status is Status.CLOSED)
            with self.beginning(anew=anew, apart=apart):
                return await self._perform(request, apart)

    def _is_apart(self, request: Request) -> bool:
        """Whether `request` begins an incident beside the one here: said so, or the one here is only a drill."""
        if self.state.declared is None or not requests.declares(request):
            return False
        return requests.another(request) or (self.state.drill and not requests.drills(request))

    async def _perform(self, request: Request, apart: bool) -> tuple[Entry, ...]:
        """Try until nobody wrote in between; `apart` begins a record of its own whatever there is."""
        while True:
            await self.have_one(apart=apart)
            entries = await self._try(await requests.made_ready(request, self.store))
            if entries is not None:
                return entries

    def preview(self, request: Request) -> tuple[str, ...]:
        """What `request` would do, each effect in words, where it has several; empty where it need not be asked.

        Raises:
            Refusal: it cannot be done as things are now.
        """
        self.permit(request)
        return requests.preview(request, *self.eve(request))

    def eve(self, request: Request) -> tuple[State, Desk]:
        """The incident that `request` would be decided on now, and the desk that it is decided at."""
        begins = self._is_apart(request) or (requests.declares(request) and self.state.status is Status.CLOSED)
        desk = self._desk()
        return (State(), replace(desk, label="")) if begins else (self.state, desk)  # its own label is not given yet

    def rehearsed(self, request: Request) -> list[kinds.Payload]:
        """What `request` would write as things are now, for a preview that shows more than words; raises Refusal."""
        self.permit(request)
        drafts = request.decide(self.state, self._desk())
        return [kinds.KINDS[draft.kind].model_validate(draft.payload) for draft in drafts]

    def undecided(self, request: Request) -> list[Run]:
        """The changes still in place about which whoever performs `request` is to be asked first; see `staying`."""
        return requests.undecided(request, self.state)

    async def perform_in(self, incident: str, request: Request) -> tuple[Entry, ...]:
        """`perform` on the record of `incident`, though another was taken up meanwhile; empty is the present one."""
        if incident in ("", self.incident):
            return await self.perform(request)
        there = Room(self.store, self.clock, self.keyboard.own, self.setting, role=self._role)
        there.keyboard, there.others = self.keyboard, self.others
        await there.attach(incident)
        return await there.perform(request)

    async def _try(self, request: Request) -> tuple[Entry, ...] | None:
        """One attempt; None when somebody else wrote in between."""
        desk, broken = self._desk(), []
        if not isinstance(request, Facts):
            self.keyboard.must_be_held()
            broken = [desk.draft(glass) for glass in self._asking().broken_glass(request)]
        elif self.keyboard.shared:  # what the program does by itself is nobody's deed, whoever holds the keyboard now
            desk = replace(desk, actor="cockpit", role=None)
        drafts = based(request.decide(self.state, desk), self.state)
        if not drafts:
            return ()
        drafts = [*broken, *drafts]
        if not len(self.timeline) and all(draft.kind != "declared" for draft in drafts):
            setting = self.setting
            policy = setting.policy.name if setting.policy else ""
            watching = kinds.Watching(service=setting.service, policy=policy, target=setting.target)
            drafts.insert(0, replace(desk.draft(watching, actor="cockpit"), occurred=min(d.occurred for d in drafts)))
        try:
            appended = await self.store.append(drafts, since=self.position)
        except Behind:
            if len(self.timeline):
                await self.catch_up()
            return None
        except JournalError as error:
            self.trouble = str(error)
            raise
        self.trouble, self.position = "", appended.position
        if any(entry.kind == "declared" for entry in appended.entries):
            await self.read_labels()
        self.take([entry for entry in appended.entries if entry.incident == self.incident])
        self.wrote(appended.entries)
        return appended.entries

    def _desk(self) -> Desk:
        setting = self.setting
        return Desk(
            incident=self.incident,
            now=self.clock.now(),
            actor=self.actor,
            role=self.role,
            policy=self.policy,
            policy_name=self.policy.name if self.policy else "",
            service=setting.service,
            target=setting.target,
            checklists=setting.checklists,
            label=self.label,
            timeline=self.timeline,
            compose=self.compose,
            write=self.write,
            targets=setting.targets,
            places=setting.places,
            addresses=self.addresses(),
            steps=setting.steps,
        )
