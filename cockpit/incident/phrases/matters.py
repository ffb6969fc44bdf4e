"""The words for hypotheses, asks and action items."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import BAD, DONE, UNKNOWN, Said, joined, words
from cockpit.incident.state import State
from cockpit.incident.times import echo


@words(kinds.Hypothesis)
def _hypothesis(said: kinds.Hypothesis, state: State, _: Entry) -> Said:
    known = state.hypotheses.get(said.hypothesis)
    label, text = f"H{said.number}", said.text or (known.text if known else "")
    if said.state == "open":
        return UNKNOWN, "plain", f"{label} hypothesis: {text}"
    glyph = DONE if said.state == "confirmed" else ""
    return glyph, "plain", joined(joined(f"{label} {said.state}", text), said.evidence, " – ")


@words(kinds.Ask)
def _ask(said: kinds.Ask, state: State, _: Entry) -> Said:
    known = state.asks.get(said.ask)
    label, text = f"A{said.number}", said.text or (known.text if known else "")
    if said.state == "opened":
        by = f" by {echo(said.due)[11:16]}Z" if said.due else ""
        return UNKNOWN, "plain", f"{label} {said.handle} asked{by}: {text}"
    if said.state == "overdue":
        return BAD, "bad", f"{label} {said.handle} overdue: {text}"
    if said.state == "answered":
        return DONE, "plain", joined(f"{label} {said.handle} answered", said.answer or text)
    return "", "plain", joined(f"{label} {said.handle} {said.state}", said.answer)


@words(kinds.ActionItem)
def _action_item(item: kinds.ActionItem, state: State, _: Entry) -> Said:
    known = state.action_items.get(item.item)
    label, text = f"AI{item.number}", item.text or (known.text if known else "")
    if item.state != "open":
        return DONE if item.state == "done" else "", "plain", joined(f"{label} {item.state}: {text}", item.why, " – ")
    more = ", ".join(part for part in (item.owner, f"by {item.due}" if item.due else "", item.term) if part)
    return "", "plain", f"{label} action item: {text} ({more})"
