"""From a runbook's step to the action behind it, filled with the service's place and the selected pod."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.action.kubernetes.describe import DescribeDeployment, DescribePod
from cockpit.action.kubernetes.get import Get, resource_named
from cockpit.action.kubernetes.history import History
from cockpit.action.kubernetes.logs import Logs, LogsOfAll
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.kubernetes.rollback import Rollback
from cockpit.action.kubernetes.rollout_status import WaitForRollout
from cockpit.action.means import Means
from cockpit.action.model import ALL_CHECKS, Action
from cockpit.kube.errors import KubeError
from cockpit.runbook import actions
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.fill import fill
from cockpit.runbook.model import Step


def action_of(step: Step, means: Means) -> Action:
    """The action that `step` runs, its parameters filled.

    Args:
        means: the place, the values, and what else the house has.

    Raises:
        RunbookError: the step is for a person, needs what nobody configured or selected, or cannot be run here.
    """
    if step.action is None:
        raise RunbookError(f"'{step.title}' is done by hand")
    filled = fill(step.action, means.values, means.parameters)
    heading = Heading(step.title, step.id, step.timeout, step.risk, step.checks or ALL_CHECKS)
    if isinstance(filled, actions.RolloutUndo):
        mitigates, revision = step.kind == "mitigate", _number(filled.revision)
        return Rollback(filled.deployment, filled.namespace, revision, mitigates=mitigates, heading=heading)
    return _READERS[type(filled)](filled, heading)


def _number(value: int | str | None) -> int | None:
    """A number that a parameter may have given: filled, it is one."""
    return None if value is None else int(value)


def _get(action: actions.Get, heading: Heading) -> Action:
    return Get(action.resource, action.namespace, action.name, action.selector, action.sort_by, heading=heading)


def _logs(action: actions.Logs, heading: Heading) -> Action:
    how = (action.container, int(action.tail), action.previous, heading)
    if action.pod:
        return Logs(action.pod, action.namespace, *how)
    if not action.selector:
        raise RunbookError(f"'{heading.title}' names neither a pod nor a selector; correct the runbook")
    return LogsOfAll(action.selector, action.namespace, *how)


def _describe(action: actions.Describe, heading: Heading) -> Action:
    try:
        _, plural = resource_named(action.resource)
    except KubeError as error:
        raise RunbookError(str(error)) from error
    if plural == "pods":
        return DescribePod(action.name, action.namespace, heading)
    if plural == "deployments":
        return DescribeDeployment(action.name, action.namespace, heading)
    raise RunbookError(f"'{heading.title}' describes {plural}: this version describes pods and deployments")


def _events(action: actions.Events, heading: Heading) -> Action:
    fields = f"involvedObject.name={action.name}" if action.name else ""
    return Get("events", action.namespace, sort_by=".lastTimestamp", fields=fields, heading=heading)


_READERS: dict[type, Callable[..., Action]] = {
    actions.Get: _get,
    actions.Logs: _logs,
    actions.Describe: _describe,
    actions.Events: _events,
    actions.RolloutHistory: lambda action, heading: History(action.deployment, action.namespace, heading),
    actions.RolloutStatus: lambda action, heading: WaitForRollout(action.deployment, action.namespace, heading),
}
