"""How far each checklist came: what was done by whom and when, what is open, what did not apply and why."""

from __future__ import annotations

from collections.abc import Iterable

from cockpit.incident.checklists import Checklist, PhaseProgress, Progress, Tick, progress
from cockpit.scribe.escape import inline, line
from cockpit.scribe.parts import Case, by, heading


def checklists(case: Case, lists: Iterable[Checklist]) -> str:
    """Each list with its ticks; then what the record ticked that stands in no list."""
    every = [progress(checklist, case.state, case.now) for checklist in lists]
    parts = [listed(case, one) for one in every]
    stray = _stray(case, every)
    if stray:
        parts.append(f"{heading(3, 'Ticked, and in none of these lists')}\n\n{stray}")
    return "\n\n".join([heading(2, "Checklists"), *(parts or ["No checklist was used."])])


def listed(case: Case, one: Progress) -> str:
    """One list, phase by phase, with its ticks and dates."""
    percent = f" ({one.settled * 100 // one.total} %)" if one.total else ""
    blocks = [heading(3, f"{inline(one.checklist.title)}: {one.settled} of {one.total}{percent}")]
    for phase in one.phases:
        title = f"**{line(phase.phase.title)}** {phase.settled}/{len(phase.ticks)}{_due(case, phase)}"
        items = "\n".join(_item(case, tick) for tick in phase.ticks)
        blocks += [title, items] if items else [title]
    return "\n\n".join(blocks)


def _due(case: Case, phase: PhaseProgress) -> str:
    """Until when it was to be done, and where that stands: a part of the list for afterwards."""
    if phase.due is None:
        return ""
    standing = f"**{phase.standing}**" if phase.standing in ("overdue", "missed") else phase.standing
    return f", due {case.clock(phase.due)}: {standing}"


def _item(case: Case, tick: Tick) -> str:
    """One item, as task lists are written; what a fact ticked names it and its entry."""
    if tick.answered and tick.fact:
        who = f"{by(tick.fact.actor)}, {case.clock(tick.fact.at)}, by the {tick.deed}, entry {tick.ref}"
        return f"- [x] {inline(tick.item.text)} ({who})"
    return _said(case, tick.item.text, tick.item.id)


def _said(case: Case, text: str, item: str) -> str:
    """One item as a person left it."""
    known = case.state.checklist.get(item)
    if known is None or known[0].state == "open":
        return f"- [ ] {inline(text)}"
    payload, at = known
    who = f"{by(at.actor)}, {case.clock(at.at)}"
    if payload.state == "done":
        return f"- [x] {inline(text)} ({who})"
    return f"- [ ] {inline(text)} (**not applicable**: {inline(payload.why) or 'no reason given'}; {who})"


def _stray(case: Case, every: list[Progress]) -> str:
    listed = {tick.item.id for one in every for phase in one.phases for tick in phase.ticks}
    known = case.state.checklist.items()
    return "\n".join(_said(case, said.text or item, item) for item, (said, _) in known if item not in listed)
