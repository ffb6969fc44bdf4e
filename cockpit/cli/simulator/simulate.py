"""`cockpit simulate`: the simulator alone, for whoever wants to point a cockpit, kubectl or a test at it."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import click

from cockpit.cli.context import Failure, Wrong
from cockpit.cli.simulator.scenarios import ScenarioCommand


@click.command(
    cls=ScenarioCommand,
    help="Serve a simulated cluster, Prometheus and the providers that messages go to; prints READY, then serves.",
)
@click.argument("scenario", default="bad-release")
@click.option("--directory", type=click.Path(path_type=Path), default=Path("."), help="Gets kubeconfig, cockpit.yaml.")
@click.option("--seed", type=int, default=1, help="The same seed makes the same names and noise.")
@click.option("--speed", type=click.FloatRange(0.1, 100), default=1.0, help="Simulated seconds in a real one.")
@click.option("--pods", type=click.IntRange(0, 50_000), default=0, help="Pods of other software to stand around.")
@click.option("--until-eof", is_flag=True, help="End with standard input too, so that it never outlives who began it.")
def simulate(scenario: str, directory: Path, seed: int, speed: float, pods: int, until_eof: bool) -> None:
    """Serve."""
    from cockpit.simulator.scenarios import NAMES

    if scenario not in NAMES:
        raise Wrong(f"there is no scenario '{scenario}'; there are {', '.join(NAMES)}")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        asyncio.run(_serve(scenario, directory, seed, speed, pods, until_eof=until_eof))
    except OSError as error:
        if error.strerror is None:
            raise Failure(str(error)) from None
        raise Failure(f"{directory}: {error.strerror}; name another folder with --directory") from None


async def _serve(scenario: str, directory: Path, seed: int, speed: float, pods: int, *, until_eof: bool) -> None:
    from cockpit.simulator.server import Endpoints, Options, serve

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    watch = await _watch_input(stop) if until_eof else None

    def ready(endpoints: Endpoints) -> None:
        click.echo(f"kubernetes  {endpoints.kubernetes}  kubeconfig {endpoints.kubeconfig}")
        click.echo(f"prometheus  {endpoints.prometheus}")
        click.echo(f"receivers   {endpoints.receivers}  what arrived: {endpoints.arrived}")
        click.echo(f"cockpit     --config {endpoints.configuration}")
        click.echo("READY")

    await serve(Options(directory, scenario, seed, speed, pods), ready, stop)
    if watch is not None:
        watch.cancel()


async def _watch_input(stop: asyncio.Event) -> asyncio.Task[bytes]:
    """Set `stop` when standard input ends: whoever held its other end is gone, however that happened."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    watch = asyncio.create_task(reader.read())
    watch.add_done_callback(lambda _: stop.set())
    return watch
