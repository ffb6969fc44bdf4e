"""What every command shares: the flags, opening the house, printing, and errors as one line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cockpit.text import clean, takes_utf8

if TYPE_CHECKING:  # a room, and the loop it lives in, is imported when a command enters one: `--help` does not
    from cockpit.room.house import House
    from cockpit.room.options import Options

T = TypeVar("T")

FAILED, WRONG = 1, 2
"""Exit codes: what was asked for failed; the request was wrong."""


class Failure(click.ClickException):
    """What was asked for failed: one line on stderr, exit code 1."""

    exit_code = FAILED


class Wrong(click.ClickException):
    """The request was wrong: one line on stderr, exit code 2."""

    exit_code = WRONG


def options() -> Options:
    """The shared flags of this invocation, whether they stood before or after the command."""
    from cockpit.room.options import Options

    found = click.get_current_context().find_object(dict) or {}
    return Options(os.environ, Path.cwd(), **{k: v for k, v in found.items() if v is not None and k != "json"})


def a_file(_: click.Context, __: click.Parameter, given: Path | None) -> Path | None:
    """The callback of `--output`: `-` is standard output, as of other programs, and so none."""
    return None if given == Path("-") else given


def as_json() -> bool:
    """Whether `--json` was given."""
    return bool((click.get_current_context().find_object(dict) or {}).get("json"))


def say(text: str, data: Callable[[], Any] | None = None) -> None:
    """Print `text`, or with `--json` what `data` gives, as one JSON document."""
    if as_json() and data is not None:
        click.echo(json.dumps(data(), indent=2, ensure_ascii=True, default=str))
    else:
        click.echo(legible(clean(text, keep_newlines=True)))


def legible(text: str) -> str:
    """`text` as this terminal can show it; a file or a pipe gets all of it."""
    if text.isascii() or not sys.stdout.isatty() or (takes_utf8(os.environ) and not os.environ.get("COCKPIT_ASCII")):
        return text
    from cockpit.screen.plain import plain

    return "\n".join(map(plain, text.split("\n")))


@asynccontextmanager
async def house(*, read_only: bool | None = None) -> AsyncIterator[House]:
    """The house as the flags ask for it; `read_only` for commands that only read."""
    from cockpit.clock import SystemClock
    from cockpit.room.house import open_house

    opened = await open_house(options(), SystemClock(), sync=True, reads=bool(read_only))
    if opened.merged:
        click.echo(f"cockpit: {merged_words(opened)}", err=True)
    before = await opened.store.position()
    try:
        yield opened
    finally:
        await _share(opened, before)
        await opened.close()


async def _share(opened: House, before: int) -> None:
    """Send what a command wrote; say where the shared record could not be reached."""
    sharing, apart = opened.sharing, opened.apart
    if sharing is None:
        return
    if not apart and not opened.store.read_only and await opened.store.position() > before:
        apart = await sharing.sync()
    if apart:
        await sharing.replicator.count()
        waits = sharing.standing.waiting
        more = f"; {waits} {'entry waits' if waits == 1 else 'entries wait'}" if waits else ""
        click.echo(f"cockpit: local only{more}: {apart}", err=True)


def merged_words(opened: House) -> str:
    """That the incident which was asked for goes on in another."""
    return f"{' and '.join(opened.merged)} was merged into {opened.room.label}; --unmerged shows its own record"


async def only_one_open(opened: House) -> None:
    """Where several incidents are open and none was named, ask which; acting on the wrong one is worse.

    Raises:
        Refusal: several are open; it names them.
        JournalError: the record cannot be read.
    """
    from cockpit.room.journal.listing import listing
    from cockpit.room.requests import Refusal

    if options().incident:
        return
    service = opened.room.setting.service
    listed = await listing(opened.store, whole=False)
    present = [e for e in listed if not e.state.over and service in ("", e.state.service)]
    if len(present) > 1:
        names = ", ".join(f"{each.label} ({each.state.name})" for each in present)
        raise Refusal(f"several incidents are open; say which with --incident: {names}")


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run a command's work; what goes wrong becomes one line and the right exit code."""
    import asyncio

    from cockpit.record.errors import JournalError
    from cockpit.room.refusal import HouseError, Refusal

    try:
        return asyncio.run(_awaited(work))
    except HouseError as error:
        raise Wrong(str(error)) from None
    except Refusal as error:
        raise Wrong(str(error)) from None
    except JournalError as error:
        raise Failure(str(error)) from None


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


class RoleName(click.ParamType[Any]):
    """One of the roles, or `observer`; they are imported when one is given."""

    name = "role"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The role's short name, or a usage error that lists them."""
        from cockpit.incident.terms import OBSERVER, Role

        return click.Choice([*Role, OBSERVER], case_sensitive=False).convert(value, param, ctx)


_SHARED: tuple[tuple[tuple[str, ...], Mapping[str, Any]], ...] = (
    (("--config",), {"type": click.Path(path_type=Path), "help": "The configuration file."}),
    (("--incident",), {"help": "Which incident: its label, id or name.", "envvar": "COCKPIT_INCIDENT"}),
    (("--unmerged",), {"is_flag": True, "default": None, "help": "A duplicate's own record, though it was merged."}),
    (("--service",), {"help": "Which service, where several are configured."}),
    (("--as", "actor"), {"help": "Your handle, as @alice; else COCKPIT_AS, else the login name.", "metavar": "HANDLE"}),
    (("--role",), {"help": "The role in which you speak; observer: you only look.", "type": RoleName()}),
    (("--read-only", "read_only"), {"is_flag": True, "default": None, "help": "Show, and never write."}),
    (("--json",), {"is_flag": True, "default": None, "help": "Print JSON."}),
    (("--context",), {"help": "A kubeconfig context, instead of a configuration file."}),
    (("--namespace", "-n"), {"help": "The namespace, with --context."}),
    (("--selector", "-l"), {"help": "The label selector, with --context."}),
    (("--deployment",), {"help": "The deployment, with --context."}),
    (("--kubeconfig",), {"type": click.Path(path_type=Path), "help": "The kubeconfig, with --context."}),
)


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Put a shared flag where every command finds it; the innermost that was given wins."""
    found = ctx.ensure_object(dict)
    if value is not None and param.name is not None:
        found[param.name] = value
    return value


def shared(command: Callable[..., Any], *, hidden: bool = False) -> Callable[..., Any]:
    """Give a command the shared flags."""
    for names, settings in reversed(_SHARED):
        flag = click.option(*names, callback=_remember, expose_value=False, hidden=hidden, **settings)
        command = flag(command)
    return command


def share_with(command: click.Command) -> click.Command:
    """Let a command of a group take the shared flags too, without listing them again in its help."""
    taken = {param.name for param in command.params}
    for names, settings in _SHARED:
        option = click.Option(list(names), callback=_remember, expose_value=False, hidden=True, **settings)
        if option.name not in taken:
            command.params.append(option)
    return command
