"""The simulated Prometheus as a whole: storage, scrapes, rules, metadata and its web application."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from starlette.types import ASGIApp

from cockpit.simulator.pace import Pace
from cockpit.simulator.prometheus.api import Api
from cockpit.simulator.prometheus.rules import Rule, RuleGroup
from cockpit.simulator.prometheus.scrape import Metadata, Scraper, Target
from cockpit.simulator.prometheus.storage import Storage
from cockpit.simulator.prometheus.trouble import Trouble, Troubled


class Prometheus:
    """A Prometheus that scrapes what the simulated world exposes.

    Args:
        pace: the world's time.
        discover: the targets of this moment.
        interval: wall seconds between two scrapes.
        rules: the alerting rules, evaluated after each scrape.
        metadata: type and help of the metrics, by name.
    """

    def __init__(
        self,
        pace: Pace,
        discover: Callable[[], Iterable[Target]],
        interval: float,
        rules: Sequence[Rule] = (),
        metadata: Mapping[str, Metadata] | None = None,
    ) -> None:
        self._pace = pace
        self.storage = Storage()
        self.scraper = Scraper(self.storage, discover, interval)
        self.rules = RuleGroup("payments", rules, interval)
        self.metadata = metadata or {}
        self.trouble = Trouble()

    def app(self) -> ASGIApp:
        """The web application, with `trouble` before it."""
        return Troubled(Api(self.storage, self.scraper, self.rules, self.metadata, self.now).app(), self.trouble)

    def now(self) -> int:
        """The wall clock in milliseconds, as far as it is right."""
        return round((self._pace.now().timestamp() + self.trouble.skew) * 1000)

    def scrape(self) -> None:
        """Scrape and evaluate the rules once, now."""
        time = self.now()
        self.scraper.scrape(time)
        self.rules.evaluate(self.storage, time)

    async def run(self) -> None:
        """Scrape after every interval until cancelled."""
        while True:
            await asyncio.sleep(self.scraper.interval)
            self.scrape()
