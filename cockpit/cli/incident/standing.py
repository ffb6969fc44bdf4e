"""How one incident is printed as it stands: what it is, where, who, its clocks, what is open, what was run."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.cli.incident.matters import matters_lines
from cockpit.incident.clocks import Due
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.incident.times import echo, lasting, span
from cockpit.room.messages.agreeing import Disagreement, disagreements
from cockpit.room.room import Room


def state_lines(room: Room) -> list[str]:
    """An incident for people."""
    state = room.state
    if state.declared is None:
        return [f"no incident is declared on {state.service or 'any service'}; {state.entries} entries were recorded"]
    lines = [_head(room), *_when_and_where(room)]
    lines.append(_line("roles", ", ".join(_roles(room)) or "nobody"))
    lines += [_line("disagrees", f"{each.text}: {each.mend}") for each in disagreeing(room, room.state)]
    lines += [_line("clock", _clock(clock, room)) for clock in room.clocks()]
    lines += [_line(what, words) for what, words in matters_lines(state, room.clock.now())]
    for progress in room.checklists():
        lines.append(_line("checklist", f"{progress.checklist.role}: {progress.settled}/{progress.total}"))
    runs = [run for run in state.runs.values() if run.changes]
    return lines + [_line("run", f"{run.intent.title}: {run.outcome} · {run.intent.command}") for run in runs]


def disagreeing(room: Room, state: State) -> list[Disagreement]:
    """What the public page or a pager tells otherwise than the record of an incident."""
    return disagreements(state, room.setting.policies.get(state.policy), room.setting.places.pagers)


def _roles(room: Room) -> Iterator[str]:
    """Who holds what; where nobody commands, who does at this severity by the policy."""
    state = room.state
    yield from (f"{role.short} {who}" for role, who in state.roles.items())
    level = room.policy.level(state.severity) if room.policy else None
    if level and level.commander and Role.IC not in state.roles:
        yield f"IC nobody ({level.severity}: {level.commander} commands)"


def _line(what: str, words: str) -> str:
    return f"{what:<10} {words}"


def _head(room: Room) -> str:
    state = room.state
    drill = "DRILL · " if state.drill else ""
    into = f" · {state.statuses[-1].text}" if state.merged_into else ""
    return f"{drill}{room.label} {state.name} · {state.severity or 'no severity'} · {state.status.value}{into}"


def _when_and_where(room: Room) -> Iterator[str]:
    state = room.state
    assert state.declared is not None
    end = (state.resolved or state.closed) if state.over else None
    took = lasting(((end.at if end else room.clock.now()) - state.declared.at).total_seconds())
    yield _line("declared", f"{echo(state.declared.at)} by {state.declared.actor}, {took}")
    if state.detected:
        yield _line("detected", f"{echo(state.detected.at)} by {state.detected_by}")
    if state.target:
        where = f"{state.target.context}/{state.target.namespace}"
        yield _line("where", f"{where} {state.target.deployment or state.target.selector}")


def _clock(clock: Due, room: Room) -> str:
    now = room.clock.now()
    took = span((clock.done - clock.since).total_seconds()) if clock.done else span(clock.left(now).total_seconds())
    snoozed = f", snoozed until then: {clock.why}" if clock.snoozed(now) else ""
    return f"{clock.title}: {clock.standing(now)}, {took}, due {echo(clock.due)}{snoozed}"
