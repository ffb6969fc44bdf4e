"""Which severity the runbook's criteria propose from what the signals say now, with the evidence; a person sets it."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.incident.policies import Policy
from cockpit.incident.quantities import quantity
from cockpit.incident.state import State
from cockpit.room.views.signals import Proposal, SignalView
from cockpit.runbook.model import Runbook
from cockpit.runbook.suggest import proposed


def proposal(runbook: Runbook | None, policy: Policy | None, signals: Sequence[SignalView]) -> Proposal | None:
    """The gravest severity of which a criterion holds, where the policy has it; what is unknown holds nothing."""
    if runbook is None or policy is None:
        return None
    known = {view.id: view for view in signals if view.value is not None and view.state != "unknown"}
    found = proposed(runbook, {id: view.value for id, view in known.items()})
    if found is None or policy.level(found.level) is None:
        return None
    said = []
    for criterion in found.criteria:
        view = known[str(criterion.threshold)]
        said.append(f"{criterion.text}: {view.title.lower()} is {quantity(view.value, view.unit)}")
    return Proposal(found.level, "; ".join(said))


def is_graver(proposal: Proposal, state: State, policy: Policy | None) -> bool:
    """Whether the proposal says something that the incident's severity does not yet: none is set, or a milder one."""
    levels = list(policy.levels) if policy else []
    if state.severity not in levels:
        return state.severity is None
    return proposal.level in levels and levels.index(proposal.level) < levels.index(state.severity)
