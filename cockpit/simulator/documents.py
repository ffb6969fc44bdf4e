"""The two files that the simulator writes for its users: a kubeconfig and a cockpit configuration."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from cockpit.simulator.payments.bindings import Signal, endpoints, signals
from cockpit.simulator.payments.sight import NAMESPACE, SELECTOR, SERVICE

CONTEXT = "prod-eu"
VIEWER_CONTEXT = f"{CONTEXT}-viewer"


def kubeconfig(server: str, responder: str, viewer: str) -> dict[str, Any]:
    """Two contexts on one cluster, for the bearers of the two tokens; the responder's is the current one."""
    users = {"responder": responder, "viewer": viewer}
    contexts = {CONTEXT: "responder", VIEWER_CONTEXT: "viewer"}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": {"server": server}}],
        "users": [{"name": name, "user": {"token": token}} for name, token in users.items()],
        "contexts": [
            {"name": name, "context": {"cluster": CONTEXT, "user": user, "namespace": NAMESPACE}}
            for name, user in contexts.items()
        ],
        "current-context": CONTEXT,
    }


def service(
    runbook: str,
    policy: str,
    place: Mapping[str, str],
    bound: Iterable[Signal],
    speed: float,
    endpoints: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """A service's part of a cockpit.yaml; durations are the wall time that fits the speed."""
    bound = list(bound)
    asked = {name: {**each, "interval": _every(5 / speed)} for name, each in (endpoints or {}).items()}
    return {
        "runbook": runbook,
        "policy": policy,
        "kubernetes": {"cluster": "demo", **place},
        "prometheus": "main",
        "signals": {signal.id: {"unit": signal.unit, "query": signal.query} for signal in bound},
        "thresholds": {signal.id: {**signal.bounds, **_lasting(signal.lasts, speed)} for signal in bound},
        **({"endpoints": asked} if asked else {}),
    }


def configuration_of(
    directory: Path, prometheus: str, name: str, service: Mapping[str, Any], interval: float = 1.0
) -> dict[str, Any]:
    """A cockpit.yaml for one simulated service, without its channels."""
    return {
        "version": 1,
        "kubernetes": {"demo": {"kubeconfig": str(directory / "kubeconfig"), "context": CONTEXT, "production": True}},
        "prometheus": {"main": {"url": prometheus, "interval": _every(interval)}},
        "services": {name: dict(service)},
    }


def configuration(directory: Path, prometheus: str, speed: float) -> dict[str, Any]:
    """A cockpit.yaml for the simulated payment service; windows are the wall time that fits the speed."""
    place = {"namespace": NAMESPACE, "selector": SELECTOR, "deployment": SERVICE}
    payments = service(SERVICE, SERVICE, place, signals(speed), speed, endpoints())
    return configuration_of(directory, prometheus, SERVICE, payments, 5 / speed)


def with_gateway(made: dict[str, Any], page: str, interval: float) -> None:
    """Put the gateway's public status page among what its service watches.

    Args:
        interval: seconds between two looks at it.
    """
    for service in made["services"].values():
        service.setdefault("endpoints", {})["gateway"] = {"statuspage": page, "interval": _every(interval)}


def _every(seconds: float) -> str:
    return f"{max(1, round(seconds))}s"


def _lasting(seconds: float, speed: float) -> dict[str, str]:
    return {"for": f"{max(1, round(seconds / speed))}s"} if seconds else {}


def write_secret(path: Path, text: str) -> None:
    """Write a text for its owner's eyes only; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


def write(path: Path, document: dict[str, Any]) -> None:
    """Write a document as YAML for its owner's eyes only, whole or not at all.

    Raises:
        OSError: the directory cannot be written to.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yaml.safe_dump(document, file, sort_keys=False, width=1000, allow_unicode=True)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)  # there only if it was not moved
