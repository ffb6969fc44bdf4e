"""How far each checklist came: what was done by whom and when, what is open, what did not apply and why."""

from __future__ import annotations

from collections.abc import Iterable

from cockpit.incident.checklists import Checklist, Progress, Tick, progress
from cockpit.scribe.escape import inline, line
from cockpit.scribe.parts import Case, by, heading


def checklists(case: Case, lists: Iterable[Checklist]) -> str:
    """Each list with its ticks; then what the record ticked that stands in no list."""
    every = [progress(checklist, case.state, case.now) for checklist in lists]
    parts = [_list(case, one) for one in every]
    stray = _stray(case, every)
    if stray:
        parts.append(f"{heading(3, 'Ticked, and in none of these lists')}\n\n{stray}")
    return "\n\n".join([heading(2, "Checklists"), *(parts or ["No checklist was used."])])


def _list(case: Case, one: Progress) -> str:
    percent = f" ({one.settled * 100 // one.total} %)" if one.total else ""
    blocks = [heading(3, f"{inline(one.checklist.title)}: {one.settled} of {one.total}{percent}")]
    for phase in one.phases:
        title = f"**{line(phase.phase.title)}** {phase.settled}/{len(phase.ticks)}"
        items = "\n".join(_item(case, tick) for tick in phase.ticks)
        blocks += [title, items] if items else [title]
    return "\n\n".join(blocks)


def _item(case: Case, tick: Tick) -> str:
    return _line(case, tick.item.text, tick.state, tick.item.id, tick.fact.actor if tick.fact else "")


def _line(case: Case, text: str, state: str, item: str, actor: str) -> str:
    """One item, as task lists are written."""
    known = case.state.checklist.get(item)
    if known is None or state == "open":
        return f"- [ ] {inline(text)}"
    payload, at = known
    who = f"{by(actor)}, {case.clock(at.at)}"
    if state == "done":
        return f"- [x] {inline(text)} ({who})"
    return f"- [ ] {inline(text)} (**not applicable**: {inline(payload.why) or 'no reason given'}; {who})"


def _stray(case: Case, every: list[Progress]) -> str:
    listed = {tick.item.id for one in every for phase in one.phases for tick in phase.ticks}
    return "\n".join(
        _line(case, payload.text or item, payload.state, item, at.actor)
        for item, (payload, at) in case.state.checklist.items()
        if item not in listed
    )
