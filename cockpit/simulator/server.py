"""Serves a simulated world on loopback ports, and writes what its users need to find it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from cockpit.simulator import documents
from cockpit.simulator.cluster import EVERYTHING, READING, Rule, User
from cockpit.simulator.company import providers
from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.sight import DATABASE_NAMESPACE, NAMESPACE
from cockpit.simulator.receivers import Receivers
from cockpit.simulator.receivers.configured import with_receivers
from cockpit.simulator.receivers.written import written_to
from cockpit.simulator.scenarios import NAMES, Living, opened
from cockpit.simulator.serving import served

_NAMESPACES = (NAMESPACE, DATABASE_NAMESPACE)
_CLUSTER_WIDE = Rule(("get", "list", "watch"), ("",), ("namespaces", "nodes"))


@dataclass(frozen=True, slots=True)
class Options:
    """What to simulate.

    `directory` gets the kubeconfig and the configuration; `speed` is how many simulated seconds pass in a real one;
    `pods` is how many pods of other software stand around.
    """

    directory: Path
    scenario: str = "bad-release"
    seed: int = 1
    speed: float = 1.0
    pods: int = 0


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where everything is once it is served. `receivers` is a page of what arrived, as `arrived` is a file of it."""

    kubernetes: str
    prometheus: str
    receivers: str
    kubeconfig: Path
    configuration: Path
    arrived: Path


async def serve(options: Options, ready: Callable[[Endpoints], None], stop: asyncio.Event) -> None:
    """Serve a world until `stop` is set; `ready` is called once all servers answer and both files are written.

    Raises:
        ValueError: there is no such scenario, or the speed is not positive.
        OSError: the directory cannot be written to, or no port can be had.
    """
    if options.scenario not in NAMES:
        raise ValueError(f"no scenario {options.scenario!r}: choose one of {', '.join(NAMES)}")
    async with opened(options.scenario, Pace(options.speed, options.seed), options.pods) as world:
        await _serve(world, options, ready, stop)


async def _serve(world: Living, options: Options, ready: Callable[[Endpoints], None], stop: asyncio.Event) -> None:
    responder, viewer = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    directory = options.directory.absolute()
    async with (
        served(_api(world, responder, viewer), dated=True) as kubernetes,
        served(world.prometheus.app()) as prometheus,
        providers(world, options.seed) as receivers,
        _outside(world) as page,
    ):
        files = [directory / name for name in ("kubeconfig", "cockpit.yaml", "arrived.txt")]
        endpoints = Endpoints(kubernetes, prometheus, receivers.url, *files)
        await asyncio.to_thread(_write, world, endpoints, receivers, responder, viewer, 5 / options.speed, page)
        async with written_to(endpoints.arrived, receivers.arrived, f"What arrived, also at {receivers.url}/"):
            ready(endpoints)
            await _until(stop, world)
            world.cluster.close()  # open watches would hold the server back


@asynccontextmanager
async def _outside(world: Living) -> AsyncIterator[str]:
    """Where the status page of what the world's service depends on is served; empty where it has none."""
    app = world.outside()
    if app is None:
        yield ""
        return
    async with served(app) as url:
        yield url


async def _until(stop: asyncio.Event, world: Living) -> None:
    """Let the world live until `stop` is set; a failure in it is raised here."""
    living, stopped = asyncio.create_task(world.run()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((living, stopped), return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            living.result()
    finally:
        living.cancel()
        stopped.cancel()
        await asyncio.gather(living, stopped, return_exceptions=True)


def _api(world: Living, responder: str, viewer: str) -> ASGIApp:
    """The API server. kubectl sends no token over plain HTTP: whoever comes without one is the responder."""
    user = _user("responder", EVERYTHING)
    return world.cluster.app({responder: user, viewer: _user("viewer", READING)}, anonymous=user)


def _user(name: str, rule: Rule) -> User:
    """Somebody who may do in the service's namespaces what `rule` allows, and look at namespaces and nodes."""
    inside = Rule(rule.verbs, rule.groups, rule.resources, namespaces=_NAMESPACES)
    return User(name, rules=(inside, _CLUSTER_WIDE))


def _write(
    world: Living, endpoints: Endpoints, receivers: Receivers, responder: str, viewer: str, interval: float, page: str
) -> None:
    directory = endpoints.configuration.parent
    directory.mkdir(parents=True, exist_ok=True)
    documents.write(endpoints.kubeconfig, documents.kubeconfig(endpoints.kubernetes, responder, viewer))

    def keep(name: str, text: str) -> dict[str, str]:
        documents.write_secret(directory / "secrets" / name, text)
        return {"file": str(directory / "secrets" / name)}

    made = world.configuration(directory, endpoints.prometheus)
    if page:
        documents.with_gateway(made, page, interval)
    with_receivers(made, receivers, directory, keep, interval)
    documents.write(endpoints.configuration, made)
