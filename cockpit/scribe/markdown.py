"""The record as one Markdown document (CommonMark with tables), true and readable, whatever the record holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cockpit.incident.checklists import Checklist
from cockpit.incident.policies import Policy
from cockpit.incident.timeline import Timeline
from cockpit.scribe.histories import deadlines, roles, severities, statuses
from cockpit.scribe.impact import impact
from cockpit.scribe.integrity import integrity
from cockpit.scribe.matters import action_items, asks, enclosures, handovers, hypotheses, merges, pages
from cockpit.scribe.messages import messages
from cockpit.scribe.metrics import metrics
from cockpit.scribe.narrative import timeline as narrative
from cockpit.scribe.parts import Case
from cockpit.scribe.runs import runs
from cockpit.scribe.summary import summary, title
from cockpit.scribe.ticks import checklists as ticks


def export(
    timeline: Timeline,
    *,
    label: str,
    now: datetime,
    checklists: Iterable[Checklist] = (),
    policy: Policy | None = None,
) -> str:
    """Write the document.

    Args:
        timeline: the record; only read. Of 20,000 entries it takes about a second: not for the event loop.
        label: the incident's label for people, INC-2026-001.
        now: when it is written; running clocks stand as of then.
        checklists: each role's list, whose ticks the record holds.
        policy: the severity scheme, for the clocks that were met and missed.

    Returns:
        Text that ends with a line end.
    """
    case = Case.of(timeline.entries, timeline.state, label, now)
    return "\n\n".join(part for part in _parts(case, checklists, policy) if part) + "\n"


def _parts(case: Case, checklists: Iterable[Checklist], policy: Policy | None) -> tuple[str, ...]:
    """The document's parts in their order; empty where there is nothing to say."""
    return (
        title(case),
        summary(case),
        impact(case),
        severities(case),
        statuses(case),
        roles(case),
        handovers(case),
        deadlines(case, policy),
        narrative(case),
        hypotheses(case),
        asks(case),
        runs(case),
        messages(case),
        pages(case),
        action_items(case),
        enclosures(case),
        merges(case),
        ticks(case, checklists),
        metrics(case),
        integrity(case),
    )
