"""What the steps of a runbook and the service's endpoints ask of a cluster: permissions, in the API's words."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.config import EndpointConfig
from cockpit.kube.needs import Need
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


def needs_of_endpoint(name: str, config: EndpointConfig) -> tuple[Need, ...]:
    """The permissions by which an endpoint is asked; none where it is asked from here."""
    wanted = {"service-proxy": (_PROXIED,), "pod": _IN_POD}.get(config.via, ())
    return tuple(Need(*each, purpose=f"ask the endpoint {name}", extra=True) for each in wanted)


_PROXIED = ("get", "", "services", "proxy")
_IN_POD = (("get", "", "pods", "exec"), ("create", "", "pods", "exec"))
"""A WebSocket is opened by a GET, which is `get` of the subresource; from 1.35 on `create` is asked for too (feature
gate AuthorizePodWebsocketUpgradeCreatePermission)."""
_FORWARDED = (("get", "", "pods", "portforward"), ("create", "", "pods", "portforward"))


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
            yield from _IN_POD
        case of.PortForward():
            yield from _FORWARDED
        case of.Http() as action if action.via == "pod":
            yield from _IN_POD
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
