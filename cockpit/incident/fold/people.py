"""How roles, handovers, ticks and pages change the state."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.registry import folds
from cockpit.incident.matters import Handover
from cockpit.incident.state import State
from cockpit.values import replace


@folds(kinds.RoleChange)
def _role(state: State, change: kinds.RoleChange, entry: Entry) -> None:
    state.role_history += ((change.role, change.handle, Fact.of(entry)),)
    if change.handle is None:
        state.roles.pop(change.role, None)
    else:
        state.roles[change.role] = change.handle


@folds(kinds.ChecklistItem)
def _checklist(state: State, item: kinds.ChecklistItem, entry: Entry) -> None:
    state.checklist[item.item] = (item, Fact.of(entry))


@folds(kinds.Handover)
def _handover(state: State, given: kinds.Handover, entry: Entry) -> None:
    known = state.handovers.get(given.handover)
    if given.state == "offered":
        if known is None:
            fresh = Handover(
                given.handover, given.role, given.giver, given.to, "offered", Fact.of(entry), given.brief, why=given.why
            )
            state.handovers[given.handover] = fresh
        return
    if known is not None and known.state == "offered":
        settled = replace(known, state=given.state, settled=Fact.of(entry), why=given.why or known.why)
        state.handovers[given.handover] = settled


@folds(kinds.BreakGlass)
def _break_glass(state: State, broken: kinds.BreakGlass, entry: Entry) -> None:
    state.broken_glass += ((broken, Fact.of(entry)),)


@folds(kinds.Page)
def _page(state: State, page: kinds.Page, entry: Entry) -> None:
    state.pages += ((page, Fact.of(entry)),)
