"""`cockpit drill`: incidents that are not real, declared and listed apart."""

from __future__ import annotations

import click

from cockpit.cli.context import run, share_with
from cockpit.cli.incident.group import print_list
from cockpit.cli.incident.performing import performing
from cockpit.room import grammar


@click.group(help="Practice: an incident that is not real, reaches nothing real and counts in no measure.")
def drill() -> None:
    """The group."""


share_with(drill)
drill.add_command(performing(grammar.incident.commands["start"], drill=True))


@click.command(name="list", help="All drills, the open ones first.")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not over.")
def list_drills(only_open: bool) -> None:
    """Print them."""
    run(lambda: print_list(only_open=only_open, drills=True))


drill.add_command(share_with(list_drills))
