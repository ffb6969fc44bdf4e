"""The command that ends a session of the service's database: after `cockpit` in the shell and after `/` the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem
from msgspec import Struct

from cockpit.room.grammar.params import KNOWN

if TYPE_CHECKING:
    from cockpit.room.runs.jobs import Job, Jobs


class EndSession(Struct, frozen=True):
    """The end of one session, or with `cancel` only of what it runs.

    Attributes:
        started: when the session began that is meant, as PostgreSQL writes it; empty: whoever has the pid.
    """

    pid: int
    started: str = ""
    cancel: bool = False

    def job(self, jobs: Jobs) -> Job:
        """What does it; raises Refusal where no database is configured."""
        return jobs.end_session(self.pid, self.started, cancel=self.cancel)


class Pid(click.IntRange):
    """The process id of a session."""

    name = "pid"

    def __init__(self) -> None:
        super().__init__(min=1)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Those that are known and begin so."""
        return [CompletionItem(each) for each in KNOWN.get().sessions if each.startswith(incomplete)]


class Started(click.ParamType[str]):
    """The time at which a session began, to the microsecond."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As PostgreSQL writes it; a value that is no time is a usage error."""
        from cockpit.action.started import started

        try:
            return started(str(value)) if value else ""
        except ValueError:
            self.fail(f"'{value}' is no time; write it like 2026-11-21T01:00:00.123456Z", param, ctx)


@click.group()
def database() -> None:
    """The service's database."""


@database.command(help="End the session with this PID, or with --cancel only what it runs; previewed and asked for.")
@click.option("--cancel", is_flag=True, help="Only its query: the session lives on.")
@click.option(
    "--started",
    type=Started(),
    default="",
    metavar="TIME",
    help="When it began, as the preview says: another session that has the pid by now is refused.",
)
@click.argument("pid", type=Pid())
def end(pid: int, started: str, cancel: bool) -> EndSession:
    """End a session."""
    return EndSession(pid, started, cancel)
