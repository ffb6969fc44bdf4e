"""The words for who does what."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.deliveries import FAILED, LOST, UNKNOWN
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import BAD, DONE, RUN, Said, joined, words
from cockpit.incident.state import State
from cockpit.incident.terms import TO_DO


@words(kinds.RoleChange)
def _role(change: kinds.RoleChange, _: State, __: Entry) -> Said:
    return "", "plain", joined(f"{change.role.short} {change.handle or 'released'}", change.why or "", " – ")


@words(kinds.ChecklistItem)
def _checklist(item: kinds.ChecklistItem, _: State, __: Entry) -> Said:
    text = item.text or item.item
    if item.state == "done":
        return DONE, "quiet", text
    return "", "quiet", joined(f"{'open again' if item.state == 'open' else 'not applicable'}: {text}", item.why, " – ")


@words(kinds.Handover)
def _handover(given: kinds.Handover, _: State, __: Entry) -> Said:
    role = given.role.short
    if given.state == "offered":
        return RUN, "accent", joined(f"{role} offered to {given.to}", given.why)
    if given.state == "accepted":
        return DONE, "plain", f"{role} handed over to {given.to}"
    return "", "plain", joined(f"{role} {given.state}", given.why)


@words(kinds.BreakGlass)
def _break_glass(broken: kinds.BreakGlass, _: State, __: Entry) -> Said:
    what = joined(f"broke the glass to {TO_DO[broken.deed]}", broken.what)
    return BAD, "warn", joined(what, broken.why, " – ")


@words(kinds.Page)
def _page(page: kinds.Page, state: State, _: Entry) -> Said:
    sent = state.messages.get(page.message) if page.message else None
    text = joined(f"paged {page.target}", page.text)
    if sent is not None and sent.state == "sent":
        return DONE, "plain", text
    if sent is not None and sent.state in (FAILED, *LOST, UNKNOWN):
        return BAD, "bad", f"{text} – {'nobody knows whether it arrived' if sent.state == UNKNOWN else sent.state}"
    if sent is not None:
        return RUN, "accent", f"{text} …"
    by_hand = f" ({page.by_hand})" if page.by_hand else ""
    return BAD, "warn", f"{text} – by hand{by_hand}: nothing was sent, no channel reaches them"
