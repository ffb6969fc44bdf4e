"""The production namespace around the payment service, as it stood before anything went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cockpit.simulator.cluster.controllers.revisions import template_hash
from cockpit.simulator.payments.program import IMAGE
from cockpit.simulator.payments.sight import CONTAINER, DATABASE_NAMESPACE, NAMESPACE, SERVICE

Obj = dict[str, Any]

REPLICAS = 5
AGE = timedelta(minutes=41)
"""How long the good release has been running."""

HISTORY: Sequence[tuple[int, str, timedelta]] = (
    (36, "1.3.5", timedelta(days=44)),
    (37, "1.3.6", timedelta(days=37)),
    (38, "1.3.7", timedelta(days=30)),
    (39, "1.3.8", timedelta(days=21)),
    (40, "1.4.0-rc.2", timedelta(days=9)),
    (41, "1.4.0", timedelta(days=6)),
)
"""Earlier releases with their revision and how long ago they came."""

GOOD = "1.4.1"
VERSIONS = [*(version for _, version, _ in HISTORY), GOOD]
DATABASE_IMAGE = "registry.example/postgresql"
OTHER_IMAGES = ("registry.example/redis", "registry.example/rabbitmq")
DEPENDENCIES = {
    "postgresql": (f"{DATABASE_IMAGE}:16.4", 5432),
    "redis": (f"{OTHER_IMAGES[0]}:7.4", 6379),
    "rabbitmq": (f"{OTHER_IMAGES[1]}:4.0", 5672),
}
"""What the service depends on, by its name: the image and the port."""

_SETTINGS = {
    "DB_HOST": "postgresql.database.svc.cluster.local",
    "DB_NAME": "payments",
    "DB_POOL_SIZE": "20",
    "GATEWAY_PRIMARY": "stripe",
    "GATEWAY_FALLBACK": "paypal",
    "GATEWAY_TIMEOUT_MS": "4000",
    "LOG_LEVEL": "info",
}


def stamp(moment: datetime) -> str:
    """A moment as Kubernetes writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def surroundings(now: datetime) -> list[Obj]:
    """Namespaces, configuration, services, policies and the database, older than the release."""
    old = {"creationTimestamp": stamp(now - timedelta(days=211))}
    return [
        {"kind": "Namespace", "metadata": {"name": NAMESPACE, **old}},
        {"kind": "Namespace", "metadata": {"name": DATABASE_NAMESPACE, **old}},
        {"kind": "ConfigMap", "metadata": _meta(f"{SERVICE}-config", old), "data": dict(_SETTINGS)},
        _service(SERVICE, {"http": 80, "api": 3006}, old),
        _service(f"{SERVICE}-metrics", {"metrics": 8080}, old),
        *_policies(old),
        *_dependencies(stamp(now - timedelta(days=16)), old),
    ]


def deployment(now: datetime) -> Obj:
    """The payment service at its good release."""
    metadata = _meta(SERVICE, {"creationTimestamp": stamp(now - AGE)})
    metadata["annotations"] = {"kubernetes.io/change-cause": f"release {GOOD}"}
    return {
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": REPLICAS,
            "minReadySeconds": 15,
            "selector": {"matchLabels": {"app": SERVICE}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": "60%"}},
            "template": template(GOOD),
        },
    }


def template(version: str) -> Obj:
    """The pod template of a release."""
    return {"metadata": {"labels": {"app": SERVICE}}, "spec": {"containers": [container(version)]}}


def container(version: str) -> Obj:
    """The payment container of a release."""
    probe = {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 2, "failureThreshold": 1}
    return {
        "name": CONTAINER,
        "image": f"{IMAGE}:{version}",
        "ports": [{"name": "http", "containerPort": 8080}],
        "envFrom": [{"configMapRef": {"name": f"{SERVICE}-config"}}],
        "env": [{"name": "USE_FALLBACK_PROCESSOR", "value": "false"}],
        "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"cpu": "500m", "memory": "512Mi"}},
        "readinessProbe": probe,
    }


def earlier_replica_sets(owner: Mapping[str, Any], now: datetime) -> list[Obj]:
    """The empty replica sets of earlier releases, which `kubectl rollout history` lists."""
    return [_replica_set(owner, revision, version, now - ago) for revision, version, ago in HISTORY]


def _replica_set(owner: Mapping[str, Any], revision: int, version: str, created: datetime) -> Obj:
    body = template(version)
    digest = template_hash(body, 0)
    labels = {"app": SERVICE, "pod-template-hash": digest}
    body["metadata"]["labels"] = labels
    metadata = _meta(f"{SERVICE}-{digest}", {"creationTimestamp": stamp(created)})
    metadata |= {
        "labels": labels,
        "annotations": {
            "deployment.kubernetes.io/desired-replicas": str(REPLICAS),
            "deployment.kubernetes.io/max-replicas": str(REPLICAS),
            "deployment.kubernetes.io/revision": str(revision),
            "kubernetes.io/change-cause": f"release {version}",
        },
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": owner["metadata"]["name"],
                "uid": owner["metadata"]["uid"],
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }
    selector = {"matchLabels": labels}
    spec = {"replicas": 0, "minReadySeconds": 15, "selector": selector, "template": body}
    return {"kind": "ReplicaSet", "metadata": metadata, "spec": spec}


def _meta(name: str, more: Obj) -> Obj:
    return {"name": name, "namespace": NAMESPACE, "labels": {"app": SERVICE}, **more}


def _service(name: str, ports: Mapping[str, int], old: Obj) -> Obj:
    offered = [{"name": port_name, "port": port, "targetPort": 8080} for port_name, port in ports.items()]
    return {"kind": "Service", "metadata": _meta(name, old), "spec": {"selector": {"app": SERVICE}, "ports": offered}}


def _policies(old: Obj) -> list[Obj]:
    """What may reach the service, and that the service may reach its database."""
    pods = {"podSelector": {"matchLabels": {"app": SERVICE}}}
    gateway = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}
    database = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": DATABASE_NAMESPACE}}}
    ingress = {"from": [gateway], "ports": [{"protocol": "TCP", "port": 8080}]}
    egress = {"to": [database], "ports": [{"protocol": "TCP", "port": 5432}]}
    return [
        {
            "kind": "NetworkPolicy",
            "metadata": _meta(f"{SERVICE}-from-gateway", old),
            "spec": {**pods, "policyTypes": ["Ingress"], "ingress": [ingress]},
        },
        {
            "kind": "NetworkPolicy",
            "metadata": _meta(f"{SERVICE}-to-database", old),
            "spec": {**pods, "policyTypes": ["Egress"], "egress": [egress]},
        },
    ]


def _dependencies(created: str, old: Obj) -> list[Obj]:
    """The database, the cache and the queue of the service, each with its name."""
    made: list[Obj] = []
    for name, (image, port) in DEPENDENCIES.items():
        labels = {"app": name}
        resources = {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"cpu": "4", "memory": "8Gi"}}
        server = {"name": name, "image": image, "resources": resources, "ports": [{"containerPort": port}]}
        pod = {"name": f"{name}-0", "namespace": DATABASE_NAMESPACE, "labels": labels, "creationTimestamp": created}
        service = {"name": name, "namespace": DATABASE_NAMESPACE, "labels": labels, **old}
        spec = {"selector": labels, "ports": [{"name": name, "port": port, "targetPort": port}]}
        made += [
            {"kind": "Pod", "metadata": pod, "spec": {"containers": [server]}},
            {"kind": "Service", "metadata": service, "spec": spec},
        ]
    return made
