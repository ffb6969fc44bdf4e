"""The review: the post-incident document, filled where the record knows, marked where a human must write.

Its parts are those of payment-incident-management.md:70-75 and of the plan's retrospective
(production-incident-response-plan.md:540-557); the wording is blameless: roles act, not people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from cockpit.incident.audiences import RESPONDERS
from cockpit.incident.checklists import AFTER, Checklist, progress
from cockpit.incident.entry import Entry
from cockpit.incident.matters import ActionItem
from cockpit.incident.policies import Policy
from cockpit.incident.terms import PROGRAM
from cockpit.incident.timeline import Timeline
from cockpit.incident.times import lasting
from cockpit.incident.wording import headline, shown, tag
from cockpit.scribe.escape import inline, line, quote
from cockpit.scribe.findings import Finding, findings
from cockpit.scribe.histories import deadlines, roles
from cockpit.scribe.impact import impact
from cockpit.scribe.measures import measured
from cockpit.scribe.parts import Case, heading, table
from cockpit.scribe.summary import summary, title
from cockpit.scribe.ticks import listed

TO_WRITE = "**To be written by a person:**"
"""What stands where the record cannot know."""

HINTS = {
    "summary": "what happened, to whom, for how long, in three sentences that somebody from another team understands.",
    "impact": "what it meant for customers and for the business, actual and what it could have become.",
    "what-happened": "the chain of events and causes; what made each step reasonable at the time.",
    "went-well": "what helped, so that it is kept.",
    "went-wrong": "what slowed detection, decision or repair: tools, alerts, runbooks, access; causes, not people.",
    "lucky": "what could have made it worse and by chance did not.",
    "contributing": "every factor that contributed, technical and organisational; there is rarely only one.",
    "severity": "the severity that it should have had, in hindsight.",
}
TERMS = (
    ("immediate", "Immediate: critical fixes and monitoring"),
    ("short-term", "Short-term: process and tooling"),
    ("long-term", "Long-term: architecture and systems"),
)
_TOLD = frozenset(
    {"declared", "detected", "acknowledged", "severity", "status", "key-event", "decision", "mitigation", "run-intent",
     "run-verified", "hypothesis", "message", "handover", "rollout", "change", "pods", "closed", "reopened", "merge",
     "affected", "impact", "threshold", "endpoint", "break-glass"}
)  # fmt: skip
"""The kinds that the review's timeline tells; the export has every entry."""
_TOLD_OTHERS = frozenset({"tell", "page", "open", "ticket", "meeting"})
"""The deeds of messages that are turns; the rest keeps channels and pagers in step with what stands there already."""


class Part(Struct, frozen=True):
    """One part of the document. `section` is the one that a person writes with `incident review`, if any."""

    section: str
    markdown: str


def review_parts(
    timeline: Timeline,
    *,
    label: str,
    now: datetime,
    checklists: Iterable[Checklist] = (),
    policy: Policy | None = None,
) -> Sequence[Part]:
    """The document in parts, in their order; arguments as `review` takes them."""
    case = Case.of(timeline.entries, timeline.state, label, now)
    found = findings(case, policy)
    return [
        Part("", _head(case)),
        Part("summary", f"{summary(case)}\n\n{_written(case, 'summary')}"),
        Part("impact", f"{impact(case)}\n\n{_written(case, 'impact')}"),
        Part("", roles(case)),
        Part("", _story(case)),
        Part("what-happened", f"{heading(2, 'What happened')}\n\n{_causes(case)}{_written(case, 'what-happened')}"),
        Part("went-well", _found(case, "What went well", "went-well", [f for f in found if f.good])),
        Part("went-wrong", _found(case, "What went wrong", "went-wrong", [f for f in found if not f.good])),
        Part("lucky", f"{heading(2, 'Where we got lucky')}\n\n{_written(case, 'lucky')}"),
        Part("contributing", f"{heading(2, 'Contributing factors')}\n\n{_written(case, 'contributing')}"),
        Part("severity", f"{heading(2, 'Severity in hindsight')}\n\n{_severity(case)}{_written(case, 'severity')}"),
        Part("", deadlines(case, policy)),
        Part("", measured(case, policy)),
        Part("", _action_items(case)),
        Part("", _after(case, checklists)),
    ]


def review(
    timeline: Timeline,
    *,
    label: str,
    now: datetime,
    checklists: Iterable[Checklist] = (),
    policy: Policy | None = None,
) -> str:
    """Write the document, CommonMark with tables.

    Args:
        timeline: the record; only read.
        label: the incident's label for people.
        now: when it is written: what is overdue is so then.
        checklists: whose post-incident phases are listed.
        policy: for the deadlines that were met and missed.
    """
    parts = review_parts(timeline, label=label, now=now, checklists=checklists, policy=policy)
    return "\n\n".join(part.markdown for part in parts if part.markdown) + "\n"


