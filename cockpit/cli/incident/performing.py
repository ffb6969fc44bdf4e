"""Doing what a command of the grammar asks for: asked once where it has several effects, then told what was written."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from cockpit.cli.context import Failure, Wrong, house, only_one_open, options, run, say, share_with
from cockpit.cli.incident.asking import asked
from cockpit.cli.incident.outcome import closing_lines, proposed_severity
from cockpit.cli.incident.proposals import record_of, take_in
from cockpit.cli.incident.rows import as_data
from cockpit.cli.message.deliveries import must_be_sent, result_data, result_line
from cockpit.incident.entry import Entry
from cockpit.incident.noticed import noticed
from cockpit.incident.times import echo
from cockpit.incident.wording import headline, tag
from cockpit.message.delivery.result import Result
from cockpit.record.errors import JournalError
from cockpit.room.house import House
from cockpit.room.requests import Refusal, Request, declares, staying, told
from cockpit.room.requests.several import says_who_noticed, seeing
from cockpit.text import clean

LONGEST = 100
"""Characters of one thing that was not done."""


def performing(command: click.Command, **fixed: Any) -> click.Command:
    """The grammar's command as one that does what it says; `fixed` are options that are not asked for."""
    callback = command.callback
    assert callback is not None

    def perform(**given: Any) -> None:
        try:
            request: Request = callback(**given, **fixed)
        except Refusal as error:
            raise Wrong(str(error)) from None
        run(lambda: _perform(request, given.get("alert", "")))

    params = [param for param in command.params if param.name not in fixed]
    return share_with(type(command)(command.name, params=params, callback=perform, help=command.help))


async def _perform(request: Request, alert: str = "") -> None:
    if alert and not options().incident and (record := await record_of(alert)):
        click.get_current_context().ensure_object(dict)["incident"] = record
    async with house() as opened:
        if not declares(request):
            await only_one_open(opened)
        if alert:
            await take_in(opened, alert)
        await opened.contacts.load()  # an invitation wants addresses
        request, hints = _about_who_noticed(_about_what_stays(request, opened), opened)
        request, left = asked(request, opened.room)
        entries = await opened.room.perform(request)
        results = await _delivered(opened, entries)
        lines = [*(_told(entry, opened) for entry in entries if _is_said(entry, opened)), *map(result_line, results)]
        lines += [*closing_lines(entries, opened.room), *hints]
        lines += ["not done, since nobody could be asked (--yes does it):"] if left else []
        lines += [f"  it {each if len(each) <= LONGEST else each[: LONGEST - 1] + '…'}" for each in left]
        say("\n".join(lines), lambda: _data(entries, results, opened, left))
        must_be_sent(results)


def _about_what_stays(request: Request, opened: House) -> Request:
    """Ask of each change that is still in place whether it stays; gives the request with the answers.

    Raises:
        Failure: one does not stay: it is to be undone first.
    """
    runs = opened.room.undecided(request)
    if not runs or not sys.stdin.isatty():
        return request  # without anybody to ask, the request itself says what is missing
    for each in runs:
        if not click.confirm(f"still in place: {clean(told(each))}. Does it stay?", err=True):
            raise Failure("not resolved; `cockpit runbook undo` takes the latest change back")
    return staying(request, runs)


def _about_who_noticed(request: Request, opened: House) -> tuple[Request, tuple[str, ...]]:
    """Offer what the record's own signals noticed first as the detection, where a declaration says nothing of it.

    Gives the request with the answer, and what is said afterwards where nobody could be asked.
    """
    found = noticed(opened.room.state) if declares(request) and not says_who_noticed(request) else []
    if not found:
        return request, ()
    first = found[0]
    said = f"a cockpit saw it first at {echo(first.at)}: {clean(first.what)}"
    if sys.stdin.isatty():
        return (seeing(request, first.entry) if click.confirm(f"{said}. Detected so?", err=True) else request), ()
    mend = f"cockpit incident detected monitoring --at {first.at:%Y-%m-%dT%H:%M:%SZ} records that"
    return request, (f"no detection was recorded; {said}; {mend}",)


async def _delivered(opened: House, entries: Sequence[Entry]) -> list[Result]:
    try:
        return await opened.delivering.delivered(entries)
    except JournalError as error:
        raise Failure(
            f"recorded, and its delivery could not be: {error}; `cockpit message retry` tries again"
        ) from None


def _is_said(entry: Entry, opened: House) -> bool:
    """Whether the answer has a line for `entry`: not for the record's beginning, nor for what another record has."""
    return entry.kind != "watching" and entry.incident == opened.room.incident


def _told(entry: Entry, opened: House) -> str:
    room = opened.room
    late = f" ({tag(entry, room.state)})" if tag(entry, room.state) else ""
    words = f"{headline(entry, room.state).text} · occurred {echo(entry.occurred)}{late} · by {entry.actor}"
    return f"{room.label or 'not declared yet'}: {words}"


def _data(entries: Sequence[Entry], results: Sequence[Result], opened: House, left: Sequence[str]) -> Mapping[str, Any]:
    written = [as_data(entry, opened.room.state) for entry in entries]
    data: dict[str, Any] = {"incident": opened.room.label, "entries": written}
    found = proposed_severity(entries, opened.room)
    data |= {"proposed": {"level": found.level, "evidence": found.evidence}} if found else {}
    data |= {"messages": [result_data(result) for result in results]} if results else {}
    return data | ({"not_done": list(left)} if left else {})
