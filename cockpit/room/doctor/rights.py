"""What the steps of a runbook ask of a cluster: the permission of each, in the API's words."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.kube.doctor import Need
from cockpit.runbook import actions as of
from cockpit.runbook.model import Step

_GROUPS = {
    **dict.fromkeys(("pods", "services", "events", "configmaps", "secrets", "nodes", "endpoints", "namespaces"), ""),
    **dict.fromkeys(("persistentvolumeclaims", "replicationcontrollers", "serviceaccounts"), ""),
    **dict.fromkeys(("deployments", "replicasets", "statefulsets", "daemonsets"), "apps"),
    **dict.fromkeys(("jobs", "cronjobs"), "batch"),
    **dict.fromkeys(("ingresses", "networkpolicies"), "networking.k8s.io"),
    "horizontalpodautoscalers": "autoscaling", "poddisruptionbudgets": "policy", "endpointslices": "discovery.k8s.io",
}  # fmt: skip
"""The group of each resource that runbooks name (Kubernetes' API reference)."""
_SHORT = {
    "po": "pods", "svc": "services", "ev": "events", "cm": "configmaps", "no": "nodes", "ep": "endpoints",
    "ns": "namespaces", "pvc": "persistentvolumeclaims", "rc": "replicationcontrollers", "sa": "serviceaccounts",
    "deploy": "deployments", "rs": "replicasets", "sts": "statefulsets", "ds": "daemonsets", "cj": "cronjobs",
    "ing": "ingresses", "netpol": "networkpolicies", "hpa": "horizontalpodautoscalers", "pdb": "poddisruptionbudgets",
}  # fmt: skip
"""kubectl's short names (`kubectl api-resources`)."""


def needs_of(step: Step) -> tuple[Need, ...]:
    """The permissions that a step needs besides those that every cockpit needs; none where it needs no cluster."""
    return tuple(Need(*wanted, purpose=step.title, changing=step.risk != "read-only") for wanted in _wanted(step))


def _wanted(step: Step) -> Iterator[tuple[str, str, str, str]]:
    """Verb, group, resource and subresource."""
    match step.action:
        case of.Get() | of.Describe() as action:
            if known := resource_of(action.resource):
                yield "get" if action.name else "list", known[1], known[0], ""
        case of.Logs() | of.LogPatterns() | of.LogDurations():
            yield "get", "", "pods", "log"
        case of.Events():
            yield "list", "", "events", ""
        case of.Top() as action:
            yield "list", "metrics.k8s.io", action.resource, ""
        case of.RolloutHistory() | of.RolloutStatus():
            yield "get", "apps", "deployments", ""
        case of.Scale():
            yield "patch", "apps", "deployments", "scale"
        case of.RolloutUndo() | of.RolloutRestart() | of.RolloutPause() | of.RolloutResume():
            yield "patch", "apps", "deployments", ""
        case of.SetEnv() | of.SetImage():
            yield "patch", "apps", "deployments", ""
        case of.DeletePods():
            yield "delete", "", "pods", ""
        case of.EditConfigMap():
            yield "get", "", "configmaps", ""
            yield "patch", "", "configmaps", ""
        case of.Exec():
            yield "create", "", "pods", "exec"
        case of.PortForward():
            yield "create", "", "pods", "portforward"
        case of.Http() as action if action.via == "pod":
            yield "create", "", "pods", "exec"
        case of.Http() as action if action.via == "service-proxy":
            verb = "get" if action.method in ("GET", "HEAD", "OPTIONS") else "create"
            yield verb, "", "services", "proxy"
        case _:
            return


def resource_of(text: str) -> tuple[str, str] | None:
    """The plural and the group of what kubectl calls `text`: `deploy`, `deployment/shop`, `hpa`; None when it is not
    known here, as a custom resource."""
    name = text.partition("/")[0].partition(".")[0].lower()
    plural = _SHORT.get(name, name)
    for candidate in (plural, f"{plural}s", f"{plural}es", f"{plural[:-1]}ies"):
        if candidate in _GROUPS:
            return candidate, _GROUPS[candidate]
    return None
