"""Whom the policy wants told and called in at this severity, and how: for the page of messages and clocks."""

from __future__ import annotations

from collections.abc import Iterable

from cockpit.incident.policies import Call, Level, Policy
from cockpit.incident.state import State
from cockpit.screen.spans import Row, Span, wrap


def calls(policy: Policy | None, state: State, width: int) -> list[Row]:
    """Who commands, who is told, the ladder and the channels, as rows; none without a policy."""
    if policy is None:
        return []
    level = policy.level(state.severity)
    paged = {page.target for page, _ in state.pages}
    said = [*_of_level(level, paged), *_each("tell", policy.notify, paged), *_each("call", policy.escalation, paged)]
    said += [("how", rule.text) for rule in policy.communication]
    rows = [Row("", (Span(f" By the policy: {policy.title}", "accent"),))]
    for number, (word, text) in enumerate(said):
        for part, line in enumerate(wrap(text, max(20, width - 14))):
            head = f"  {word if part == 0 else '':<10} "
            rows.append(Row(f"call.{number}" if part == 0 else "", (Span(head, "quiet"), Span(line))))
    return [*rows, Row("", ())] if said else []


def _of_level(level: Level | None, paged: set[str]) -> list[tuple[str, str]]:
    if level is None:
        return []
    words = {"commands": level.commander, "told": level.communication}
    said = [(word, text) for word, text in words.items() if text]
    return [*said, *_each("tell", level.notify, paged), *_each("call", level.escalate, paged)]


def _each(word: str, every: Iterable[Call], paged: set[str]) -> list[tuple[str, str]]:
    """`CEO, CTO, immediately: security (paged)`."""
    found = []
    for call in every:
        within = f", {call.within}" if call.within is not None else ""
        when = f", {call.when}" if call.when else ""
        how = f": {call.how}" if call.how else ""
        done = " – paged" if {call.who, call.key} & paged else ""
        found.append((word, f"{call.who}{within}{when}{how}{done}"))
    return found
