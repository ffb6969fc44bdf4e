"""Worker nodes, as the API shows them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

Obj = dict[str, Any]

PODS_PER_NODE = 110
"""A kubelet's default limit."""


def node(number: int, now: str) -> Obj:
    """The ready worker node of this number, since `now`."""
    size = {"cpu": "8", "ephemeral-storage": "100Gi", "memory": "32Gi", "pods": str(PODS_PER_NODE)}
    name = f"node-{number}"
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": f"10.0.{number // 250}.{number % 250 + 2}"},
                {"type": "Hostname", "address": name},
            ],
            "capacity": size,
            "allocatable": dict(size),
            "conditions": _conditions(now),
            "nodeInfo": _info(number),
        },
    }


def _conditions(now: str) -> list[Obj]:
    """No pressure, and ready."""
    said = [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ]
    times = {"lastHeartbeatTime": now, "lastTransitionTime": now}
    return [
        {"type": kind, "status": status, **times, "reason": reason, "message": message}
        for kind, status, reason, message in said
    ]


def _info(number: int) -> Obj:
    return {
        "architecture": "amd64",
        "bootID": str(UUID(int=number)),
        "containerRuntimeVersion": "containerd://2.1.4",
        "kernelVersion": "6.12.0",
        "kubeProxyVersion": "",
        "kubeletVersion": "v1.36.0",
        "machineID": f"{number:032x}",
        "operatingSystem": "linux",
        "osImage": "Debian GNU/Linux 13 (trixie)",
        "systemUUID": str(UUID(int=number)),
    }
