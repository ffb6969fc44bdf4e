"""`cockpit room`: several people at one cockpit, in one tmux session."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from cockpit.cli.context import Failure, Wrong, options, share_with
from cockpit.cli.fullscreen.look import Look, look
from cockpit.cli.fullscreen.open import need_terminal
from cockpit.cli.fullscreen.tmux import Part, Tmux, TmuxError, build, revive
from cockpit.room.options import Options

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
WITHOUT = (
    "tmux is not installed, which holds a room together: install the package tmux; "
    "until then `cockpit --shared` opens the cockpit here, and `cockpit incident timeline --follow` shows the log"
)


def _named(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A name that tmux takes as it stands, and no pattern or place of it."""
    if not _NAME.fullmatch(value):
        raise click.BadParameter("is letters, digits, - and _, at most 32, the first a letter or digit")
    return value


@click.command(help="Start or join a room: a tmux session with the cockpit, the timeline and a shell, for several "
               "people. Who types claims the keyboard (K). Leave it with tmux's own key (ctrl+b d); the room "
               "goes on. Flags are those of whoever starts it.")  # fmt: skip
@click.argument("name", callback=_named)
@click.argument("incident", default="")
@click.option("--socket", type=click.Path(path_type=Path), help="tmux's socket, where several users share one server.")
@click.pass_context
def room(ctx: click.Context, name: str, incident: str, socket: Path | None) -> None:
    """Start what is not there, and become tmux."""
    need_terminal()
    program = shutil.which("tmux")
    if program is None:
        raise Failure(WITHOUT)
    asked, tmux = options(), Tmux(program, socket.absolute() if socket else None)
    incident = incident or asked.incident
    _not_within_another(tmux)
    try:
        if not tmux.has(name):
            _start(tmux, name, incident, asked, look(ctx))
        _join(tmux, name, incident)
    except TmuxError as error:
        raise Failure(f"tmux: {error}") from None


share_with(room)


def _not_within_another(tmux: Tmux) -> None:
    """Raise Failure inside a tmux that is not the one meant: it could only be nested, and would take its keys."""
    within = os.environ.get("TMUX", "").rpartition(",")[0].rpartition(",")[0]
    if within and tmux.socket and Path(within).resolve() != tmux.socket.resolve():
        raise Failure(f"this is inside tmux on {within}: detach from it first (ctrl+b d), or leave --socket away")


def _start(tmux: Tmux, name: str, incident: str, asked: Options, shown: Look) -> None:
    columns, lines = shutil.get_terminal_size()
    environ = dict(asked.environ)
    environ |= {"COCKPIT_CONFIG": str(asked.config.absolute())} if asked.config else {}
    environ |= {"COCKPIT_INCIDENT": incident} if incident else {}
    environ |= {"COCKPIT_AS": asked.actor} if asked.actor else {}
    try:
        build(tmux, name, incident, list(_parts(asked, incident, shown)), (columns, lines - 1), environ, asked.cwd)
    except TmuxError:
        if not tmux.has(name):  # else somebody else has just started it: then it is joined
            raise


def _parts(asked: Options, incident: str, shown: Look) -> Iterator[Part]:
    cockpit = [sys.executable, "-P", "-m", "cockpit"]
    place = list(_handed(asked, incident))
    own = [*([f"--as={asked.actor}"] if asked.actor else []), *([f"--role={asked.role}"] if asked.role else [])]
    own += ["--read-only"] if asked.read_only else []
    yield Part("cockpit", [*cockpit, *shown.flags, "--shared", *place, *own])
    yield Part(
        "timeline", [*cockpit, *(["--ascii"] if shown.ascii else []), *place, "incident", "timeline", "--follow"]
    )
    yield Part("shell", [os.environ.get("SHELL") or "/bin/sh", "-i"])


def _handed(asked: Options, incident: str) -> Iterator[str]:
    """The flags that say which incident of which service is meant, for another cockpit in the same folder."""
    if asked.config:
        yield f"--config={asked.config.absolute()}"
    if asked.kubeconfig:
        yield f"--kubeconfig={asked.kubeconfig.absolute()}"
    if asked.unmerged:
        yield "--unmerged"
    named = {"incident": incident, "service": asked.service, "context": asked.context, "namespace": asked.namespace}
    named |= {"selector": asked.selector, "deployment": asked.deployment}
    yield from (f"--{flag}={value}" for flag, value in named.items() if value)


def _join(tmux: Tmux, name: str, incident: str) -> None:
    """Show the room on this terminal: tmux takes its place, or inside tmux, where nothing is nested, switches to it.

    Raises:
        Wrong: the session is none of ours, or on another incident.
    """
    opened = _opened(tmux, name)
    if opened is None:
        raise Wrong(f"the tmux session {name} is no room of the cockpit; take another name")
    if incident and incident != opened:
        on = opened or "whichever incident is open"
        raise Wrong(f"the room {name} is on {on}; join it without naming an incident, or take another name")
    revive(tmux, name)
    if os.environ.get("TMUX"):
        tmux("switch-client", "-t", f"={name}")
        return
    sys.stdout.flush()
    os.execv(tmux.program, tmux.argv("attach-session", "-t", f"={name}"))


def _opened(tmux: Tmux, name: str) -> str | None:
    """What the room is on; somebody may be just starting it, and have marked it as a room in a moment."""
    for _ in range(20):
        if (found := tmux.incident_of(name)) is not None:
            return found
        time.sleep(0.05)
    return None
