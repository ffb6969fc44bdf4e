"""Why a pod does not stay up, or cannot be started at all: the reason, and the kubelet's or the program's words."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import msgspec

from cockpit.kube.managers import utc
from cockpit.kube.pods.status import ended
from cockpit.kube.shapes import NO_STATE, Container, ContainerStatus, Pod, Terminated, Waiting
from cockpit.text import safe

CANNOT_START = {
    "ImagePullBackOff": "ImagePullBackOff",
    "ErrImagePull": "ImagePullBackOff",
    "ErrImageNeverPull": "ErrImageNeverPull",
    "InvalidImageName": "InvalidImageName",
    "ImageInspectError": "ImageInspectError",
    "RegistryUnavailable": "RegistryUnavailable",
    "SignatureValidationFailed": "SignatureValidationFailed",
    "CreateContainerConfigError": "CreateContainerConfigError",
    "PreCreateHookError": "PreCreateHookError",
    "CreateContainerError": "CreateContainerError",
    "PreStartHookError": "PreStartHookError",
    "RunContainerError": "RunContainerError",
}
"""Waiting reasons of a container that never ran (kubernetes/pkg/kubelet/images/types.go and
pkg/kubelet/kuberuntime/kuberuntime_container.go). The pull errors alternate, so they count as one."""
HOOK = "PostStartHookError"
"""The waiting reason of a container that was killed because its postStart hook failed."""
_SETTLED = timedelta(minutes=10)
"""After so long a life the kubelet counts a container's end as the first one again
(kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle, "Container restart policy")."""
_BACK_OFF = re.compile(r"back-off [0-9a-z.]+")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([hms])")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_FIRST_PAUSE, _LONGEST_PAUSE = 10.0, 300.0
"""Seconds of the kubelet's first and longest pause between two lives in a loop."""
_LONGEST = 300


class Crash(msgspec.Struct, frozen=True, gc=False):
    """Why a pod does not stay up: a reason in Kubernetes' words, the exit code where one is known, and a sentence."""

    reason: str
    exit_code: int | None
    why: str = ""
    cannot_start: bool = False
    since: datetime | None = None
    """When it had begun at the latest (aware UTC), where the kubelet's words tell."""


def crash(pod: Pod) -> Crash | None:
    """Why `pod` does not stay up, or None.

    A container crashes when it waits in CrashLoopBackOff, was OOM-killed, cannot be started at all, its hook fails, or
    it has failed before (or ended well after a short life, though it is to run for ever) and is not ready now. The
    reason is the same through the whole loop (waiting, running for a moment, terminated), so that a change of it means
    something. A pod that is being deleted does not count, and one that has failed is not started again.
    """
    if pod.metadata.deletion_timestamp is not None or pod.status.phase in ("Succeeded", "Failed"):
        return None
    found = [crashed for each in _lives(pod) if (crashed := _crash(each))]
    return min(found, key=lambda crashed: crashed.reason != "OOMKilled", default=None)


class _Life(NamedTuple):
    """A container as it is.

    Attributes:
        name: what it is called in a sentence.
        always: whether it is started again however it ended.
    """

    status: ContainerStatus
    spec: Container | None
    name: str
    always: bool


def _lives(pod: Pod) -> Iterator[_Life]:
    specs = {each.name: each for each in (*(pod.spec.init_containers or ()), *(pod.spec.containers or ()))}
    for kind, statuses in (
        ("init container", pod.status.init_container_statuses), ("container", pod.status.container_statuses),
    ):  # fmt: skip
        for status in statuses or ():
            spec = specs.get(status.name)
            own = spec.restart_policy if spec else None
            always = (own or pod.spec.restart_policy) == "Always" and (own is not None or kind == "container")
            yield _Life(status, spec, f"{kind} {status.name}", always)


def started_again(pod: Pod) -> tuple[datetime, str, str] | None:
    """The youngest of the containers that run after a life that failed: when it was started, what it is called, and in
    a sentence what that life ended with. None where there is none, or nobody says when."""
    statuses = (*(pod.status.container_statuses or ()), *(pod.status.init_container_statuses or ()))
    if not any(each.restart_count for each in statuses):  # most pods; all of them are read at once
        return None
    found = []
    for status, _, name, always in _lives(pod):
        running, end = (status.state or NO_STATE).running, (status.last_state or NO_STATE).terminated
        at = utc(running.started_at) if running else None
        if at and end and status.restart_count > 0 and _failed(end, always):
            found.append((at, name, ended_with("it", end)))
    return max(found, default=None)


