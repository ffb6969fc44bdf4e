"""Comparing our answers with recorded ones: everything but the values that differ from cluster to cluster."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

_VARYING = {
    "uid": "<uid>",
    "resourceVersion": "<version>",
    "continue": "<token>",
    "storageVersionHash": "<hash>",
    "containerID": "<container>",
    "nodeName": "<node>",
}
_PATTERNS = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
    (re.compile(r"\.[0-9a-f]{16}$"), ".<nanoseconds>"),
    (re.compile(r"payment-service-[0-9a-z]{8,10}-[0-9a-z]{5}(\.[0-9a-z]{5,16})?(?![0-9a-z])"), "<pod>"),
    (re.compile(r"payment-service-[0-9a-z]{8,10}"), "<set>"),
    (re.compile(r"\b[456789bcdf]{8,10}\b"), "<hash>"),
    (re.compile(r"\b\d+\.\d+\.\d+\.\d+\b"), "<address>"),
    (re.compile(r"node-\d+"), "<node>"),
    (re.compile(r"\(?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\)?"), "<uid>"),
)


def recorded(shared: Path, number: int) -> dict[str, Any]:
    """The recording of this number: its request and response."""
    found = next((shared / "kubernetes-recordings").glob(f"{number:02}-*.json"))
    content: dict[str, Any] = json.loads(found.read_text())
    return content


def plain(value: Any, key: str = "") -> Any:
    """A body with what varies replaced, and without what only a real kubelet or a field manager adds."""
    if isinstance(value, dict):
        value = _without_kubelet(value)
        return {name: plain(each, name) for name, each in value.items() if name != "managedFields"}
    if isinstance(value, list):
        found = [plain(each) for each in value]  # items come by name, and names vary
        return sorted(found, key=json.dumps) if key == "items" else found
    if key in _VARYING:
        return _VARYING[key]
    if isinstance(value, str):
        for pattern, name in _PATTERNS:
            value = pattern.sub(name, value)
    return value


def _without_kubelet(value: dict[str, Any]) -> dict[str, Any]:
    """The recordings' pods have a hand-written status; what a kubelet says beyond it is not compared."""
    if "podIP" in value or "qosClass" in value:
        value = {name: each for name, each in value.items() if name != "hostIPs"}
        conditions = [each for each in value.get("conditions", ()) if each["type"] != "PodReadyToStartContainers"]
        kept = ("type", "status", "lastProbeTime", "lastTransitionTime")
        if conditions:
            value["conditions"] = [{name: each[name] for name in kept} for each in conditions]
    if "restartCount" in value:
        value = {name: each for name, each in value.items() if name != "containerID"}
        value |= {"imageID": "<image>", "restartCount": "<count>"}
    if "columnDefinitions" in value:
        columns = [{**column, "description": "<text>"} for column in value["columnDefinitions"]]
        value = {**value, "columnDefinitions": columns}
    return value


def shape(value: Any) -> Any:
    """The keys and types of a body, without its values."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items() if name != "managedFields"}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__
