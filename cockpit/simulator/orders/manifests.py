"""The namespace of the order service, as it stood before anything went wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cockpit.simulator.payments.manifests import stamp

Obj = dict[str, Any]

SERVICE, NAMESPACE, SELECTOR, CONTAINER = "order-service", "production", "app=order-service", "orders"
IMAGE = "registry.example/order-service"
OTHERS = "registry.example/tickettoken"
EARLIER, GOOD, LEAKING = "2.3.0", "2.3.1", "2.4.0"
VERSIONS = (EARLIER, GOOD, LEAKING)
REPLICAS = 3
AGE = timedelta(hours=9)

DEPENDENCIES = {"tickettoken-postgres": 5432, "tickettoken-redis": 6379, "tickettoken-rabbitmq": 5672}
"""What the playbook checks with nc, with its port (order-service-playbook.md:36-42)."""


PAYMENTS, PAYMENTS_PORT = "payment-service", 3006
PAYMENTS_IMAGE = "registry.example/payment-service:1.4.1"
"""The service next door, whose health the playbook asks for (order-service-playbook.md:93)."""


def container(version: str) -> Obj:
    """The container of a release."""
    return {
        "name": CONTAINER,
        "image": f"{IMAGE}:{version}",
        "ports": [{"name": "http", "containerPort": 3000}],
        "env": [{"name": "ORDERS_PAUSED", "value": "false"}],
        "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"cpu": "500m", "memory": "512Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 3000}, "periodSeconds": 2},
    }


def deployment(now: datetime, version: str = GOOD) -> Obj:
    """The order service at a release."""
    metadata = _meta(SERVICE, {"app": SERVICE}, now - AGE)
    metadata["annotations"] = {"kubernetes.io/change-cause": f"release {version}"}
    return {
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "replicas": REPLICAS,
            "selector": {"matchLabels": {"app": SERVICE}},
            "template": {"metadata": {"labels": {"app": SERVICE}}, "spec": {"containers": [container(version)]}},
        },
    }


def surroundings(now: datetime) -> list[Obj]:
    """The namespace, the service's own Service, and what it depends on."""
    old = now - timedelta(days=211)
    pods = [_pod(f"{name}-0", name.removeprefix("tickettoken-"), port, now) for name, port in DEPENDENCIES.items()]
    services = [_service(SERVICE, 80, 3000, old), _service(PAYMENTS, PAYMENTS_PORT, PAYMENTS_PORT, old)]
    services += [_service(name, port, port, old) for name, port in DEPENDENCIES.items()]
    namespace = {"kind": "Namespace", "metadata": {"name": NAMESPACE, "creationTimestamp": stamp(old)}}
    return [namespace, *services, _payments(old), *pods]


def _service(name: str, port: int, target: int, created: datetime) -> Obj:
    ports = [{"name": "main", "port": port, "targetPort": target}]
    spec = {"selector": {"app": name}, "ports": ports}
    return {"kind": "Service", "metadata": _meta(name, {}, created), "spec": spec}


def _payments(created: datetime) -> Obj:
    """The payment service next door."""
    container = {"name": "payment", "image": PAYMENTS_IMAGE, "ports": [{"containerPort": PAYMENTS_PORT}]}
    template = {"metadata": {"labels": {"app": PAYMENTS}}, "spec": {"containers": [container]}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": PAYMENTS}}, "template": template}
    return {"kind": "Deployment", "metadata": _meta(PAYMENTS, {"app": PAYMENTS}, created), "spec": spec}


def _pod(name: str, kind: str, port: int, now: datetime) -> Obj:
    resources = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}}
    image = {"name": kind, "image": f"{OTHERS}-{kind}:stable", "ports": [{"containerPort": port}]}
    metadata = _meta(name, {"app": name.removesuffix("-0")}, now - timedelta(days=16))
    return {"kind": "Pod", "metadata": metadata, "spec": {"containers": [{**image, "resources": resources}]}}


def _meta(name: str, labels: Obj, created: datetime) -> Obj:
    return {"name": name, "namespace": NAMESPACE, "labels": labels, "creationTimestamp": stamp(created)}
