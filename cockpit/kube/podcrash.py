"""Why a pod does not stay up, or cannot be started at all: the reason, and the kubelet's or the program's words."""

from __future__ import annotations

import re
import signal
from functools import lru_cache

import msgspec

from cockpit.kube.podstatus import ended
from cockpit.kube.shapes import NO_STATE, Container, ContainerStatus, Pod, Terminated, Waiting
from cockpit.text import safe

CANNOT_START = {
    "ImagePullBackOff": "ImagePullBackOff",
    "ErrImagePull": "ImagePullBackOff",
    "ErrImageNeverPull": "ErrImageNeverPull",
    "InvalidImageName": "InvalidImageName",
    "CreateContainerConfigError": "CreateContainerConfigError",
    "CreateContainerError": "CreateContainerError",
    "RunContainerError": "RunContainerError",
}
"""Waiting reasons of a container that never ran. The pull errors alternate, so they count as one."""
_BACK_OFF = re.compile(r"back-off [0-9a-z.]+")
_LONGEST = 300


class Crash(msgspec.Struct, frozen=True, gc=False):
    """Why a pod does not stay up: a reason in Kubernetes' words, the exit code where one is known, and a sentence."""

    reason: str
    exit_code: int | None
    why: str = ""
    cannot_start: bool = False


def crash(pod: Pod) -> Crash | None:
    """Why `pod` does not stay up, or None.

    A container crashes when it waits in CrashLoopBackOff, was OOM-killed, cannot be started at all, or has failed
    before and is not ready now. The reason is the same through the whole loop (waiting, running for a moment,
    terminated), so that a change of it means something. A pod that is being deleted does not count.
    """
    if pod.metadata.deletion_timestamp is not None or pod.status.phase == "Succeeded":
        return None
    specs = {each.name: each for each in (*(pod.spec.init_containers or ()), *(pod.spec.containers or ()))}
    inits = pod.status.init_container_statuses or ()
    found = [crashed for each in inits if (crashed := _crash(each, specs.get(each.name), "init container"))]
    mains = pod.status.container_statuses or ()
    found += [crashed for each in mains if (crashed := _crash(each, specs.get(each.name), "container"))]
    return min(found, key=lambda crashed: crashed.reason != "OOMKilled", default=None)


def _crash(status: ContainerStatus, spec: Container | None, kind: str) -> Crash | None:
    """Why one container does not stay up, or None."""
    state, last = status.state or NO_STATE, status.last_state or NO_STATE
    waiting, name = state.waiting or Waiting(), f"{kind} {status.name}"
    if waiting.reason in CANNOT_START:
        return Crash(CANNOT_START[waiting.reason], None, words(f"{name}: {waiting.message}"), cannot_start=True)
    end = state.terminated or last.terminated
    failed = end is not None and end.exit_code != 0
    if failed and end and end.reason == "OOMKilled" and not status.ready:
        return Crash("OOMKilled", end.exit_code, words(f"{name} used more memory than its limit{_limit(spec)}"))
    if waiting.reason == "CrashLoopBackOff" or (failed and status.restart_count > 0 and not status.ready):
        return Crash("CrashLoopBackOff", end.exit_code if end else None, _looping(name, end, waiting))
    return None


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
