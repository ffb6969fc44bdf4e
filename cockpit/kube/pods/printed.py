"""Pods as the API server itself prints them in a table: all at once, long before the pods themselves are read.

The server fills the columns of `kubectl get pods -o wide`
(kubernetes.io/docs/reference/using-api/api-concepts, "Receiving resources as Tables").
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.pods.crash import CANNOT_START, HOOK
from cockpit.kube.pods.fault import CANNOT_START as IS_CANNOT_START
from cockpit.kube.pods.fault import CRASHING, FAULT, PASSING, WELL
from cockpit.kube.pods.row import PodRow
from cockpit.kube.pods.table import PodTable
from cockpit.text import clean

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
"""What is accepted: a server that cannot print answers 406."""

_PATIENCE = 10.0
"""Seconds after which a table is no longer worth waiting for."""
_SLICE = 500

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 31_536_000}
_PART = re.compile(r"(\d{1,6})([smhdy])")
_RESTARTS = re.compile(r"(\d{1,9})(?: \((\S+) ago\))?")
_CRASHES = {**CANNOT_START, HOOK: HOOK, "CrashLoopBackOff": "CrashLoopBackOff", "OOMKilled": "OOMKilled"}
_OVER = ("Completed", "Succeeded", "Failed", "Evicted")
"""What is printed of pods that are never started again; `Error` may be of one that is."""
_ENDED = ("Evicted", "Error", "Failed", "NodeLost", "ContainerStatusUnknown", "Unknown")


class _Column(msgspec.Struct, frozen=True):
    name: str = ""


class _Line(msgspec.Struct, frozen=True):
    cells: list[str | int | float | bool | None] = []


class _Table(msgspec.Struct, frozen=True, rename="camel"):
    column_definitions: list[_Column] = []
    rows: list[_Line] = []


_TABLE = msgspec.json.Decoder(_Table)


async def show_printed(
    access: Access, path: str, query: Mapping[str, str], namespace: str, table: PodTable
) -> None:  # fmt: skip
    """Put into `table` what the server prints of the pods at `path`; without that they come later, one by one."""
    try:
        asked = {**query, "includeObject": "None"}
        answer = await access.call("GET", path, query=asked, accept=TABLE, timeout=_PATIENCE)
        rows = await asyncio.to_thread(printed_pods, answer.body, namespace, access.clock.now())
    except (KubeError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # the pods tell what is wrong
        return
    for start in range(0, len(rows), _SLICE):
        table.show(rows[start : start + _SLICE])
        await asyncio.sleep(0)  # keys come first


def printed_pods(body: bytes, namespace: str, now: datetime) -> list[PodRow]:
    """The partial rows of a table of pods, kept by name, as a table has no uids.

    Raises:
        msgspec.DecodeError: it is no table of pods.
    """
    table = _TABLE.decode(body)
    places = {column.name: place for place, column in enumerate(table.column_definitions)}
    if not {"Name", "Ready", "Status"} <= places.keys():
        raise msgspec.ValidationError("a table without name, readiness and status")
    found = []
    for line in table.rows:

        def cell(column: str, cells: list[str | int | float | bool | None] = line.cells) -> str:
            place = places.get(column, len(cells))
            value = cells[place] if place < len(cells) else None
            return "" if value is None or value == "<none>" else clean(str(value))

        if cell("Name"):
            found.append(_row(cell, namespace, now))
    return found


def _row(cell: Callable[[str], str], namespace: str, now: datetime) -> PodRow:
    name, status = cell("Name"), cell("Status") or "Unknown"
    ready, _, containers = cell("Ready").partition("/")
    up, total = (int(part) if part.isascii() and part.isdigit() else 0 for part in (ready, containers))
    word = status.removeprefix("Init:")
    crash = _CRASHES.get(word, "")
    fault = crash or (word if word in _ENDED else "")
    well = (status == "Running" and up == total) or status in ("Completed", "Succeeded")
    gravity = FAULT if fault else WELL if well else PASSING
    restarts, last = _restarts(cell("Restarts"), now)
    return PodRow(
        uid=name,
        name=name,
        namespace=namespace,
        status=status,
        ready_count=up,
        containers=total,
        restarts=restarts,
        last_restart=last,
        created=_before(cell("Age"), now),
        node=cell("Node"),
        ip=cell("IP"),
        deleting=status == "Terminating",
        ended=status in _OVER,
        crash_reason=crash,
        ready_condition=status == "Running" and up == total > 0,
        reason=fault,
        gravity=(IS_CANNOT_START if word in CANNOT_START else CRASHING) if crash else gravity,
        partial=True,
    )


def _restarts(printed: str, now: datetime) -> tuple[int, datetime | None]:
    """`7 (2m ago)`: how many, and when the last one was."""
    found = _RESTARTS.fullmatch(printed)
    return (int(found[1]), _before(found[2] or "", now)) if found else (0, None)


def _before(printed: str, now: datetime) -> datetime | None:
    """When it was, `5d3h` or `2m30s` before `now`; None for what is no such time."""
    parts = _PART.findall(printed)
    if not parts or "".join("".join(part) for part in parts) != printed:
        return None
    return now - timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))
