"""`cockpit incident`: every request of the room's grammar, and looking at the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from cockpit.cli.context import as_json, house, run, say, share_with
from cockpit.cli.incident.brief import brief
from cockpit.cli.incident.catch_up import catch_up
from cockpit.cli.incident.following import follow
from cockpit.cli.incident.mitigations import mitigations
from cockpit.cli.incident.performing import performing
from cockpit.cli.incident.proposals import proposals
from cockpit.cli.incident.rows import as_data, as_line, checklist_data, checklist_lines, list_line, state_data
from cockpit.cli.incident.standing import disagreeing, state_lines
from cockpit.cli.incident.verifying import verify
from cockpit.incident.checklists import AFTER
from cockpit.incident.clocks import Due
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.incident.wording import overtaken
from cockpit.room import grammar
from cockpit.room.journal.listing import listing
from cockpit.room.requests import Refusal
from cockpit.room.room import Room


@click.group(name="incident", help=grammar.incident.help)
def incident() -> None:
    """The group."""


share_with(incident)


for _each in grammar.incident.commands.values():
    incident.add_command(performing(_each))
incident.add_command(share_with(brief))
incident.add_command(share_with(catch_up))
incident.add_command(share_with(mitigations))
incident.add_command(share_with(verify))
incident.add_command(share_with(proposals))


def _reading(command: click.Command) -> click.Command:
    incident.add_command(share_with(command))
    return command


@_reading
@click.command(name="list", help="All incidents, the open ones first, by what is due next.")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not resolved, closed or merged.")
def list_incidents(only_open: bool) -> None:
    """Print the list."""
    run(lambda: print_list(only_open=only_open))


async def print_list(*, only_open: bool = False, drills: bool = False) -> None:
    """Print the incidents: all, or only those that are open, or only drills."""
    async with house(read_only=True) as opened:
        now = opened.room.clock.now()
        found = [
            each for each in await listing(opened.store, opened.room.setting.clocks_of, whole=as_json())
            if not (only_open and each.state.over) and (each.state.drill or not drills)
        ]  # fmt: skip
        lines = "\n".join(list_line(each, now) for each in found)
        none = "no drill was declared yet" if drills else "no incident was declared yet"
        none = "no incident is open" if only_open else none
        room = opened.room
        say(lines or none, lambda: [_data(room, each.state, each.label, each.clocks) for each in found])


def _data(room: Room, state: State, label: str, clocks: Sequence[Due]) -> Mapping[str, Any]:
    """An incident for programs."""
    apart = [{"where": each.subject, "text": each.text, "mend": each.mend} for each in disagreeing(room, state)]
    return {**state_data(state, label, clocks, room.clock.now()), "disagreements": apart}


@_reading
@click.command(name="show", help="The incident as it stands.")
def show() -> None:
    """Print the state."""
    run(_show)


async def _show() -> None:
    async with house(read_only=True) as opened:
        room = opened.room
        if not room.incident:
            raise Refusal("there is no incident; `cockpit incident list` shows what there was")
        say("\n".join(state_lines(room)), lambda: _data(room, room.state, room.label, room.clocks()))


@_reading
@click.command(name="checklist", help="Each role's checklist, with the ids that `check` takes.")
@click.option(
    "--role",
    type=click.Choice([*(role.value for role in Role), AFTER]),
    help="Only this role's, or what comes after the incident.",
)
def checklist(role: str | None) -> None:
    """Print every item."""
    run(lambda: _checklist(role))


async def _checklist(role: str | None) -> None:
    async with house(read_only=True) as opened:
        now = opened.room.clock.now()
        lists = [each for each in opened.room.checklists() if role in (None, each.checklist.role)]
        lines = [line for each in lists for line in checklist_lines(each, now)]
        say("\n".join(lines) or f"no runbook has a list for {role}", lambda: [checklist_data(each) for each in lists])


@_reading
@click.command(name="timeline", help="What happened, in the record's order; each line with the ref that names it.")
@click.option("--since", type=grammar.When(), default=None, help="Only from then on: -30m, 03:41 or an ISO time.")
@click.option("--all", "every", is_flag=True, help="Also what was amended since, and each attempt to send.")
@click.option("--follow", "-f", "on", is_flag=True, help="Go on with each entry as it comes, until ctrl+c.")
def timeline(since: datetime | None, every: bool, on: bool) -> None:
    """Print the entries."""
    run(lambda: follow(since, every=every) if on else _timeline(since, every=every))


async def _timeline(since: datetime | None, *, every: bool) -> None:
    async with house(read_only=True) as opened:
        state = opened.room.state
        entries = [
            entry for entry in opened.room.timeline.entries
            if (since is None or entry.occurred >= since)
            and (every or not (state.edits.replaced(entry) or overtaken(entry, state)))
        ]  # fmt: skip
        lines = "\n".join(as_line(entry, state) for entry in entries)
        say(lines or "nothing was recorded", lambda: [as_data(entry, state) for entry in entries])
