"""A Prometheus with an hour of a hundred series, in a process of its own: `python -m tests.benchmarks.metrics_server`.

It prints its address and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import math
import time

from replay import serving

from cockpit.simulator.pace import Pace
from cockpit.simulator.prometheus import Prometheus, Target

SERIES, EVERY, PAST = 100, 5, 3600


def _series() -> list[tuple[tuple[tuple[str, str], ...], float]]:
    now = time.time()
    return [((("__name__", "load"), ("shop", str(n))), 50 + 40 * math.sin(now / 300 + n)) for n in range(SERIES)]


async def main() -> None:
    """Fill the past, then serve."""
    made = Prometheus(Pace(), lambda: [Target("shop", "10.0.0.1:80", _series)], EVERY)
    now = round(time.time() * 1000)
    for at in range(now - PAST * 1000, now, EVERY * 1000):
        made.scraper.scrape(at)
    async with serving(made.app()) as url:
        print(url, flush=True)
        await made.run()


if __name__ == "__main__":
    asyncio.run(main())
