"""What a pod asks for and may use: CPU in cores and memory in bytes, summed over its containers as Kubernetes does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from cockpit.kube.quantity import quantity
from cockpit.kube.shapes import Pod, PodSpec, Resources

Kind = Literal["requests", "limits"]
_Pair = tuple[float | None, float | None]
_NOTHING: _Pair = (None, None)


class Amounts(NamedTuple):
    """CPU in cores, memory in bytes; None where there is none."""

    cpu: float | None
    memory: int | None


def requested(pod: Pod) -> Amounts:
    """What the scheduler sets aside for the pod.

    The larger of the sum of all that run together and of what one init container needs beside the sidecars that
    started before it, and the overhead of its runtime class; what is set for the pod as a whole goes before
    (kubernetes.io/docs/concepts/workloads/pods/init-containers, "Resource sharing within containers").
    """
    return _amounts(pod, "requests")


def limited(pod: Pod) -> Amounts:
    """What the pod may use; None where one of its containers has no limit, as then the pod as a whole has none."""
    return _amounts(pod, "limits")


def _amounts(pod: Pod, kind: Kind) -> Amounts:
    spec = pod.spec
    cpu, memory = _of(spec.resources, kind)
    if cpu is None or memory is None:
        summed = _summed(spec, kind)
        cpu, memory = summed[0] if cpu is None else cpu, summed[1] if memory is None else memory
    if spec.overhead:
        more_cpu, more_memory = parsed(spec.overhead.get("cpu", "")), parsed(spec.overhead.get("memory", ""))
        cpu = cpu + more_cpu if cpu is not None and more_cpu else cpu
        memory = memory + more_memory if memory is not None and more_memory else memory
    return Amounts(cpu, None if memory is None else int(memory))


def _summed(spec: PodSpec, kind: Kind) -> _Pair:
    """The containers' amounts together; a limit counts only where every container has one."""
    running = [_of(each.resources, kind) for each in spec.containers or ()]
    if len(running) == 1 and not spec.init_containers:
        return running[0]
    highest: list[_Pair] = []
    sidecars: list[_Pair] = []
    for container in spec.init_containers or ():
        amounts = _of(container.resources, kind)
        if container.restart_policy == "Always":
            sidecars.append(amounts)
        else:
            highest.append((_total(sidecars, 0, amounts[0]), _total(sidecars, 1, amounts[1])))
    together = [*running, *sidecars]
    return _most(together, highest, 0, kind), _most(together, highest, 1, kind)


def _total(amounts: Sequence[_Pair], which: int, more: float | None = None) -> float:
    """The sum of CPU (0) or memory (1); nothing counts as none."""
    return sum(pair[which] or 0.0 for pair in amounts) + (more or 0.0)


def _most(together: Sequence[_Pair], highest: Sequence[_Pair], which: int, kind: Kind) -> float | None:
    """The larger of what all need together and of what the neediest init container needs."""
    known = [pair for pair in together if pair[which] is not None]
    if not known or (kind == "limits" and len(known) < len(together)):
        return None
    return max(_total(known, which), *(pair[which] or 0.0 for pair in highest), 0.0)


def _of(resources: Resources | None, kind: Kind) -> _Pair:
    """What is set for one container, or for the pod as a whole: CPU and memory."""
    amounts = None if resources is None else resources.requests if kind == "requests" else resources.limits
    if not amounts:
        return _NOTHING
    return parsed(amounts.get("cpu", "")), parsed(amounts.get("memory", ""))


@lru_cache(maxsize=4096)
def parsed(text: str) -> float | None:
    """A quantity as a number; None for an empty one and for what is none."""
    try:
        found = float(quantity(text)) if text else None
    except ValueError:
        return None
    return found if found is None or math.isfinite(found) else None
