"""What a cockpit has of a shared record: how it stands, who else is there, and what only one may do at a time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cockpit.clock import Clock
from cockpit.config import Config, Secret, SecretError
from cockpit.incident.entry import Entry
from cockpit.incident.ids import new_id
from cockpit.record.errors import JournalError
from cockpit.record.shared.errors import SharedError
from cockpit.record.shared.leases import Held, free, take
from cockpit.record.shared.people import OBSERVING, Present, leave, present, tell
from cockpit.record.shared.replicator import Replicator
from cockpit.record.shared.standing import Standing
from cockpit.record.store import Store
from cockpit.room.views.signals import PersonView, SharedView

if TYPE_CHECKING:
    from cockpit.record.shared.record import SharedRecord
    from cockpit.room.room import Room

SKEWED = timedelta(seconds=2)
"""From here on a machine's clock is said to be wrong."""
OTHERS = 3.0
"""Seconds that a cockpit waits for the one that tells what the signals say."""
PROMPT = 2.5
"""Seconds that a change waits for the shared record to say that nobody else is changing something."""
PATIENCE = 5.0
"""Seconds that a command waits for the shared record, before it goes on with what is here and says so."""


def dsn_of(config: Config, url: str) -> Callable[[], str]:
    """What gives the connection string, asked anew for each connection: the configuration's, else `url`."""
    place = config.record
    return (lambda: _resolved(place.url)) if place is not None else lambda: url


def _resolved(secret: Secret) -> str:
    try:
        return secret.resolve()
    except SecretError as error:
        raise SharedError("denied", f"its address cannot be had: {error}") from None


