"""`cockpit silence`: alerts tell nobody for a while; previewed, asked for and recorded as every change is."""

from __future__ import annotations

import click

from cockpit.cli.context import run, share_with
from cockpit.cli.runbook.stepping import GLASS, perform_job
from cockpit.room.live.silencing import wanted
from cockpit.room.runs.jobs import Job
from cockpit.room.runs.runs import Confirmation
from cockpit.room.war_room import WarRoom
from cockpit.values import replace


@click.command(
    help="Silence the service's alerts that fit every MATCHER, for a day at most; `cockpit runbook undo` ends it.\n\n"
    "A matcher is a label with its value, as alertname=HighLatency, severity!=critical or 'pod=~\"pay.*\"'; a bare "
    "word is the name of an alert. For example: cockpit silence HighLatency 1h the rollback runs"
)
@click.argument("words", nargs=-1, required=True, metavar="MATCHER… DURATION [WHY]")
@click.option("--why", default="", metavar="TEXT", help="What stands at the silence.")
@click.option("--dry-run", is_flag=True, help="Only show which alerts it would cover.")
@click.option("--yes", is_flag=True, help="Answer y.")
@GLASS
def silence(words: tuple[str, ...], why: str, dry_run: bool, yes: bool, break_glass: str) -> None:
    """Silence them; exit 1 when it failed or was not confirmed."""

    async def made(war: WarRoom) -> Job:
        asked = wanted(words)
        return war.jobs.silence(replace(asked, why=why or asked.why))

    run(lambda: perform_job("", made, dry_run, Confirmation(yes=yes, break_glass=break_glass)))


share_with(silence)
