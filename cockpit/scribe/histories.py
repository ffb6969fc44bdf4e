"""What changed and when: severity, status, roles, and the clocks that were met or missed."""

from __future__ import annotations

from cockpit.incident.clocks import clocks
from cockpit.incident.policies import Policy
from cockpit.incident.state import Said
from cockpit.incident.times import lasting
from cockpit.scribe.escape import inline
from cockpit.scribe.parts import Case, fact, facts, heading, table


def severities(case: Case) -> str:
    """Every severity, why, and who set it."""
    return _said(case, "Severity", case.state.severities, "Why", "No severity was set.")


def statuses(case: Case) -> str:
    """Every status, what was said with it, and by whom."""
    return _said(case, "Status", case.state.statuses, "Said", "No status was set.")


def _said(case: Case, what: str, history: tuple[Said, ...], words: str, none: str) -> str:
    rows = [
        (case.clock(said.fact.at), inline(said.value), inline(said.text), inline(said.fact.actor)) for said in history
    ]
    body = table(("When", what, words, "Who"), rows) if rows else none
    return f"{heading(2, f'{what} history')}\n\n{body}"


def roles(case: Case) -> str:
    """Who holds which role at the end, and how they came to it."""
    state = case.state
    if not state.role_history:
        return f"{heading(2, 'Roles')}\n\nNobody took a role."
    held = facts(*(fact(role.label, inline(handle)) for role, handle in state.roles.items())) or "All were released."
    rows = [
        (case.clock(at.at), role.label, inline(handle) if handle else "released", inline(at.actor))
        for role, handle, at in state.role_history
    ]
    return f"{heading(2, 'Roles')}\n\n{held}\n\n{table(('When', 'Role', 'Holder', 'Given by'), rows)}"


def deadlines(case: Case, policy: Policy | None) -> str:
    """The policy's clocks as they stand; nothing when there is no policy or none has run."""
    dues = clocks(case.state, policy)
    if policy is None or not dues:
        return ""
    rows = []
    for due in dues:
        done = f"{case.clock(due.done)}, after {lasting((due.done - due.since).total_seconds())}" if due.done else ""
        put_off = f", put off: {inline(due.why)}" if due.snoozed_until else ""
        standing = f"{due.standing(case.now)}{put_off}"
        rows.append((inline(due.title), case.clock(due.since), case.clock(due.due), done, standing))
    by_policy = f"By the policy “{inline(policy.title)}”, at severity {inline(case.state.severity or 'not set')}."
    return f"{heading(2, 'Clocks')}\n\n{by_policy}\n\n{table(('Clock', 'From', 'Due', 'Done', 'Standing'), rows)}"
