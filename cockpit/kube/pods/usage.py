"""CPU and memory that pods use now, from the metrics API (metrics.k8s.io/v1beta1, as `kubectl top pods` reads it)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from cockpit.kube.access import Access, Answer
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.listing.paging import PAGE, SMALL
from cockpit.kube.paths import resource_path
from cockpit.kube.pods.resources import parsed
from cockpit.kube.shapes import ListMeta, Meta, Shape
from cockpit.text import clean

METRICS = "metrics.k8s.io/v1beta1"
OLDEST = timedelta(seconds=60)
"""What was measured longer ago says nothing of now; a metrics server measures every 15 seconds."""
_MOST_PAGES = 100


class Used(msgspec.Struct, frozen=True, gc=False):
    """What one container used: cores, and bytes of its working set."""

    cpu_cores: float
    memory_bytes: int


class Usage(msgspec.Struct, frozen=True, gc=False):
    """What a pod used when it was measured: cores, and bytes of its working set, in all and by container."""

    cpu_cores: float
    memory_bytes: int
    at: datetime
    containers: Mapping[str, Used] = {}


class _Container(Shape, frozen=True):
    name: str = ""
    usage: dict[str, str] | None = None


class _Metrics(Shape, frozen=True):
    metadata: Meta = Meta()
    timestamp: datetime | None = None
    containers: list[_Container] | None = None


class _Page(Shape, frozen=True):
    metadata: ListMeta = ListMeta()
    items: list[_Metrics] | None = None


_PAGE = msgspec.json.Decoder(_Page)


async def read_usage(access: Access, namespace: str, selector: str) -> dict[str, Usage]:
    """What each pod uses that was measured within the last minute, by the pod's name.

    A pod that has no measurement of CPU and memory for each of its containers is not in it: unknown is not zero.

    Raises:
        KubeError: "not-found" where the cluster has no metrics API; 503 where what serves it is down.
    """
    path, query = resource_path(METRICS, "pods", namespace), {"limit": str(PAGE)}
    if selector:
        query["labelSelector"] = selector
    found: dict[str, Usage] = {}
    for _ in range(_MOST_PAGES):
        answer = await access.call("GET", path, query=query)
        now = access.clock.now()
        try:
            small = len(answer.body) <= SMALL
            more, usages = _read(answer, now) if small else await asyncio.to_thread(_read, answer, now)
        except UNREADABLE as error:
            raise access.unreadable(error) from error
        found |= usages
        if not more:
            break
        query["continue"] = more
    return found


def _read(answer: Answer, now: datetime) -> tuple[str, dict[str, Usage]]:
    """What continues a page, and the usages in it. Ages go by the server's clock, as both times are its own."""
    page, served = _PAGE.decode(answer.body), _served(answer) or now
    found: dict[str, Usage] = {}
    for item in page.items or ():
        if item.timestamp is None or served - item.timestamp.astimezone(UTC) > OLDEST:
            continue
        containers = {clean(each.name): used for each in item.containers or () if (used := _used(each))}
        if containers and len(containers) == len(item.containers or ()):
            cores = sum(each.cpu_cores for each in containers.values())
            size = sum(each.memory_bytes for each in containers.values())
            at = now - max(timedelta(0), served - item.timestamp.astimezone(UTC))
            found[clean(item.metadata.name)] = Usage(cores, size, at, containers)
    return page.metadata.continue_, found


def _served(answer: Answer) -> datetime | None:
    """When the server says that it answered."""
    try:
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def _used(container: _Container) -> Used | None:
    usage = container.usage or {}
    cpu, memory = parsed(usage.get("cpu", "")), parsed(usage.get("memory", ""))
    return Used(cpu, int(memory)) if cpu is not None and memory is not None else None