def _head(case: Case) -> str:
    state, lead = case.state, "This review is blameless: it looks for what made it possible, not for who did it."
    over = "" if state.over else "\n\n**The incident is not over yet:** what follows is what the record knows so far."
    if state.false_alarm is not None:
        over = "\n\nIt was closed as a false alarm."
    return f"{title(case).replace('# ', '# Review of ', 1)}\n\n{lead}{over}"


def _written(case: Case, section: str) -> str:
    """What a person wrote, or the mark that somebody must, with a hint."""
    known = case.state.reviews.get(section)
    if known is None:
        return f"{TO_WRITE} {HINTS[section]} (`incident review {section} TEXT`)"
    payload, fact = known
    return f"{quote(payload.text)}\n\n— {inline(fact.actor)}, {case.clock(fact.at)}"


def _story(case: Case) -> str:
    """The turns of the incident; the export has every entry."""
    rows = []
    for entry in case.entries:
        if entry.kind in _TOLD and shown(entry, case.state) and _turns(entry, case):
            said = headline(entry, case.state)
            more = f" ({tag(entry, case.state)})" if tag(entry, case.state) else ""
            rows.append((case.clock(entry.occurred), inline(_who(entry)), inline(f"{said.glyph} {said.text}{more}")))
    body = table(("When", "Who", "What"), rows) if rows else "Nothing is recorded."
    return f"{heading(2, 'Timeline')}\n\n{body}"


def _who(entry: Entry) -> str:
    """The role that acted, not the person; what a source said was said by that source."""
    if entry.role or entry.actor.startswith("@"):
        return entry.role or "a responder"
    return "the program" if entry.actor == PROGRAM else entry.actor


def _turns(entry: Entry, case: Case) -> bool:
    """Of the runs, those that change something, of the thresholds the breaches, of the handovers those that took place,
    of the messages those that tell others something new; the rest all turn something."""
    if entry.kind == "threshold":
        return entry.payload.get("to") == "breach"
    if entry.kind == "handover":
        return entry.payload.get("state") == "accepted"
    if entry.kind == "message":
        return entry.payload.get("deed", "tell") in _TOLD_OTHERS and entry.payload.get("audience") != RESPONDERS
    if entry.kind != "run-intent":
        return True
    run = case.state.runs.get(str(entry.payload.get("run")))
    return run is not None and run.changes


def _causes(case: Case) -> str:
    confirmed = [each for each in case.state.hypotheses.values() if each.state == "confirmed"]
    eliminated = [each for each in case.state.hypotheses.values() if each.state == "eliminated"]
    lines = [f"- Confirmed, {each.label}: {inline(each.text)} ({inline(each.evidence)})" for each in confirmed]
    lines += [f"- Eliminated, {each.label}: {inline(each.text)} ({inline(each.evidence)})" for each in eliminated]
    return "\n".join(lines) + "\n\n" if lines else ""


def _found(case: Case, name: str, section: str, found: Sequence[Finding]) -> str:
    lines = [f"- {line(each.text)}{f' ({each.entry[-6:]})' if each.entry else ''}" for each in found]
    listed = "From the record:\n\n" + "\n".join(lines) + "\n\n" if lines else ""
    return f"{heading(2, name)}\n\n{listed}{_written(case, section)}"


def _severity(case: Case) -> str:
    said = [f"{inline(each.value)} at {case.clock(each.fact.at)}" for each in case.state.severities]
    return f"It was {', then '.join(said)}.\n\n" if said else "No severity was set.\n\n"


def _action_items(case: Case) -> str:
    items = sorted(case.state.action_items.values(), key=lambda item: item.number)
    blocks = [heading(2, "Action items")]
    for term, words in TERMS:
        rows = [_item(case, item) for item in items if item.term == term]
        blocks.append(heading(3, words))
        blocks.append(table(("Item", "What", "Owner", "Due", "State"), rows) if rows else "None yet.")
    return "\n\n".join(blocks)


def _item(case: Case, item: ActionItem) -> tuple[str, ...]:
    overdue = item.state == "open" and item.due is not None and item.due < case.now.date()
    state = f"**overdue** by {lasting((case.now.date() - item.due).total_seconds())}" if overdue and item.due else ""
    if not state:
        settled = f" {case.clock(item.settled.at)}" if item.settled else ""
        state = f"{item.state}{settled}{f': {inline(item.why)}' if item.why else ''}"
    owner = inline(item.owner) or "**nobody**"
    return item.label, inline(item.text), owner, str(item.due or "**no day**"), state


def _after(case: Case, checklists: Iterable[Checklist]) -> str:
    """What is to be done after the incident, how far it is, and until when; nothing where there is nothing to do."""
    lists = [progress(each, case.state, case.now) for each in checklists if each.role == AFTER]
    lists = [each for each in lists if each.begun or not case.state.over]
    return "\n\n".join([heading(2, "After the incident"), *(listed(case, one) for one in lists)]) if lists else ""
