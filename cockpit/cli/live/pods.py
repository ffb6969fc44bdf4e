"""The pods as `cockpit signals` prints them: the gravest first, with what is wrong, and all of it for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cockpit.room.views.signals import PodRow, PodsView, Usage


def pod_lines(pods: PodsView) -> Iterator[str]:
    """A line for each pod, the gravest first."""
    for row in sorted(pods.rows, key=lambda row: (-row.gravity, row.name)):
        line = f"pod     {row.name:<44} {row.ready:<6} {row.status:<20} {_restarts(row):<20} {row.image}"
        reason = "" if row.reason in ("", row.status) else f"{row.reason}: "
        yield f"{line}  {reason}{row.why}".rstrip()


def _restarts(row: PodRow) -> str:
    """`7 restarts, 5 lately`: of the last ten minutes; `≥` where nobody watched all of them."""
    lately = f"{'≥' if row.lately_at_least else ''}{row.restarts_lately}"
    return f"{row.restarts:>3} restarts" + (f", {lately} lately" if row.restarts_lately else "")


def pod_data(pods: PodsView) -> list[dict[str, Any]]:
    """The pods for programs: amounts of CPU in cores, of memory in bytes; null is unknown or unlimited."""
    numbers = pods.numbers
    return [
        {"name": row.name, "ready": row.ready, "status": row.status, "reason": row.reason, "why": row.why,
         "restarts": row.restarts, "restarts_lately": row.restarts_lately, "lately_at_least": row.lately_at_least,
         "node": row.node, "release": row.image, "revision": numbers.get(row.revision_hash) or None,
         "crashing": row.crashing, "created": row.created, "labels": dict(row.labels),
         **_amounts(row, pods.usage.get(row.name))}
        for row in pods.rows
    ]  # fmt: skip


def _amounts(row: PodRow, usage: Usage | None) -> dict[str, Any]:
    """What it uses of what it may."""
    return {
        "cpu": usage.cpu_cores if usage else None, "cpu_request": row.cpu_request, "cpu_limit": row.cpu_limit,
        "memory": usage.memory_bytes if usage else None, "memory_request": row.memory_request,
        "memory_limit": row.memory_limit, "measured": usage.at if usage else None,
    }  # fmt: skip
