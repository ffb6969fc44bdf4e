"""How entries and incidents are printed, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cockpit.incident.checklists import Progress, Tick
from cockpit.incident.entry import Entry, stamp
from cockpit.incident.state import State
from cockpit.incident.times import echo, lasting, span
from cockpit.incident.wording import headline, tag
from cockpit.room.room import Room


def as_line(entry: Entry, state: State) -> str:
    """`2026-03-14 02:00:07Z ▲ error rate over 1 %  @alice`."""
    line = headline(entry, state)
    late = f" ({tag(entry, state)})" if tag(entry, state) else ""
    return f"{echo(entry.occurred)} {line.glyph or ' '} {line.text}{late}  {entry.actor}"


def as_data(entry: Entry, state: State) -> Mapping[str, Any]:
    """An entry for programs: envelope, payload, and its words."""
    names = ("id", "incident", "kind", "schema", "writer", "seq", "actor", "role", "supersedes")
    fields: dict[str, Any] = {name: getattr(entry, name) for name in names}
    fields |= {"occurred": stamp(entry.occurred), "recorded": str(entry.recorded), "hash": entry.hash.hex()}
    return fields | {"payload": dict(entry.payload), "text": headline(entry, state).text}


def state_data(state: State, label: str) -> Mapping[str, Any]:
    """An incident for programs."""

    def at(name: str) -> str | None:
        fact = getattr(state, name)
        return stamp(fact.at) if fact else None

    moments = ("began", "detected", "declared", "acknowledged", "mitigated", "resolved", "closed")
    return {
        "label": label, "id": state.incident, "name": state.name, "title": state.title, "service": state.service,
        "severity": state.severity, "status": state.status.value, "drill": state.drill,
        "roles": {role.value: holder for role, holder in state.roles.items()},
        "target": state.target.model_dump() if state.target else None,
        "entries": state.entries, **{name: at(name) for name in moments},
        "runs": [{"run": run.intent.run, "title": run.intent.title, "command": run.intent.command,
                  "outcome": run.outcome, "verdict": run.verified.verdict if run.verified else None}
                 for run in state.runs.values()],
    }  # fmt: skip


def state_lines(room: Room) -> list[str]:
    """An incident for people."""
    state, now = room.state, room.clock.now()
    if state.declared is None:
        return [f"no incident is declared on {state.service or 'any service'}; {state.entries} entries were recorded"]
    drill = "DRILL · " if state.drill else ""
    lines = [f"{drill}{room.label} {state.name} · {state.severity or 'no severity'} · {state.status.value}"]
    end = state.resolved or state.closed
    took = lasting(((end.at if end else now) - state.declared.at).total_seconds())
    lines.append(f"declared   {echo(state.declared.at)} by {state.declared.actor}, {took}")
    if state.target:
        where = f"{state.target.context}/{state.target.namespace}"
        lines.append(f"where      {where} {state.target.deployment or state.target.selector}")
    lines.append(f"roles      {', '.join(f'{role.short} {who}' for role, who in state.roles.items()) or 'nobody'}")
    for clock in room.clocks():
        standing = clock.standing(now)
        took = span((clock.done - clock.since).total_seconds()) if clock.done else span(clock.left(now).total_seconds())
        lines.append(f"clock      {clock.title}: {standing}, {took}, due {echo(clock.due)}")
    for progress in room.checklists():
        lines.append(f"checklist  {progress.checklist.role}: {progress.settled}/{progress.total}")
    for run in state.runs.values():
        if run.changes:
            lines.append(f"run        {run.intent.title}: {run.outcome} · {run.intent.command}")
    return lines


_BOXES = {"open": "[ ]", "done": "[x]", "not-applicable": "[-]"}


def checklist_lines(progress: Progress) -> list[str]:
    """A checklist for people: `[x] ic.initial.page  Page required responders  @alice`, phase by phase."""
    lines = [f"{progress.checklist.title}  {progress.settled}/{progress.total}"]
    for phase in progress.phases:
        lines.append(f"  {phase.phase.title}{', now' if phase.now else ''}")
        lines += [_tick_line(tick) for tick in phase.ticks]
    return lines


def _tick_line(tick: Tick) -> str:
    by = f"  {tick.fact.actor}" if tick.fact else ""
    why = f": {tick.why}" if tick.why else ""
    return f"    {_BOXES[tick.state]} {tick.item.id:<28} {tick.item.text}{by}{why}"


def checklist_data(progress: Progress) -> Mapping[str, Any]:
    """A checklist for programs."""
    items = [
        {"id": tick.item.id, "phase": phase.phase.title, "text": tick.item.text, "state": tick.state, "why": tick.why,
         "by": tick.fact.actor if tick.fact else None, "at": stamp(tick.fact.at) if tick.fact else None}
        for phase in progress.phases for tick in phase.ticks
    ]  # fmt: skip
    return {"role": progress.checklist.role, "settled": progress.settled, "total": progress.total, "items": items}
