"""How what an incident has open is printed: impact, services, hypotheses, asks, action items; as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cockpit.incident.entry import stamp
from cockpit.incident.state import State
from cockpit.incident.times import echo, span

FLAGS = ("data", "security", "regulatory")
Line = tuple[str, str]
"""What it is, and the words."""


def matters_lines(state: State, now: datetime) -> Iterator[Line]:
    """Everything that is known or open, each in a line."""
    if words := _impact(state):
        yield "impact", words
    for service, (affected, fact) in state.affected.items():
        text = f": {affected.text}" if affected.text else ""
        yield "service", f"{service} {affected.state} since {echo(fact.at)}{text}"
    for each in state.hypotheses.values():
        evidence = f" – {each.evidence}" if each.evidence else ""
        yield "hypothesis", f"{each.label} {each.state}: {each.text}{evidence}"
    for ask in state.asks.values():
        due = f", {_due(ask.due, now)}" if ask.due and ask.is_open else ""
        yield "ask", f"{ask.label} {ask.handle} {ask.state}{due}: {ask.text}{f' – {ask.answer}' if ask.answer else ''}"
    for item in state.action_items.values():
        more = ", ".join(part for part in (item.owner, f"by {item.due}" if item.due else "", item.term) if part)
        yield "to do", f"{item.label} {item.state}: {item.text} ({more}){f' – {item.why}' if item.why else ''}"
    for merge, fact in state.merged:
        yield "merged", f"{merge.label or merge.other} at {echo(fact.at)}{f': {merge.why}' if merge.why else ''}"


def _due(due: datetime, now: datetime) -> str:
    return f"{'overdue' if due <= now else 'due in'} {span((due - now).total_seconds())}"


def _impact(state: State) -> str:
    """All that was said of the impact, the latest word of each field."""
    said = state.impact
    if said is None:
        return ""
    parts = [said.text, said.who, said.how_many, f"since {echo(said.since)}" if said.since else ""]
    parts += [f"trend {said.trend}" if said.trend else ""]
    flags = {flag: getattr(said, flag) for flag in FLAGS}
    parts += [f"{'' if value else 'no '}{flag}" for flag, value in flags.items() if value is not None]
    return ", ".join(part for part in parts if part)


def matters_data(state: State) -> Mapping[str, Any]:
    """The same for programs."""
    return {
        "impact": state.impact.fields() if state.impact else None,
        "affected": {name: dict(affected.fields()) for name, (affected, _) in state.affected.items()},
        "hypotheses": [
            {"label": each.label, "state": each.state, "text": each.text, "evidence": each.evidence}
            for each in state.hypotheses.values()
        ],
        "asks": [
            {"label": ask.label, "handle": ask.handle, "state": ask.state, "text": ask.text, "answer": ask.answer,
             "due": stamp(ask.due) if ask.due else None}
            for ask in state.asks.values()
        ],
        "action_items": [
            {"label": item.label, "state": item.state, "text": item.text, "owner": item.owner, "term": item.term,
             "due": item.due.isoformat() if item.due else None, "why": item.why}
            for item in state.action_items.values()
        ],
        "links": [dict(link.fields()) for link, _ in state.links],
        "attachments": [{**attached.fields(), "text": None} for attached, _ in state.attachments],
    }  # fmt: skip
