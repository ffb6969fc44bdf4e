"""Watches a deployment after a change until its rollout is over, and says of one that stalls what hinders its pods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from cockpit.action.kubernetes.deployments.found import Found, read_found
from cockpit.action.kubernetes.deployments.rollout_status import LOOK_EVERY
from cockpit.action.kubernetes.pods.podlist import as_selector, pods_of
from cockpit.action.live import Live
from cockpit.action.model import Verdict
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.pods.row import PodRow

_MOST_REASONS = 4

Judge = Callable[[Found], Verdict | None]
"""The verdict on a deployment as it was found; None while it is open."""


async def watch(access: Access, namespace: str, name: str, judge: Judge, live: Live, timeout: float) -> Verdict:
    """Look at a deployment every second until `judge` has a verdict, for `timeout` seconds at most.

    A verdict of failure tells what the pods that are not ready wait for. A cluster that cannot be read until the end
    leaves the verdict unknown.
    """
    deadline = live.clock.monotonic() + timeout
    said = lost = ""
    while True:
        try:
            found = await read_found(access, namespace, name)
            said, lost = found.progress, ""
            if verdict := judge(found):
                if verdict.verdict != "failed":
                    return verdict
                return Verdict("failed", (*verdict.checks, *await hindered(access, namespace, found)))
        except KubeError as error:
            lost, found = str(error), None
        if live.clock.monotonic() >= deadline:
            why = await hindered(access, namespace, found) if found else ()
            return _too_late(live.elapsed, said, lost, why)
        live.say(lost or said)
        await live.clock.sleep(LOOK_EVERY)


def rolled_out(template: object) -> Judge:
    """The judge of a change that must make a deployment run pods of `template`."""

    def judge(found: Found) -> Verdict | None:
        if found.template != template:
            return Verdict("failed", (f"the deployment was changed meanwhile, to {found.release}",))
        if found.status.state in ("stalled", "paused"):
            return Verdict("failed", (f"rollout {found.status.state}: {found.progress}",))
        complete = found.status.state == "complete"
        return Verdict("verified", (f"rollout {found.status.message}",)) if complete else None

    return judge


async def hindered(access: Access, namespace: str, found: Found) -> tuple[str, ...]:
    """What the deployment's pods that are not ready wait for, as one finding; none when all are, or nobody may look."""
    selector = as_selector(found.raw["spec"].get("selector") or {})
    try:
        rows = [pod.row for pod in await pods_of(access, namespace, selector)]
    except KubeError:
        return ()  # the verdict stands without the reason
    return waiting(rows)


def waiting(rows: Iterable[PodRow]) -> tuple[str, ...]:
    """What the pods that are not ready wait for, as one finding; none when all are."""
    counted = Counter(_hindrance(row) for row in rows if not row.ready_bool and not row.deleting)
    reasons = [f"{count} × {why}" for why, count in counted.most_common(_MOST_REASONS)]
    return ("pods that are not ready: " + ", ".join(reasons),) if reasons else ()


def _hindrance(row: PodRow) -> str:
    code = "" if row.exit_code is None else f" (exit code {row.exit_code})"
    return f"{row.crash_reason or row.status}{code}"


def _too_late(elapsed: float, said: str, lost: str, why: tuple[str, ...]) -> Verdict:
    if lost:
        return Verdict("unknown", (f"rollout unknown after {elapsed:.0f} s: {lost}",))
    return Verdict("failed", (f"rollout not complete after {elapsed:.0f} s: {said}", *why))
