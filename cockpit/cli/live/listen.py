"""`cockpit listen`: takes alerts that monitoring systems send, into the record that cockpits look at."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping
from contextlib import closing, suppress
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any

import click

from cockpit.cli.context import Failure, Wrong, options, run, say, share_with
from cockpit.clock import SystemClock
from cockpit.text import clean

if TYPE_CHECKING:
    from cockpit.room.listening.doors import Door
    from cockpit.room.listening.senders import Networks


class Network(click.ParamType["IPv4Network | IPv6Network"]):
    """An address, or a network as 10.0.0.0/8."""

    name = "network"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> IPv4Network | IPv6Network:
        """Read it; a value that is none is a usage error."""
        try:
            return ip_network(value)
        except ValueError:
            self.fail(f"'{clean(str(value))}' is no address; write it like 10.1.2.3 or 10.1.0.0/16", param, ctx)


HELP = """Take alerts by webhooks, and write each once into the record: a detected entry where an incident of the
service is open; else a proposal, which cockpits show and D declares. It never declares by itself.

POST /alertmanager, /grafana, /datadog, /pagerduty and the names under `intake` in the configuration. It speaks plain
HTTP: put a proxy with TLS before it when others than this machine send."""


@click.command(help=HELP)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=9094, show_default=True, help="0 takes a free one.")
@click.option("--token-env", metavar="NAME", help="The environment variable with the token that senders must show.")
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    type=Network(),
    metavar="ADDRESS",
    help="A proxy before it, or a network of them: its X-Forwarded-For names the sender. Several may be given.",
)
@click.option("--check", is_flag=True, help="Only check the mappings, and print how each can be tried.")
def listen(host: str, port: int, token_env: str | None, proxies: Networks, check: bool) -> None:
    """Serve, or check."""
    if options().read_only:
        raise Wrong("an intake writes into the record; start it without --read-only")
    run(lambda: _check(host, port, token_env) if check else _listen(host, port, token_env, proxies))


share_with(listen)


async def _doors(host: str, token_env: str | None, *, proxied: bool = False) -> tuple[Any, Mapping[str, Door]]:
    """The configuration, and the doors that may stand at `host`, or behind a proxy."""
    from cockpit.config import Secret
    from cockpit.room.listening.doors import doors_of, served
    from cockpit.room.plans import read_config

    config = await asyncio.to_thread(read_config, options())
    token = Secret(env=token_env) if token_env else None
    return config, served(await asyncio.to_thread(doors_of, config, token), host, proxied=proxied)


async def _listen(host: str, port: int, token_env: str | None, proxies: Networks) -> None:
    from cockpit.room.listening.app import app
    from cockpit.room.listening.opening import opened
    from cockpit.room.listening.serving import bound, serve

    config, doors = await _doors(host, token_env, proxied=bool(proxies))
    try:
        listening = bound(host, port)
    except OSError as error:
        why = error.strerror or str(error)
        raise Failure(f"{host}:{port}: {why}; another program may listen there: give --port") from None
    clock = SystemClock()
    with closing(listening):
        async with opened(options(), config, clock) as intake:
            ready = partial(_ready, _address(host, listening.getsockname()[1]), doors)
            await serve(app(doors, intake, clock, _say), listening, ready, _say, proxies)


def _say(line: str) -> None:
    """Say a line; what is recorded is so, though nobody reads what is said of it any more."""
    with suppress(OSError):
        click.echo(line, err=True)


def _ready(address: str, doors: Mapping[str, Door]) -> None:
    click.echo(f"READY {address} {' '.join(f'/{name}' for name in doors)}")
    if any(door.guard.is_open for door in doors.values()):
        click.echo("cockpit: every program on this machine can send here: --token-env NAME names a token", err=True)


async def _check(host: str, port: int, token_env: str | None) -> None:
    from cockpit.signal.intake import IntakeError, delivery

    _, doors = await _doors(host, token_env)
    lines, found = list[str](), list[Mapping[str, Any]]()
    for name, door in doors.items():
        try:
            told = delivery(door.mapping, door.mapping.example).notices
        except IntakeError as error:
            raise Failure(f"the example of `{name}` {error}; mend the mapping or its example") from None
        first = f"{told[0].name} {told[0].state}" if told else "nothing that fires"
        lines += [f"/{name}  {door.mapping.title}, {_guarded(door)}; its example is read as: {first}"]
        lines += [f"  {line}" for line in (door.mapping.payload or "").splitlines()]
        lines += [f"  {_curl(door, _address(host, port), token_env)}", ""]
        found.append({"name": name, "title": door.mapping.title, "guard": _guarded(door), "example": first})
    say("\n".join(lines).rstrip(), lambda: found)


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _guarded(door: Door) -> str:
    ways = [way for way, has in (("a token", door.guard.token), ("a signature", door.guard.secret)) if has]
    return f"guarded by {' or '.join(ways)}" if ways else "open to every program on this machine"


def _curl(door: Door, address: str, token_env: str | None) -> str:
    """How the example is sent; the token stays where it is, in the environment."""
    example = json.dumps(door.mapping.example)
    if door.guard.secret and door.mapping.signature and not door.guard.token:
        return f"(signed by {door.mapping.title}: try it there)"
    send = f"curl -fsS -d {shlex.quote(example)} {address}/{door.name}"
    if not door.guard.token:
        return send
    return f"printf 'Authorization: Bearer %s' \"${token_env or 'TOKEN'}\" | {send} -H @-"
