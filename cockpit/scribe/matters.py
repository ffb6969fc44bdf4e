"""What was asked, supposed, attached and left to do; each section only where the record has something for it."""

from __future__ import annotations

from cockpit.incident.matters import ActionItem, Ask, Hypothesis
from cockpit.incident.times import echo
from cockpit.scribe.escape import code, code_cell, fence, inline, line
from cockpit.scribe.parts import Case, fact, facts, heading, table


def hypotheses(case: Case) -> str:
    """What might have been the cause, and what settled it."""
    rows = [_hypothesis(case, each) for each in case.state.hypotheses.values()]
    heads = ("Hypothesis", "What", "Opened", "State", "Evidence")
    return f"{heading(2, 'Hypotheses')}\n\n{table(heads, rows)}" if rows else ""


def _hypothesis(case: Case, each: Hypothesis) -> tuple[str, ...]:
    opened = f"{case.clock(each.opened.at)} {inline(each.opened.actor)}"
    settled = f" {case.clock(each.settled.at)} by {inline(each.settled.actor)}" if each.settled else ""
    return each.label, inline(each.text), opened, f"{each.state}{settled}", inline(each.evidence)


def asks(case: Case) -> str:
    """Who was asked for what by when, and what came of it."""
    rows = [_ask(case, each) for each in case.state.asks.values()]
    heads = ("Ask", "Of whom", "What", "By", "State", "Answer")
    return f"{heading(2, 'Asks')}\n\n{table(heads, rows)}" if rows else ""


def _ask(case: Case, ask: Ask) -> tuple[str, ...]:
    due = case.clock(ask.due) if ask.due else "no time"
    late = ", overdue" if ask.due and (ask.settled.at if ask.settled else case.now) > ask.due else ""
    settled = f" {case.clock(ask.settled.at)}" if ask.settled else ""
    return ask.label, inline(ask.handle), inline(ask.text), due, f"{ask.state}{settled}{late}", inline(ask.answer)


def action_items(case: Case) -> str:
    """What remains to be done, by whom and by when."""
    rows = [_item(case, each) for each in case.state.action_items.values()]
    heads = ("Item", "What", "Owner", "Due", "Term", "State")
    return f"{heading(2, 'Action items')}\n\n{table(heads, rows)}" if rows else ""


def _item(case: Case, item: ActionItem) -> tuple[str, ...]:
    settled = f" {case.clock(item.settled.at)}" if item.settled else ""
    why = f": {inline(item.why)}" if item.why else ""
    late = " (overdue)" if item.state == "open" and item.due and item.due < case.now.date() else ""
    due = f"{item.due}{late}" if item.due else "no day"
    return item.label, inline(item.text), inline(item.owner) or "nobody", due, item.term, f"{item.state}{settled}{why}"


def pages(case: Case) -> str:
    """Who was paged, and whether it went out."""
    rows = []
    for page, at in case.state.pages:
        sent = case.state.messages.get(page.message) if page.message else None
        how = sent.state if sent else f"by hand{f' ({inline(page.by_hand)})' if page.by_hand else ''}"
        rows.append((case.clock(at.at), inline(page.target), inline(page.text), how, inline(at.actor)))
    heads = ("When", "Whom", "What for", "How", "By")
    return f"{heading(2, 'Pages')}\n\n{table(heads, rows)}" if rows else ""


def handovers(case: Case) -> str:
    """Each role that was offered, to whom, and the answer; with the brief that was handed over."""
    parts = []
    for each in case.state.handovers.values():
        settled = f" {case.clock(each.settled.at)}" if each.settled else ""
        lines = (
            fact("From", inline(each.giver or each.offered.actor)),
            fact("To", inline(each.to)),
            fact("Offered", f"{echo(each.offered.at)} by {inline(each.offered.actor)}"),
            fact("Answer", f"{each.state}{settled}"),
            fact("Why", inline(each.why)) if each.why else "",
        )
        brief = f"\n\n{fence(each.brief, 'text')}" if each.brief else ""
        parts.append(f"{heading(3, each.role.label)}\n\n{facts(*lines)}{brief}")
    return "\n\n".join([heading(2, "Handovers"), *parts]) if parts else ""


def enclosures(case: Case) -> str:
    """Links and attached files, the text of these as it was kept."""
    links = [f"- {case.clock(at.at)} {code(link.url)} {inline(link.title)}".rstrip() for link, at in case.state.links]
    parts = [heading(2, "Links and attachments")]
    if links:
        parts.append("\n".join(links))
    for attached, at in case.state.attachments:
        head = f"{inline(attached.name)}: {attached.bytes} bytes, SHA-256 {code(attached.sha256) or 'erased'}"
        parts += [heading(3, head), f"Attached {echo(at.at)} by {inline(at.actor)}. {line(attached.title)}".rstrip()]
        parts += [fence(attached.text, "text")] if attached.text else []
    return "\n\n".join(parts) if len(parts) > 1 else ""


def merges(case: Case) -> str:
    """Which duplicates this one took in, or where it went."""
    state, lines = case.state, []
    for merge, at in state.merged:
        other, who = inline(merge.label or merge.other), inline(at.actor)
        lines.append(f"- {case.clock(at.at)} {other} was merged into this one by {who}")
    if state.merged_into:
        lines.append(f"- This one goes on in incident {code_cell(state.merged_into)}.")
    return f"{heading(2, 'Merged incidents')}\n\n" + "\n".join(lines) if lines else ""
