"""What the model and the exporters see of the cluster: its pods as a scrape would find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cockpit.simulator.cluster.quantities import quantity
from cockpit.simulator.program import Usage

SERVICE = "payment-service"
NAMESPACE = "production"
SELECTOR = f"app={SERVICE}"
CONTAINER = "payment"
DATABASE_NAMESPACE = "database"
DATABASE_SELECTOR = "app=postgresql"


class ClusterView(Protocol):
    """The part of the simulated cluster that is read here."""

    def list(self, resource: str, namespace: str | None = None, selector: str | None = None) -> list[dict[str, Any]]:
        """The objects of a kind."""

    def usage(self, pod: dict[str, Any]) -> Usage | None:
        """What a pod uses now."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One pod with one container. `run` is the id of the running container, empty while none runs."""

    name: str
    namespace: str
    uid: str
    ip: str
    node: str
    container: str
    image: str
    phase: str
    ready: bool
    run: str
    restarts: int
    waiting: str
    limits: Mapping[str, float]
    created: datetime
    usage: Usage | None

    @property
    def labels(self) -> dict[str, str]:
        """How metrics name it."""
        return {"namespace": self.namespace, "pod": self.name, "container": self.container}


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is seen at one moment: the service's pods, the database's, and the service's deployments."""

    pods: Sequence[Seen]
    database: Sequence[Seen]
    deployments: Sequence[dict[str, Any]]

    @property
    def database_up(self) -> bool:
        """Whether a ready database pod is there to be connected to."""
        return any(pod.ready for pod in self.database)


def look(cluster: ClusterView) -> Scene:
    """The scene as the cluster has it now."""
    return Scene(
        [seen(cluster, pod) for pod in cluster.list("pods", NAMESPACE, SELECTOR)],
        [seen(cluster, pod) for pod in cluster.list("pods", DATABASE_NAMESPACE, DATABASE_SELECTOR)],
        cluster.list("deployments", NAMESPACE, SELECTOR),
    )


def seen(cluster: ClusterView, pod: dict[str, Any]) -> Seen:
    """One pod as the cluster has it now."""
    metadata, spec, status = pod["metadata"], pod["spec"], pod.get("status", {})
    container = spec["containers"][0]
    state: dict[str, Any] = next(iter(status.get("containerStatuses", ())), {})
    running = "running" in state.get("state", {})
    conditions = {condition["type"]: condition["status"] for condition in status.get("conditions", ())}
    return Seen(
        name=metadata["name"],
        namespace=metadata["namespace"],
        uid=metadata["uid"],
        ip=status.get("podIP", ""),
        node=spec.get("nodeName", ""),
        container=container["name"],
        image=container["image"],
        phase=status.get("phase", "Pending"),
        # a pod that is being deleted leaves the endpoints at once, though it still runs
        ready=conditions.get("Ready") == "True" and "deletionTimestamp" not in metadata,
        run=state.get("containerID", "") if running else "",
        restarts=state.get("restartCount", 0),
        waiting=state.get("state", {}).get("waiting", {}).get("reason", ""),
        limits={k: quantity(str(v)) for k, v in container.get("resources", {}).get("limits", {}).items()},
        created=datetime.fromisoformat(metadata["creationTimestamp"]),
        usage=cluster.usage(pod) if running else None,
    )
