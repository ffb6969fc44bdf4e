"""Fills an action's placeholders from the service's configuration and the selection. What stays unfilled cannot run."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.config import ServiceKubernetes
from cockpit.runbook.actions import (
    SELECTED_POD,
    SERVICE_DEPLOYMENT,
    SERVICE_NAMESPACE,
    SERVICE_SELECTOR,
    Action,
)
from cockpit.runbook.errors import RunbookError

_MENDS = {
    SELECTED_POD: "select a pod first",
    SERVICE_DEPLOYMENT: "name the deployment in the service's configuration",
}


def values(service: ServiceKubernetes, pod: str | None = None) -> dict[str, str]:
    """What each placeholder stands for; those that nothing is known for are absent."""
    known = {
        SERVICE_NAMESPACE: service.namespace,
        SERVICE_SELECTOR: service.selector,
        SERVICE_DEPLOYMENT: service.deployment,
        SELECTED_POD: pod,
    }
    return {placeholder: value for placeholder, value in known.items() if value}


def fill(action: Action, known: Mapping[str, str]) -> Action:
    """The action with its placeholders filled from `known`, each field as a whole: nothing is spliced.

    Raises:
        RunbookError: a placeholder has no value; the message names it and says how to give it one.
    """
    filled = {}
    for name in type(action).model_fields:
        value = getattr(action, name)
        if not isinstance(value, str) or not value.startswith("$"):
            continue
        if value not in known:
            mend = _MENDS.get(value, "it is not one that the cockpit knows; correct the runbook")
            raise RunbookError(f"`{value}` has no value, so this step cannot run; {mend}")
        filled[name] = known[value]
    return action.model_copy(update=filled)
