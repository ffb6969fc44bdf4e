"""What can be run here: steps of the runbook, and the reading that keys start; each becomes an action."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.action.catalog import action_of
from cockpit.action.kubernetes.describe import DescribePod
from cockpit.action.kubernetes.history import History
from cockpit.action.kubernetes.logs import Logs
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.kubernetes.rollback import undo_of
from cockpit.action.model import Action
from cockpit.config import ServiceKubernetes
from cockpit.incident.kinds import Target
from cockpit.incident.state import Run
from cockpit.room.requests import Refusal
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.model import Runbook

LOG_LINES = 500
"""How many lines `l` reads."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that can be run: how it is called, and the action behind it."""

    title: str
    action: Action


def step_job(runbook: Runbook | None, step: str, target: Target, pod: str) -> Job:
    """A step of the runbook, filled from the pinned target and the selected pod; raises Refusal when it cannot run."""
    found = runbook.step(step) if runbook else None
    if found is None:
        raise Refusal(f"the runbook has no step '{step}'; `cockpit runbook show` lists them")
    if found.action is None:
        command = f": {found.command}" if found.command else ""
        raise Refusal(f"'{found.title}' is done by hand{command}")
    try:
        return Job(found.title, action_of(found, place(target), pod or None))
    except RunbookError as error:
        raise Refusal(str(error)) from None


def place(target: Target) -> ServiceKubernetes:
    """The pinned target as the service's place."""
    return ServiceKubernetes(
        cluster=target.cluster,
        namespace=target.namespace,
        selector=target.selector,
        deployment=target.deployment or None,
    )


def log_job(pod: str, target: Target, *, previous: bool) -> Job:
    """The end of a pod's log."""
    title = f"log {short(pod, target)}" + (" before its restart" if previous else "")
    return Job(title, Logs(pod, target.namespace, lines=LOG_LINES, previous=previous, heading=Heading(title)))


def describe_job(pod: str, target: Target) -> Job:
    """A pod described."""
    title = f"describe {short(pod, target)}"
    return Job(title, DescribePod(pod, target.namespace, heading=Heading(title)))


def history_job(target: Target) -> Job:
    """The deployment's revisions; raises Refusal when none is configured."""
    if not target.deployment:
        raise Refusal("no deployment is configured for this service, so there are no revisions to show")
    return Job("what changed", History(target.deployment, target.namespace, heading=Heading("what changed")))


def undo_job(run: Run) -> Job | None:
    """What takes `run` back, if its prior state was captured."""
    title = f"undo {run.intent.title}"
    action = undo_of(run, heading=Heading(title))
    return Job(title, action) if action is not None else None


def short(pod: str, target: Target) -> str:
    """A pod's name without the deployment's, which the service already says."""
    return pod.removeprefix(f"{target.deployment}-") if target.deployment else pod
