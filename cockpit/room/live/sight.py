"""What can be seen in a war room: pods, signals, sources, the shared record, suggestions, logs and other incidents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cockpit.clock import Clock
from cockpit.incident.terms import Status
from cockpit.record.outgoing import refusals
from cockpit.room.facts.proposals import Proposed, Waiting, proposed, silent
from cockpit.room.facts.proposing import proposal
from cockpit.room.facts.severities import graver, proposed_by_alerts
from cockpit.room.house import House
from cockpit.room.journal.listing import Listed, listing
from cockpit.room.messages.loud import Loud
from cockpit.room.messages.meter import Meter, meter
from cockpit.room.requests import Refusal
from cockpit.room.room import Room
from cockpit.room.views.signals import AlertsView, PodsView, Proposal, SharedView, SignalView, SourceView, Suggestion

if TYPE_CHECKING:
    from cockpit.room.doctor import Finding
    from cockpit.room.journal.measuring import Case
    from cockpit.room.live.courses import Courses
    from cockpit.room.live.live import Live
    from cockpit.room.live.podlogs import PodLogs
    from cockpit.room.live.podwatch import PodWatch
    from cockpit.room.views.database import DatabaseView
    from cockpit.room.views.endpoints import EndpointsView
    from cockpit.room.views.rollout import RevisionView, RolloutView
    from cockpit.room.views.sets import SetView

NO_SERVICE = "`cockpit init` writes a configuration; or start with --context, -n and -l"


class Sight:
    """What the screens show, as it is known now; before anything is opened, that it is being opened.

    Args:
        house: the configuration, runbook and record that were opened for this cockpit.
        clock: what time it is.
    """

    def __init__(self, house: House, clock: Clock) -> None:
        self.house = house
        self.clock = clock
        self.room: Room = house.room
        self.live: Live | None = None
        self.came_live = asyncio.Event()
        """Set once `live` is what there is: it was opened, or there is none."""
        self._opened = clock.now()
        self._loud = Loud(house.room)
        self.waiting = Waiting(house.store, clock)

    @property
    def _open(self) -> Live:
        """The cluster, for what somebody asks of it; raises Refusal where none is open, or his roles do not let him."""
        if self.live is None:
            raise Refusal("no cluster is open" if self.came_live.is_set() else "the cluster is being opened; try again")
        if forbidden := self.room.forbidden("read"):
            raise Refusal(forbidden)
        return self.live

    def _seen(self) -> tuple[Sequence[SignalView], PodsView] | None:
        return (self.live.signals(), self.live.pods()) if self.live else None

    def pods(self) -> PodsView:
        """The pods as they are known."""
        return self.live.pods() if self.live else PodsView(self._loading("pods", "k8s"))

    def rollout(self) -> RolloutView:
        """The deployment and how its rollout goes."""
        from cockpit.room.views.rollout import RolloutView

        return self.live.rollout() if self.live else RolloutView(self._loading("rollout", ""), self.pods())

    async def revisions(self) -> Sequence[RevisionView]:
        """The deployment's revisions as they are kept now, the newest first; raises Refusal."""
        return await self._open.revisions()

    async def sets(self) -> Sequence[SetView]:
        """The stateful sets and daemon sets of the service's pods, as they are now; raises Refusal."""
        return await self._open.sets()

    def signals(self) -> Sequence[SignalView]:
        """The signals as they are known."""
        return self.live.signals() if self.live else ()

    def signal_sources(self) -> Mapping[str, SourceView]:
        """How fresh each source is that reads signals, by its part."""
        return self.live.signal_sources() if self.live else {"signals": self._loading("signals", "prom")}

    @property
    def courses(self) -> Courses:
        """The courses of the signals through time."""
        from cockpit.room.live.courses import Courses

        return Courses(self.house, self.live, self.clock)

    def sources(self) -> Sequence[SourceView]:
        """Every source."""
        return self.live.sources() if self.live else (self._loading("pods", "k8s"), self._loading("signals", "prom"))

    def alerts(self) -> AlertsView | None:
        """The service's alerts that fire, as they are known; None where no Alertmanager is configured."""
        return self.live.alerts() if self.live else None

    def database(self) -> DatabaseView | None:
        """The service's database, as it is known; None where none is configured, or nothing is open yet."""
        return self.live.database() if self.live else None

    def endpoints(self) -> EndpointsView | None:
        """The service's endpoints, as they are known; None where none is configured, or nothing is open yet."""
        return self.live.endpoints() if self.live else None

    def _loading(self, name: str, short: str) -> SourceView:
        """A source before it was opened; without a service there is none to open."""
        state = "loading" if self.house.plans.service else "off"
        return SourceView(name, short, state, self._opened, mend="" if self.house.plans.service else NO_SERVICE)

    def shared(self) -> SharedView | None:
        """How the shared record stands and who is there; None where none is shared."""
        return self.house.sharing.view() if self.house.sharing is not None else None

    async def refused(self) -> Sequence[str]:
        """What of the shared record was refused, here or there, and why; raises JournalError."""
        return [str(each) for each in await self.room.store.call(refusals)]

    def suggestions(self) -> Sequence[Suggestion]:
        """The scenarios whose symptoms hold now, the best first."""
        return self.live.suggestions() if self.live else ()

    def proposal(self) -> Proposal | None:
        """The severity that the runbook's criteria propose now, or that an alert does which fires: the gravest."""
        room, now = self.room, self.clock.now()
        told = proposed_by_alerts(room.state, room.policy, room.setting.severities, now, self._hushed())
        return graver(room.policy, proposal(self.house.runbook, room.policy, self.signals()), told)

    def _hushed(self) -> frozenset[str]:
        """The fingerprints of the alerts that are known to tell nobody."""
        found = self.alerts()
        return silent(found.rows) if found and found.source.trusted else frozenset()

    def proposed(self) -> Proposed | None:
        """The incident that alerts of this service propose; None while one is open. What is silenced proposes none."""
        state, hushed = self.room.state, self._hushed()
        if state.declared is None or (state.drill and not state.over):
            own = proposed(state, self.clock.now(), hushed)
            return own or self.waiting.of(self.room.setting.service, state.incident, hushed)
        return self.waiting.of(state.service, silent=hushed) if state.status is Status.CLOSED else None

    def nobodys(self) -> Proposed | None:
        """The incident that alerts of no service propose, beside the one here; None where any service is meant."""
        return self.waiting.nobodys(self.room.incident) if self.room.setting.service else None

    def meter(self) -> Meter:
        """What each audience knows, and when it is to hear more."""
        return meter(self.room, self.house.messages.audiences())

    def loud(self) -> list[str]:
        """What must be seen on every screen, each with what to do; empty while all is well."""
        return self._loud.lines(self.house.messages.audiences())

    def logs(self, pod: str = "", container: str = "") -> PodLogs:
        """A pod's log, or those of all pods together, to be followed; raises Refusal."""
        return self._open.logs(pod, container)

    def short(self, pod: str) -> str:
        """A pod's name without the deployment's, which the service already says."""
        from cockpit.room.runs.jobs import short

        return short(pod, self.room.target) if self.room.target else pod

    @property
    def deployment(self) -> str:
        """The name of the deployment; empty where none is configured."""
        target = self.room.target
        return (target.deployment or "") if target else ""

    def pod(self, name: str) -> PodWatch:
        """A pod, to be watched; raises Refusal."""
        return self._open.pod(name)

    def examine(self) -> AsyncIterator[Finding]:
        """What is reachable from here, what this user may do, and what to mend: each finding as it is known."""
        from cockpit.room.doctor import examine

        return examine(self.house, self.clock, watching=self.live is not None)

    async def incidents(self) -> Sequence[Listed]:
        """Every incident of the journal, of those that are over their course only; raises JournalError."""
        return await listing(self.room.store, self.room.setting.clocks_of, whole=False)

    async def cases(self) -> Sequence[Case]:
        """The incidents of the journal that count, each measured; raises JournalError."""
        from cockpit.room.journal.measuring import read_cases

        return await read_cases(self.room.store, self.room.setting.policies, self.clock.now())
