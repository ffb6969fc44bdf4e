"""How entries and incidents are printed, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from cockpit.cli.incident.matters import matters_data
from cockpit.incident.checklists import Progress, Tick
from cockpit.incident.clocks import Due
from cockpit.incident.entry import Entry, stamp
from cockpit.incident.state import State
from cockpit.incident.times import echo, span, time_of_day
from cockpit.incident.wording import headline, tag
from cockpit.room.journal.listing import Listed
from cockpit.room.requests.refs import LENGTH, ref


def as_line(entry: Entry, state: State) -> str:
    """`2026-03-14 02:00:07Z 4f0a1c ▲ error rate over 1 %  @alice`."""
    line = headline(entry, state)
    tags = [tag(entry, state), _superseded(entry, state)]
    told = "".join(f" ({each})" for each in tags if each)
    return f"{echo(entry.occurred)} {ref(entry)} {line.glyph or ' '} {line.text}{told}  {entry.actor}"


def _superseded(entry: Entry, state: State) -> str:
    """Which entry stands in the place of `entry`, if another does."""
    return f"superseded by {state.edits.standing(entry.id)[-LENGTH:]}" if state.edits.replaced(entry) else ""


def as_data(entry: Entry, state: State) -> Mapping[str, Any]:
    """An entry for programs: envelope, payload, and its words."""
    names = ("id", "incident", "kind", "schema", "writer", "seq", "actor", "role", "supersedes")
    fields: dict[str, Any] = {name: getattr(entry, name) for name in names}
    fields |= {"occurred": stamp(entry.occurred), "recorded": str(entry.recorded), "hash": entry.hash.hex()}
    standing = state.edits.standing(entry.id)
    fields |= {"ref": ref(entry), "tag": tag(entry, state), "redacted": entry.redacted}
    fields |= {"superseded_by": standing if standing != entry.id else None}
    return fields | {"payload": dict(entry.payload), "text": headline(entry, state).text}


def list_line(listed: Listed, now: datetime) -> str:
    """`INC-2026-001  P1     investigating  page overdue 3:12      0:18:12  payment-failure DRILL`."""
    state, lasted = listed.state, span(listed.lasted(now).total_seconds())
    marks = [state.name, *(["DRILL"] if state.drill else []), *([state.statuses[-1].text] if state.merged_into else [])]
    head = f"{listed.label:<13} {state.severity or '-':<6} {listed.standing:<14}"
    return f"{head} {_next_due(listed, now):<22} {lasted:>8}  {' · '.join(marks)}"


def _next_due(listed: Listed, now: datetime) -> str:
    """What is due first: `page in 3:12`, `page overdue 3:12`."""
    for due in listed.waiting[:1]:
        return f"{due.title} {'overdue' if due.due <= now else 'in'} {span(due.left(now).total_seconds())}"
    return ""


def state_data(state: State, label: str, clocks: Sequence[Due], now: datetime) -> Mapping[str, Any]:
    """An incident for programs."""

    def at(name: str) -> str | None:
        fact = getattr(state, name)
        return stamp(fact.at) if fact else None

    moments = ("began", "detected", "declared", "acknowledged", "mitigated", "resolved", "closed")
    return {
        "label": label, "id": state.incident, "name": state.name, "title": state.title, "service": state.service,
        "severity": state.severity, "status": state.status.value, "drill": state.drill,
        "false_alarm": state.false_alarm, "merged_into": state.merged_into or None,
        "merged": [{"id": merge.other, "label": merge.label, "why": merge.why} for merge, _ in state.merged],
        "roles": {role.value: holder for role, holder in state.roles.items()},
        "target": state.target.model_dump() if state.target else None,
        "entries": state.entries, **{name: at(name) for name in moments}, "detected_by": state.detected_by or None,
        "clocks": [_clock_data(clock, now) for clock in clocks],
        "runs": [{"run": run.intent.run, "title": run.intent.title, "command": run.intent.command,
                  "outcome": run.outcome, "verdict": run.verified.verdict if run.verified else None}
                 for run in state.runs.values()],
        **matters_data(state),
    }  # fmt: skip


def _clock_data(clock: Due, now: datetime) -> Mapping[str, Any]:
    done = stamp(clock.done) if clock.done else None
    snoozed = stamp(clock.snoozed_until) if clock.snoozed_until else None
    return {"name": clock.name, "title": clock.title, "due": stamp(clock.due), "done": done,
            "standing": clock.standing(now), "snoozed_until": snoozed, "why": clock.why}  # fmt: skip


_BOXES = {"open": "[ ]", "done": "[x]", "not-applicable": "[-]"}


def checklist_lines(progress: Progress, now: datetime) -> list[str]:
    """A checklist for people, phase by phase: `  1 [x] ic.initial.page  Page required responders  @alice 02:03:10Z`;
    what a fact ticked says which, `by the page (4kgb8e) @alice 02:03:10Z`. The numbers are those that `check` takes."""
    lines = [f"{progress.checklist.title} ({progress.checklist.role})  {progress.settled}/{progress.total}"]
    numbers = count(1)
    for phase in progress.phases:
        when = [phase.given, phase.standing_words(now), f"by {echo(phase.due)}" if phase.due else ""]
        told = ", ".join(each for each in (phase.phase.title, *when) if each)
        lines.append(f"  {told}  {phase.settled}/{len(phase.ticks)}")
        lines += [_tick_line(tick, number) for tick, number in zip(phase.ticks, numbers, strict=False)]
    return lines


def _tick_line(tick: Tick, number: int) -> str:
    entry = f"by the {tick.deed} ({tick.ref}) " if tick.answered else ""
    by = f"  {entry}{tick.fact.actor} {time_of_day(tick.fact.at)}Z" if tick.fact else ""
    why = f": {tick.why}" if tick.why else ""
    return f"  {number:>3} {_BOXES[tick.state]} {tick.item.id:<28} {tick.item.text}{by}{why}"


def checklist_data(progress: Progress) -> Mapping[str, Any]:
    """A checklist for programs. `answered` items were ticked by the entry that `entry` names, not by a person."""
    items = [
        {"id": tick.item.id, "phase": phase.phase.title, "text": tick.item.text, "state": tick.state, "why": tick.why,
         "by": tick.fact.actor if tick.fact else None, "at": stamp(tick.fact.at) if tick.fact else None,
         "answered": tick.answered, "entry": tick.fact.entry if tick.fact else None}
        for phase in progress.phases for tick in phase.ticks
    ]  # fmt: skip
    phases = [
        {"title": phase.phase.title, "now": phase.now, "settled": phase.settled, "total": len(phase.ticks),
         "due": stamp(phase.due) if phase.due else None, "standing": phase.standing}
        for phase in progress.phases
    ]  # fmt: skip
    head = {"role": progress.checklist.role, "title": progress.checklist.title}
    return head | {"settled": progress.settled, "total": progress.total, "phases": phases, "items": items}
