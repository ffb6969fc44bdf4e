"""`cockpit database`: the service's PostgreSQL as it is now, and the end of one of its sessions."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from cockpit.cli.context import Failure, Wrong, house, run, say, share_with
from cockpit.cli.runbook.stepping import GLASS, perform_job
from cockpit.clock import SystemClock
from cockpit.incident.quantities import quantity
from cockpit.incident.times import age
from cockpit.room import grammar
from cockpit.room.grammar.sessions import EndSession
from cockpit.room.live.databases import NONE, Looked, look
from cockpit.room.runs.jobs import Job
from cockpit.room.runs.runs import Confirmation
from cockpit.room.views.database import Branch, Prepared, Session, Sessions, tree
from cockpit.room.war_room import WarRoom
from cockpit.values import asdict

MOST, MOST_IDLE = 10, 5
"""Transactions, and idle sessions, that are listed."""
_QUERY = 100
"""Characters of a query in a line."""


@click.group(
    invoke_without_command=True,
    help="The service's PostgreSQL: connections of the maximum, who blocks whom, the longest transactions, its signals."
    " Exit 1 when it cannot be read.",
)
@click.pass_context
def database(ctx: click.Context) -> None:
    """Print it, unless a command follows."""
    if ctx.invoked_subcommand is None and (lost := run(_show)):
        raise Failure(lost)


share_with(database)


_END = grammar.database.commands["end"]
NOBODY = (
    "nobody can be asked here whether it is still the session that was seen: give --started TIME, "
    "as --dry-run and `cockpit database --json` show it"
)


@click.command(name="end", help=_END.help)
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--yes", is_flag=True, help="Answer y to --cancel; ending a session needs --confirm.")
@click.option("--confirm", default="", metavar="PID", help="The pid again: ending a session is destructive.")
@click.option("--again", is_flag=True, help="Yes to the second question too, as for replication.")
@GLASS
def end(dry_run: bool, yes: bool, confirm: str, again: bool, break_glass: str, **asked: Any) -> None:
    """End it; exit 1 when it failed or was not confirmed."""
    assert _END.callback is not None
    session: EndSession = _END.callback(**asked)

    async def made(war: WarRoom) -> Job:
        job = session.job(war.jobs)
        if not (dry_run or session.started or sys.stdin.isatty()):
            raise Wrong(NOBODY)
        return job

    given = Confirmation(yes=yes, name=confirm, again=again, break_glass=break_glass)
    run(lambda: perform_job("", made, dry_run, given))


end.params = [*_END.params, *end.params]
database.add_command(share_with(end))


async def _show() -> str:
    async with house(read_only=True) as opened:
        found = await look(opened, SystemClock())
    if found is None:
        raise Wrong(NONE)
    source = found.view.source
    say("\n".join(_lines(found)), lambda: _data(found))
    return "" if source.trusted else "; ".join(filter(None, (source.detail or source.state, source.mend)))


def _lines(found: Looked) -> Iterator[str]:
    sessions, source = found.view.sessions, found.view.source
    if sessions is None or not source.trusted:
        yield f"{found.view.name}: unknown, {source.state}"
        return
    counts = ", ".join(f"{count} {state}" for state, count in sessions.counts.items())
    yield f"{found.view.name}: PostgreSQL {sessions.version}{' (standby)' if sessions.standby else ''}, {counts}"
    for limit in sessions.limits:
        yield f"limit    {limit.name:<24} {limit.used} of {limit.most}{', full' if limit.full else ''}"
    for holder in sessions.holders:
        idle = f", {holder.in_transaction} idle in a transaction" if holder.in_transaction else ""
        yield f"holds    {holder.count:>4}  {holder.user} {holder.application}{idle}"
    yield from (_branch(branch, sessions) for branch in tree(sessions))
    for row in sessions.transactions()[:MOST]:
        yield f"longest  {_prepared(row) if isinstance(row, Prepared) else _row(row)}"
    for row in sessions.idle()[:MOST_IDLE]:
        yield f"idle     {age(row.standing or 0.0):>4}  {_row(row)}"
    for reading in found.readings:
        why = f"  {reading.reason}" if reading.reason else ""
        yield f"signal   {reading.title:<28} {quantity(reading.value, reading.unit):>12}{why}"
    if source.detail:
        yield f"hidden   {source.detail}; {source.mend}"


def _branch(branch: Branch, sessions: Sessions) -> str:
    row = sessions.rows.get(branch.pid)
    words = _row(row) if row else sessions.called(branch.pid)
    if branch.wait is None:
        return f"blocks   {len(sessions.blocked_by(branch.pid))}: {words}"
    since = f" for {age(branch.wait.seconds)}" if branch.wait.seconds is not None else ""
    return f"waits    {'  ' * branch.depth}{branch.wait.mode} on {branch.wait.wanted}{since}: {words}"


def _prepared(row: Prepared) -> str:
    """One that no session holds; when it is old, what ends it."""
    held = f"prepared transaction {row.gid} of {row.owner} in {row.database}, {age(row.seconds)}, since {row.since}"
    return f"{held}, left: {row.mend}" if row.left() else held


def _row(row: Session) -> str:
    inside = f", transaction {age(row.transaction)}" if row.transaction is not None else ""
    query = row.query if len(row.query) <= _QUERY else f"{row.query[: _QUERY - 1]}…"
    return f"{row.pid} {row.who}, {row.state or row.kind}{inside}{f': {query}' if query else ''}"


def _data(found: Looked) -> Mapping[str, Any]:
    view, source = found.view, found.view.source
    told = {"state": source.state, "as_of": source.as_of, "detail": source.detail, "mend": source.mend}
    sessions = asdict(view.sessions) if view.sessions is not None and source.trusted else None
    if sessions is not None:
        sessions["rows"] = list(sessions["rows"].values())
    readings = [
        {"id": each.id, "title": each.title, "unit": each.unit, "value": each.value, "reason": each.reason,
         "at": each.at}
        for each in found.readings
    ]  # fmt: skip
    return {"name": view.name, "source": told, "sessions": sessions, "signals": readings}
