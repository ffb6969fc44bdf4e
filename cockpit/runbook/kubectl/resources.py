"""The resources that typed actions are about, by every name that kubectl takes for them."""

from __future__ import annotations

_NAMES = """
pods pod po
services service svc
events event ev
configmaps configmap cm
nodes node no
deployments deployment deploy deployment.apps deployments.apps
"""
_PLURALS = {name: line.split()[0] for line in _NAMES.strip().splitlines() for name in line.split()}


def plural(resource: str) -> str:
    """`deployments` for `deploy`; empty for a resource that is not here."""
    return _PLURALS.get(resource.lower(), "")
