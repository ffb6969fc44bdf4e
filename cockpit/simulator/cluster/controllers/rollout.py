"""The arithmetic of a rollout: how many pods more or fewer a replica set may have now."""

from __future__ import annotations

import math
from typing import Any

from cockpit.simulator.cluster.controllers.revisions import DESIRED, MAXIMUM

Obj = dict[str, Any]
Sizes = list[tuple[Obj, int]]


def created(replica_set: Obj) -> tuple[str, str]:
    """The sort key for oldest first."""
    return (replica_set["metadata"]["creationTimestamp"], replica_set["metadata"]["name"])


def limits(deployment: Obj) -> tuple[int, int]:
    """How many pods a rolling update may have too many (surge) and too few (unavailable)."""
    spec = deployment["spec"]
    if spec["strategy"]["type"] != "RollingUpdate":
        return 0, 0
    rolling = spec["strategy"]["rollingUpdate"]
    surge = _share(rolling["maxSurge"], spec["replicas"], up=True)
    unavailable = _share(rolling["maxUnavailable"], spec["replicas"], up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1  # neither more nor fewer: nothing could ever move
    return surge, min(unavailable, spec["replicas"])


def _share(value: int | str, total: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    part = float(value.rstrip("%")) * total / 100
    return math.ceil(part) if up else math.floor(part)


def desired_of(replica_set: Obj) -> int | None:
    """The deployment's size when this replica set was last scaled."""
    text = replica_set["metadata"].get("annotations", {}).get(DESIRED, "")
    return int(text) if text.isdecimal() else None


def total_replicas(sets: list[Obj]) -> int:
    """The replicas that all of the sets ask for together."""
    return sum(each["spec"]["replicas"] for each in sets)


def available(sets: list[Obj]) -> int:
    """The replicas of all of the sets together that are available now."""
    return sum(each.get("status", {}).get("availableReplicas", 0) for each in sets)


def new_replicas(deployment: Obj, sets: list[Obj], new: Obj) -> int:
    """How big the newest replica set may be now."""
    wanted = deployment["spec"]["replicas"]
    if deployment["spec"]["strategy"]["type"] != "RollingUpdate":
        return int(wanted)
    present = int(new["spec"]["replicas"])
    if present > wanted:
        return int(wanted)
    room = wanted + limits(deployment)[0] - total_replicas(sets)
    return present + max(0, min(int(room), int(wanted) - present))


def unhealthy_first(deployment: Obj, sets: list[Obj], new: Obj) -> Sizes:
    """What the old replica sets may give up at once because it does not work anyway, oldest first."""
    allowed = removable(deployment, sets, new)
    sizes: Sizes = []
    for old in [each for each in sets if each is not new]:
        broken = old["spec"]["replicas"] - old.get("status", {}).get("availableReplicas", 0)
        count = min(allowed, broken)
        if count > 0:
            sizes.append((old, old["spec"]["replicas"] - count))
            allowed -= count
    return sizes


def down_scaling(deployment: Obj, sets: list[Obj], new: Obj) -> Sizes:
    """What the old replica sets may give up of their working pods, oldest first."""
    uid = new["metadata"]["uid"]
    surplus = available(sets) - (deployment["spec"]["replicas"] - limits(deployment)[1])
    sizes: Sizes = []
    for old in [each for each in sets if each["metadata"]["uid"] != uid]:
        count = min(surplus, old["spec"]["replicas"])
        if count > 0:
            sizes.append((old, old["spec"]["replicas"] - count))
            surplus -= count
    return sizes


def removable(deployment: Obj, sets: list[Obj], new: Obj) -> int:
    """How many old pods may go while new ones that are not yet available count as missing."""
    minimum = deployment["spec"]["replicas"] - limits(deployment)[1]
    not_yet = new["spec"]["replicas"] - new.get("status", {}).get("availableReplicas", 0)
    return int(total_replicas(sets) - minimum - not_yet)


def is_saturated(deployment: Obj, new: Obj) -> bool:
    """Whether the newest replica set has and runs all that the deployment wants."""
    wanted = deployment["spec"]["replicas"]
    running = new.get("status", {}).get("availableReplicas", 0)
    return bool(desired_of(new) == new["spec"]["replicas"] == running == wanted)


def proportional(deployment: Obj, active: list[Obj]) -> Sizes:
    """New sizes for all active replica sets when the deployment is resized in the middle of a rollout."""
    wanted = deployment["spec"]["replicas"]
    allowed = wanted + limits(deployment)[0] if wanted > 0 else 0
    add = allowed - total_replicas(active)
    newest_first = sorted(active, key=created, reverse=add > 0)
    order = sorted(newest_first, key=lambda each: each["spec"]["replicas"], reverse=True)
    sizes, added = [], 0
    for each in order:
        part = _proportion(each, deployment, add, added) if add else 0
        sizes.append(each["spec"]["replicas"] + part)
        added += part
    if add and sizes:
        sizes[0] = max(0, sizes[0] + add - added)  # what rounding left over goes to the biggest
    return list(zip(order, sizes, strict=True))


def _proportion(replica_set: Obj, deployment: Obj, add: int, added: int) -> int:
    present: int = replica_set["spec"]["replicas"]
    if present == 0 or add == added:
        return 0
    if deployment["spec"]["replicas"] == 0:
        return -present
    text = replica_set["metadata"].get("annotations", {}).get(MAXIMUM, "")
    before = int(text) if text.isdecimal() and int(text) > 0 else deployment["spec"]["replicas"]
    size: float = present * (deployment["spec"]["replicas"] + limits(deployment)[0]) / before
    part = math.floor(size + 0.5) - present
    return min(part, add - added) if add > 0 else max(part, add - added)
