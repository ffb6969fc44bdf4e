"""From a runbook's Kubernetes action, its parameters filled, to what is done through the cluster's API."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.action.kubernetes.configmaps import EditConfigMap
from cockpit.action.kubernetes.deployments.environment import SetEnv
from cockpit.action.kubernetes.deployments.history import History
from cockpit.action.kubernetes.deployments.images import SetImage
from cockpit.action.kubernetes.deployments.pausing import Pause, Resume
from cockpit.action.kubernetes.deployments.restart import Restart
from cockpit.action.kubernetes.deployments.rollback import Rollback
from cockpit.action.kubernetes.deployments.rollout_status import WaitForRollout
from cockpit.action.kubernetes.deployments.scale import Scale
from cockpit.action.kubernetes.logs.durations import LogDurations
from cockpit.action.kubernetes.logs.logs import Logs
from cockpit.action.kubernetes.logs.patterns import LogPatterns
from cockpit.action.kubernetes.masked import Masked
from cockpit.action.kubernetes.objects.description import Describe
from cockpit.action.kubernetes.objects.get import Get
from cockpit.action.kubernetes.objects.top import Top
from cockpit.action.kubernetes.pods.deletion import DeletePods
from cockpit.action.kubernetes.pods.execution import Exec
from cockpit.action.kubernetes.pods.forward import PortForward
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.masking import Masking
from cockpit.action.means import Means
from cockpit.action.model import Action
from cockpit.runbook import actions
from cockpit.runbook.errors import RunbookError

Make = Callable[..., Action]


def kubernetes(action: actions.KubernetesAction, heading: Heading, mitigates: bool, means: Means) -> Action:
    """The action behind a verb, its secret values masked.

    Args:
        mitigates: it is there to make things better, so that resolving asks whether it stays.

    Raises:
        RunbookError: it names nothing that it could act on.
    """
    if isinstance(action, actions.Exec):
        return _exec(action, heading, mitigates, means)
    make = _CHANGING.get(type(action))
    made = make(action, heading, mitigates) if make else _READING[type(action)](action, heading)
    return Masked(made, Masking.of(means.values)) if means.values.secret else made


def _exec(action: actions.Exec, heading: Heading, mitigates: bool, means: Means) -> Action:
    return Exec(
        action.namespace,
        action.command,
        pod=action.pod,
        selector=action.selector,
        deployment=action.deployment,
        container=action.container,
        risk=action.risk,
        mitigates=mitigates,
        masking=Masking.of(means.values),
        spool=means.spool,
        heading=heading,
    )


def _forward(action: actions.PortForward, heading: Heading) -> Action:
    return PortForward(action.resource, action.namespace, action.port, action.local, heading)


def _number(value: int | str | None) -> int | None:
    """A number that a parameter may have given: filled, it is one."""
    return None if value is None else int(value)


def _rollback(action: actions.RolloutUndo, heading: Heading, mitigates: bool) -> Action:
    revision = _number(action.revision)
    return Rollback(action.deployment, action.namespace, revision, mitigates=mitigates, heading=heading)


def _scale(action: actions.Scale, heading: Heading, mitigates: bool) -> Action:
    return Scale(action.deployment, action.namespace, int(action.replicas), mitigates=mitigates, heading=heading)


def _set_env(action: actions.SetEnv, heading: Heading, mitigates: bool) -> Action:
    return SetEnv(
        action.deployment, action.namespace, action.env, action.container, mitigates=mitigates, heading=heading
    )


def _set_image(action: actions.SetImage, heading: Heading, mitigates: bool) -> Action:
    return SetImage(action.deployment, action.namespace, action.images, mitigates=mitigates, heading=heading)


def _delete(action: actions.DeletePods, heading: Heading, mitigates: bool) -> Action:
    return DeletePods(action.namespace, action.pod, action.selector, mitigates, heading)


def _of_deployment(make: Make) -> Make:
    """One that needs a deployment alone."""
    return lambda action, heading, mitigates: make(
        action.deployment, action.namespace, mitigates=mitigates, heading=heading
    )


def _get(action: actions.Get, heading: Heading) -> Action:
    return Get(action.resource, action.namespace, action.name, action.selector, action.sort_by, heading=heading)


def _logs(action: actions.Logs, heading: Heading) -> Action:
    if not (action.pod or action.selector):
        raise RunbookError(f"'{heading.title}' names neither a pod nor a selector; correct the runbook")
    return Logs(
        action.pod, action.namespace, action.container, int(action.tail), action.previous, heading, action.since,
        action.matching, action.ignore_case, "" if action.pod else action.selector,
    )  # fmt: skip


def _patterns(action: actions.LogPatterns, heading: Heading) -> Action:
    return LogPatterns(
        action.namespace, action.selector, action.pod, action.container, action.tail, action.since, action.matching,
        action.limit, heading=heading,
    )  # fmt: skip


def _durations(action: actions.LogDurations, heading: Heading) -> Action:
    return LogDurations(
        action.namespace, action.selector, action.pod, action.container, action.tail, action.since, action.matching,
        heading=heading,
    )  # fmt: skip


def _edit(action: actions.EditConfigMap, heading: Heading, mitigates: bool) -> Action:
    return EditConfigMap(action.name, action.namespace, action.data, mitigates=mitigates, heading=heading)


def _events(action: actions.Events, heading: Heading) -> Action:
    fields = f"involvedObject.name={action.name}" if action.name else ""
    return Get("events", action.namespace, sort_by=".lastTimestamp", fields=fields, heading=heading)


_READING: dict[type, Make] = {
    actions.Get: _get,
    actions.Logs: _logs,
    actions.LogPatterns: _patterns,
    actions.LogDurations: _durations,
    actions.Describe: lambda action, heading: Describe(
        action.resource, action.namespace, action.name, action.selector, heading
    ),
    actions.Top: lambda action, heading: Top(action.namespace, action.resource, action.selector, action.name, heading),
    actions.Events: _events,
    actions.PortForward: _forward,
    actions.RolloutHistory: lambda action, heading: History(action.deployment, action.namespace, heading),
    actions.PortForward: lambda action, heading: PortForward(
        action.resource, action.namespace, action.port, action.local, heading
    ),
    actions.RolloutStatus: lambda action, heading: WaitForRollout(action.deployment, action.namespace, heading),
}

_CHANGING: dict[type, Make] = {
    actions.RolloutUndo: _rollback,
    actions.RolloutRestart: _of_deployment(Restart),
    actions.RolloutPause: _of_deployment(Pause),
    actions.RolloutResume: _of_deployment(Resume),
    actions.Scale: _scale,
    actions.SetEnv: _set_env,
    actions.SetImage: _set_image,
    actions.DeletePods: _delete,
    actions.EditConfigMap: _edit,
}