class Sharing:
    """The shared record as the room uses it. `start` keeps it together until `close`; `sync` is for commands.

    Args:
        store: the journal.
        dsn: gives the connection string; may raise SharedError.
        handle: who is here.
    """

    def __init__(self, store: Store, dsn: Callable[[], str], clock: Clock, handle: str) -> None:
        name = f"{OBSERVING} {handle}" if store.read_only else f"cockpit {handle}"
        self.replicator = Replicator(store, dsn, clock, name, read_only=store.read_only)
        self.replicator.beat = self._beat
        self.replicator.glance = self._glance
        self.id = new_id()
        """This run of the program."""
        self.people: Sequence[Present] = ()
        """Who is there, this cockpit among them; as of the last beat."""
        self.me: Callable[[], Present] = lambda: Present(self.id, handle)
        """Who is here, in which role, looking at what; asked at each beat."""
        self.beside: Callable[[SharedRecord], Awaitable[None]] = _nothing
        """Asked whenever the record is; may raise SharedError."""
        self.service: Callable[[], str] = lambda: ""
        """What is watched here: of all who watch it, one tells of its changes."""
        self._clock = clock
        self._read_only = store.read_only
        self._tells = False
        self._together = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.changed: Callable[[], None] = lambda: None
        self.replicator.changed = self._changed
        self.machine = socket.gethostname()

    @property
    def standing(self) -> Standing:
        """How the shared record stands."""
        return self.replicator.standing

    @property
    def words(self) -> str:
        """How it stands in a few words, where it needs saying; empty while all is well."""
        standing = self.standing
        waiting = f", {standing.waiting} waiting" if standing.waiting else ""
        if standing.state == "away":
            return f"local only{waiting}"
        if standing.state == "reading" and not self._read_only:
            return f"shared record read-only{waiting}"
        return skew_words(standing.skew)

    def view(self) -> SharedView:
        """Everything that the screens show of it."""
        standing = self.standing
        people = tuple(
            PersonView(
                each.handle, each.role, each.incident, each.looking, each.machine, each.keyed, each.cockpit == self.id,
                each.observer, skew_words(timedelta(seconds=each.skew)) if each.skew is not None else "",
            )
            for each in self.people
        )  # fmt: skip
        said = tuple(text for text in (standing.why, skew_words(standing.skew)) if text)
        return SharedView(standing.state, standing.since, self.words, said, standing.waiting, people)

    def others(self, incident: str) -> frozenset[str]:
        """The handles whose cockpits are at an incident; none while the record is away, and nobody can know."""
        if self.standing.state not in ("together", "reading"):
            return frozenset()
        return frozenset(each.handle for each in self.people if each.incident == incident and not each.observer)

    def start(self, arrived: Callable[[Sequence[Entry]], Awaitable[None]]) -> None:
        """Keep together from now on; `arrived` is awaited with what comes from others."""
        self.replicator.arrived = arrived
        self._task = asyncio.create_task(self.replicator.run())

    async def first(self, patience: float = PATIENCE) -> None:
        """Wait until both are together for the first time, or for so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._together.wait(), patience)

    async def sync(self, patience: float = PATIENCE) -> str:
        """Bring both together one time, for a command; gives why it could not be done, empty when it was."""
        try:
            await asyncio.wait_for(self.replicator.once(), patience)
        except TimeoutError:
            return f"the shared record did not answer within {patience:g} s"
        except (SharedError, JournalError) as error:
            return str(error)
        return ""

    async def close(self) -> None:
        """Say that this cockpit goes, and stop."""
        shared = self.replicator.shared
        if shared is not None and not self._read_only and self.standing.state == "together":
            with suppress(SharedError, TimeoutError):
                await asyncio.wait_for(leave(shared, self.id), 2.0)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def patience(self) -> float:
        """Seconds to wait for another cockpit's word before this one tells what the signals say."""
        return 0.0 if self._tells or self.standing.state != "together" else OTHERS

    async def lease(self, name: str, handle: str, what: str) -> Held | None:
        """Take what only one may do at a time; gives who else holds it. Raises SharedError where nobody can know."""
        shared = self.replicator.shared
        if shared is None:
            raise SharedError("away", self.standing.why or "the shared record is not reached yet")
        taking = asyncio.ensure_future(take(shared, name, self.id, handle, what))
        await asyncio.wait({taking}, timeout=PROMPT)
        if not taking.done():
            taking.add_done_callback(lambda task: task.cancelled() or task.exception())
            raise SharedError("away", "the shared record does not answer now")
        return taking.result()

    async def free(self, name: str) -> None:
        """Give it back; while the record is away it lapses by itself."""
        if (shared := self.replicator.shared) is not None:
            with suppress(SharedError, TimeoutError):
                await asyncio.shield(asyncio.wait_for(free(shared, name, self.id), 2.0))

    async def _beat(self, shared: SharedRecord) -> None:
        if not self._read_only and shared.writable:
            me = self.me()
            await tell(shared, me)
            held = await take(shared, f"tell:{self.service()}", self.id, me.handle, "tells what the signals say")
            self._tells = held is None
        await self._glance(shared)

    async def _glance(self, shared: SharedRecord) -> None:
        people = await present(shared)
        if people != self.people:
            self.people = people
            self.changed()
        await self.beside(shared)

    def _changed(self) -> None:
        if self.standing.state in ("together", "reading"):
            self._together.set()
        self.changed()


async def _nothing(shared: SharedRecord) -> None:
    """Nothing is asked beside."""


def skew_words(skew: timedelta | None) -> str:
    """`clock 1 h 0 m ahead of the record's`; empty where it is about right or not known."""
    if skew is None or abs(skew) < SKEWED:
        return ""
    seconds = round(abs(skew).total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    much = f"{hours} h {minutes} m" if hours else f"{minutes} m {seconds % 60} s" if minutes else f"{seconds} s"
    return f"clock {much} {'ahead of' if skew > timedelta() else 'behind'} the record's"


def present_of(sharing: Sharing, room: Room, looking: str, keyed: datetime | None) -> Present:
    """This cockpit, for the others."""
    skew = sharing.standing.skew
    return Present(
        cockpit=sharing.id,
        handle=room.actor,
        role=room.role or "",
        incident=room.incident,
        looking=looking,
        machine=sharing.machine,
        keyed=keyed,
        skew=skew.total_seconds() if skew is not None else None,
    )
