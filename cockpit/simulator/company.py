"""The company around a simulated service: the providers that it tells, pages and writes tickets with."""

from __future__ import annotations

import getpass
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cockpit.simulator.alerting import firing
from cockpit.simulator.receivers import Receivers, receiving
from cockpit.simulator.receivers.configured import COMPONENTS, ROOMS
from cockpit.simulator.receivers.pagerduty import OnCall
from cockpit.simulator.receivers.people import EVERYBODY
from cockpit.simulator.scenarios import Living

_NAMES = ("slack", "pagerduty", "statuspage", "mail", "jira", "alertmanager")


@asynccontextmanager
async def providers(world: Living, seed: int) -> AsyncIterator[Receivers]:
    """Receivers of every API that the world's configuration names, until the block ends. Raises OSError."""
    handles = dict.fromkeys([*(each.handle for each in EVERYBODY), _login()])
    on_call = [OnCall(each.name, each.email, each.phone, each.level) for each in EVERYBODY if each.level]
    async with receiving(
        *_NAMES,
        seed=seed,
        slack={"people": [*handles], "channels": ROOMS},
        pagerduty={"people": on_call},
        statuspage={"components": COMPONENTS},
        mail={"log_in": True},
        alertmanager={"firing": lambda: firing(world.prometheus)},
    ) as receivers:
        yield receivers


def _login() -> str:
    """Whoever flies, as the cockpit would call him, so that he can be invited; a process may have no name."""
    if handle := os.environ.get("COCKPIT_AS", "").lstrip("@"):
        return handle
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "oncall"
