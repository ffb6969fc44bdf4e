"""What every query of one Prometheus gives now, in as few requests as it takes; a bad one spoils no other's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial

from msgspec import Struct, field

from cockpit.clock import Clock
from cockpit.signal.prometheus.answers import number
from cockpit.signal.prometheus.api import PrometheusApi, PrometheusError, Refused, Undefined
from cockpit.signal.prometheus.joined import halves, portions, stands_alone
from cockpit.signal.thresholds.threshold import Sample

MOST = 50
"""Queries in one request. A hundred cost 250 ms of processor one by one, 19 by tens, 4.5 by fifties and 3 all at once;
by fifties a bad one is found sooner, and a slow one holds up half of them."""
RETRY = 60.0
"""Seconds after which a query that was refused is tried again."""


class Answers(Struct):
    """What a round of asking gave.

    Attributes:
        said: by signal, its number or why it is none; or that the source failed.
        remarks: what the server remarked on a signal that has a number all the same.
        kept: the signals that were not asked for, and of which the refusal of an earlier round is said.
    """

    said: dict[str, Sample | PrometheusError] = field(default_factory=dict)
    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()

    @property
    def living(self) -> bool:
        """Whether the source answered at all."""
        return any(isinstance(each, Sample) for id, each in self.said.items() if id not in self.kept)

    def join(self, others: Iterable[Answers]) -> Answers:
        """With what others gave."""
        for other in others:
            self.said |= other.said
            self.remarks |= other.remarks
        return self


class Asking:
    """Asks queries together, and remembers which of them must be asked alone.

    What is refused together is asked by halves until the bad query is alone with its own error; that one is then left
    out for a minute. Queries that are good alone and spoil each other are asked alone from then on.

    Args:
        queries: PromQL by signal.
    """

    def __init__(self, api: PrometheusApi, clock: Clock, queries: Mapping[str, str]) -> None:
        self._api = api
        self._clock = clock
        self._queries = dict(queries)
        self._alone = {id for id, query in queries.items() if not stands_alone(query)}
        self._scalars: set[str] = set()
        self._refused: dict[str, tuple[str, float]] = {}
        self._most = MOST

    @property
    def refused(self) -> frozenset[str]:
        """The signals whose query was refused, and is left out for a while."""
        return frozenset(self._refused)

    def written(self, id: str) -> str:
        """A query as it stands among others: only vectors can be joined."""
        return f"vector(\n{self._queries[id]}\n)" if id in self._scalars else self._queries[id]

    def alone(self, id: str) -> bool:
        """Whether it cannot be asked among others."""
        return id in self._alone

    async def now(self) -> Answers:
        """Ask every query that is due; one that was refused lately keeps its error."""
        now = self._clock.monotonic()
        waiting = {id: why for id, (why, due) in self._refused.items() if due > now}
        lonely = [id for id in self._queries if id in self._alone or id in self._refused]
        joint = {id: self.written(id) for id in self._queries if id not in lonely}
        asked = [self._portion(each) for each in portions(joint, self._most, self._api.longest)]
        asked += [self._one(id) for id in lonely if id not in waiting]
        asked = asked or [self._nothing()]
        at = self._clock.now()
        found = Answers({id: Sample(at, None, why) for id, why in waiting.items()}, kept=frozenset(waiting))
        return found.join(await asyncio.gather(*asked))

    async def _nothing(self) -> Answers:
        """Whether it answers at all, where no signal is asked for now."""
        try:
            await self._api.many({})
        except PrometheusError as error:
            return Answers({"": error})
        return Answers()

    async def _portion(self, queries: Mapping[str, str]) -> Answers:
        if len(queries) == 1:
            return await self._one(next(iter(queries)))
        try:
            many = await self._api.many(queries)
        except Refused as error:
            return await self._apart(queries, slow=error.slow)
        except PrometheusError as error:
            return Answers(dict.fromkeys(queries, error))
        at = self._at(many.at)
        return Answers({id: _sample(at, partial(many.number, id)) for id in queries}, many.remarks)

    async def _apart(self, queries: Mapping[str, str], *, slow: bool) -> Answers:
        """What was refused together: by halves, or each alone where every further try may take as long again."""
        before = self._spoilers
        if slow:
            return Answers().join(await asyncio.gather(*map(self._one, queries)))
        parts = halves(queries)
        found = Answers().join(await asyncio.gather(*map(self._portion, parts)))
        if self._spoilers == before:  # each part is good without the other
            self._alone |= set(queries) if len(queries) == 2 else set()
            self._most = min(self._most, max(2, len(parts[0])))
        return found

    @property
    def _spoilers(self) -> tuple[int, int, int]:
        """Grows with each query that is found to be the reason."""
        return len(self._refused), len(self._alone), len(self._scalars)

    async def _one(self, id: str) -> Answers:
        """A query by itself, as it was written."""
        try:
            vector = await self._api.one(self._queries[id])
        except PrometheusError as error:
            return Answers({id: error})
        except Undefined as error:
            self._refused[id] = str(error), self._clock.monotonic() + RETRY
            return Answers({id: Sample(self._clock.now(), None, str(error))})
        self._refused.pop(id, None)
        if vector.scalar:
            self._scalars.add(id)
        values = [each for values in vector.values.values() for each in values]
        sample = _sample(self._at(vector.at), partial(number, values))
        return Answers({id: sample}, {id: vector.remarks} if vector.remarks else {})

    def _at(self, said: datetime | None) -> datetime:
        """When a reading was made: the server's time, on our clock."""
        return self._api.ours(said) if said else self._clock.now()


def _sample(at: datetime, read: Callable[[], float]) -> Sample:
    try:
        return Sample(at, read())
    except Undefined as error:
        return Sample(at, None, str(error))
