"""The resources that the cockpit lists and describes itself, by every name that kubectl takes for them."""

from __future__ import annotations

_NAMES = """
pods pod po
services service svc
endpoints ep
events event ev
configmaps configmap cm
namespaces namespace ns
nodes node no
persistentvolumeclaims persistentvolumeclaim pvc
deployments deployment deploy deployment.apps deployments.apps
replicasets replicaset rs
statefulsets statefulset sts
daemonsets daemonset ds
jobs job
cronjobs cronjob cj
ingresses ingress ing
networkpolicies networkpolicy netpol
horizontalpodautoscalers horizontalpodautoscaler hpa
"""
_PLURALS = {name: line.split()[0] for line in _NAMES.strip().splitlines() for name in line.split()}


def plural(resource: str) -> str:
    """`deployments` for `deploy`; empty for a resource that is not here."""
    return _PLURALS.get(resource.lower(), "")
