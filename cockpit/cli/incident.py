"""`cockpit incident`: every request of the room's grammar, and looking at the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from cockpit.cli.context import Failure, house, only_one_open, options, run, say, share_with
from cockpit.cli.rows import as_data, as_line, checklist_data, checklist_lines, state_data, state_lines
from cockpit.clock import SystemClock
from cockpit.incident.entry import Entry
from cockpit.incident.times import echo, span
from cockpit.incident.wording import headline
from cockpit.room import grammar
from cockpit.room.house import House, verify_record
from cockpit.room.listing import listing
from cockpit.room.requests import Refusal, Request


@click.group(name="incident", help=grammar.incident.help)
def incident() -> None:
    """The group."""


share_with(incident)


def _performing(command: click.Command) -> click.Command:
    """The grammar's command as one that does what it says."""
    callback = command.callback
    assert callback is not None

    def perform(**given: Any) -> None:
        request: Request = callback(**given)
        run(lambda: _perform(request))

    return share_with(click.Command(command.name, params=list(command.params), callback=perform, help=command.help))


async def _perform(request: Request) -> None:
    async with house() as opened:
        await only_one_open(opened)
        entries = await opened.room.perform(request)
        state, label = opened.room.state, opened.room.label
        lines = [
            f"{label or 'not declared yet'}: {_told(entry, opened)}" for entry in entries if entry.kind != "watching"
        ]
        data: Callable[[], Any] = lambda: {"incident": label, "entries": [as_data(e, state) for e in entries]}  # noqa: E731
        say("\n".join(lines), data)


def _told(entry: Entry, opened: House) -> str:
    return f"{headline(entry, opened.room.state).text} · occurred {echo(entry.occurred)} · by {entry.actor}"


for _each in grammar.incident.commands.values():
    incident.add_command(_performing(_each))


def _reading(command: click.Command) -> click.Command:
    incident.add_command(share_with(command))
    return command


@_reading
@click.command(name="list", help="All incidents, the latest first.")
def list_incidents() -> None:
    """Print the list."""
    run(_list)


async def _list() -> None:
    async with house(read_only=True) as opened:
        found = await listing(opened.store)
        now = opened.room.clock.now()
        lines = []
        for each in found:
            state = each.state
            assert state.declared is not None
            end = (state.resolved or state.closed).at if state.over and (state.resolved or state.closed) else now  # type: ignore[union-attr]
            lasted = span((end - state.declared.at).total_seconds())
            drill = " DRILL" if state.drill else ""
            head = f"{each.label:<14}{state.severity or '-':<7}{state.status.value:<14}"
            lines.append(f"{head}{echo(state.declared.at)}  {lasted:>9}  {state.name}{drill}")
        say("\n".join(lines) or "no incident was declared yet", lambda: [state_data(e.state, e.label) for e in found])


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
        say("\n".join(state_lines(room)), lambda: state_data(room.state, room.label))


@_reading
@click.command(name="checklist", help="Each role's checklist, with the ids that `check` takes.")
def checklist() -> None:
    """Print every item."""
    run(_checklist)


async def _checklist() -> None:
    async with house(read_only=True) as opened:
        lists = opened.room.checklists()
        lines = [line for each in lists for line in checklist_lines(each)]
        say("\n".join(lines), lambda: [checklist_data(each) for each in lists])


@_reading
@click.command(name="timeline", help="What happened, in the record's order.")
def timeline() -> None:
    """Print every entry."""
    run(_timeline)


async def _timeline() -> None:
    async with house(read_only=True) as opened:
        entries: Sequence[Entry] = opened.room.timeline.entries
        state = opened.room.state
        say(
            "\n".join(as_line(e, state) for e in entries) or "nothing was recorded",
            lambda: [as_data(e, state) for e in entries],
        )


@_reading
@click.command(name="verify", help="Check that nobody changed the record: every writer's chain, entry by entry.")
def verify() -> None:
    """Print what was found; exit 1 when something is wrong."""
    run(_verify)


async def _verify() -> None:
    verdict = await verify_record(options(), SystemClock())
    lines = [f"{verdict.entries} entries, {verdict.redacted} redacted"]
    lines += [f"writer {writer}: {seq} entries, last hash {hash}" for writer, (seq, hash) in verdict.tails.items()]
    lines += [str(problem) for problem in verdict.problems]
    if verdict.unscrubbed:
        lines.append("erased words may still lie in the file: close the other cockpits, then record anything")
    lines.append("the record is as it was written" if verdict.sound else "the record was changed")
    if verdict.sound:
        lines.append("that its end was not cut off is shown by the last hashes of an earlier export")
    data = {
        "sound": verdict.sound,
        "entries": verdict.entries,
        "redacted": verdict.redacted,
        "unscrubbed": verdict.unscrubbed,
        "writers": {writer: {"seq": seq, "hash": hash} for writer, (seq, hash) in verdict.tails.items()},
        "problems": [str(problem) for problem in verdict.problems],
    }
    say("\n".join(lines), lambda: data)
    if not verdict.sound:
        raise Failure(f"{len(verdict.problems)} problems; keep the file, and compare it with a copy")