def _crash(life: _Life) -> Crash | None:
    """Why one container does not stay up, or None."""
    status, spec, name, always = life
    state, last = status.state or NO_STATE, status.last_state or NO_STATE
    waiting = state.waiting or Waiting()
    if waiting.reason in CANNOT_START:
        return Crash(CANNOT_START[waiting.reason], None, words(f"{name}: {waiting.message}"), cannot_start=True)
    end = state.terminated or last.terminated
    if waiting.reason == HOOK:
        return Crash(HOOK, end.exit_code if end else None, words(f"{name}: {waiting.message}"))
    if end and end.exit_code != 0 and end.reason == "OOMKilled" and not status.ready:
        return Crash("OOMKilled", end.exit_code, too_large(name, spec), since=_begun_by(status))
    counts = end is not None and _failed(end, always)
    if waiting.reason == "CrashLoopBackOff" or (counts and status.restart_count > 0 and not status.ready):
        code, said = end.exit_code if end else None, _looping(name, end, waiting)
        return Crash("CrashLoopBackOff", code, said, since=_begun_by(status))
    return None


def _begun_by(status: ContainerStatus) -> datetime | None:
    """When a loop had begun at the latest: at the last end, and, since the kubelet doubles its pause after each from at
    most `_FIRST_PAUSE` on, all pauses before this one earlier. None while the container runs: that end may be of an
    earlier loop."""
    state, last = status.state or NO_STATE, status.last_state or NO_STATE
    end = state.terminated or (last.terminated if state.waiting else None)
    at = utc(end.finished_at) if end else None
    held = _BACK_OFF.search(state.waiting.message) if state.waiting else None
    pause = sum((float(number) * _UNITS[unit] for number, unit in _DURATION.findall(held[0])), 0.0) if held else 0.0
    return at - timedelta(seconds=max(0.0, min(pause, _LONGEST_PAUSE) - _FIRST_PAUSE)) if at else None


def _failed(end: Terminated, always: bool) -> bool:
    """Whether a life ended as it should not: by an error, or soon, where it is `always` started again."""
    return end.exit_code != 0 or (always and _was_short(end))


def _was_short(life: Terminated) -> bool:
    """Whether a life that ended lasted no longer than those of a loop do; what does not say when it began did not."""
    if life.started_at is None or life.finished_at is None:
        return False
    return life.finished_at - life.started_at < _SETTLED


def _looping(name: str, end: Terminated | None, waiting: Waiting) -> str:
    """What a container in a crash loop ended with, and for how long the kubelet waits now."""
    said = ended_with(name, end) if end else f"{name} ends again and again"
    held = _BACK_OFF.search(waiting.message)
    return f"{said}; {held[0]}" if held else said


def ended_with(name: str, end: Terminated) -> str:
    """`container payment ended with exit code 1`, with the signal's name and the program's last words."""
    signalled = end.signal or (end.exit_code - 128 if 128 < end.exit_code < 128 + signal.NSIG else 0)
    try:
        by = f" ({signal.Signals(signalled).name})" if signalled else ""
    except ValueError:
        by = f" (signal {signalled})"
    last = end.message.strip().rpartition("\n")[2]
    return words(f"{name} ended with exit code {end.exit_code}{by}" + (f": {last}" if last else ""))


def too_large(name: str, spec: Container | None) -> str:
    """`container payment used more memory than its limit of 512Mi`."""
    return words(f"{name} used more memory than its limit{_limit(spec)}")


def word_of(end: Terminated) -> str:
    """How a container ended, in one word, cleaned."""
    return safe(ended(end))


def _limit(spec: Container | None) -> str:
    """` of 512Mi`, where one is set."""
    resources = spec.resources if spec else None
    amount = (resources.limits or {}).get("memory", "") if resources else ""
    return f" of {amount}" if amount else ""


def words(text: str) -> str:
    """What somebody else wrote, safe to show, in one line of bounded length."""
    return _words(text[: 4 * _LONGEST])


@lru_cache(maxsize=2048)
def _words(text: str) -> str:
    """The same; the pods of a release say the same."""
    return re.sub(r"\s+", " ", safe(text)).strip()[:_LONGEST]
