"""What is wrong with a pod, in the word that a person wants and in a sentence, and how grave that is.

What is only slow (starting, ending, getting ready) becomes a fault at an instant that is known beforehand: see `Later`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from cockpit.kube.managers import utc
from cockpit.kube.pods import crash as podcrash
from cockpit.kube.pods.crash import words
from cockpit.kube.shapes import NO_STATE, Condition, Container, ContainerStatus, Pod, Probe, Running
from cockpit.text import safe

WELL, PASSING, LEFT, ENDING, WAITING, NOT_READY, LOST, CANNOT_START, CRASHING = range(9)
"""How grave: well; on its way, which is normal; a failed pod that lies about; does not end; cannot be scheduled; does
not serve; its node is lost; cannot be started; does not stay up."""
FAULT = LEFT
"""From this gravity on something is wrong."""

END_WITHIN = timedelta(seconds=30)
"""How long after its grace period a deleted pod may still be there."""
START_WITHIN = timedelta(minutes=3)
"""How long volumes, network and images of a scheduled pod may take before somebody should look."""
INIT_WITHIN = timedelta(minutes=10)
"""How long an init container may work: as long as a rollout may stand still unless told (progressDeadlineSeconds)."""

STEADY = timedelta(seconds=30)
"""How long a container must have run since its last failure before its pod counts as well again."""

_GONE_NODE = ("NodeLost", "Unknown")


class Fault(msgspec.Struct, frozen=True, gc=False):
    """What is wrong: a word (empty where nothing is), a sentence, a gravity of this module, and since when (aware UTC)
    by Kubernetes' own word, where it says so."""

    reason: str = ""
    why: str = ""
    gravity: int = WELL
    since: datetime | None = None


class Later(msgspec.Struct, frozen=True, gc=False):
    """What a state that is normal now turns into if it still is so at `at`."""

    at: datetime
    fault: Fault


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What is wrong with a pod, what will be if nothing changes, and why it does not stay up."""

    fault: Fault
    later: Later | None = None
    crash: podcrash.Crash | None = None


def judged(pod: Pod) -> Verdict:
    """What is wrong with `pod`, the gravest first. Its times must be aware, as the API's are."""
    if pod.status.reason in _GONE_NODE or pod.status.phase == "Unknown":
        return Verdict(Fault("NodeLost", _lost(pod), LOST, _since(_condition(pod, "Ready"), pod)))
    if pod.metadata.deletion_timestamp is not None:
        return Verdict(Fault("", "", PASSING), Later(_after(pod.metadata.deletion_timestamp, END_WITHIN), _stuck(pod)))
    if pod.status.phase == "Succeeded":
        return Verdict(Fault())
    crash = podcrash.crash(pod)
    if crash:
        gravity = CANNOT_START if crash.cannot_start else CRASHING
        return Verdict(Fault(crash.reason, crash.why, gravity, crash.since), None, crash)
    if pod.status.phase == "Failed":
        return Verdict(Fault(*_failed(pod), LEFT))
    unscheduled = _condition(pod, "PodScheduled")
    if unscheduled and unscheduled.status != "True" and unscheduled.reason:
        if unscheduled.reason == "SchedulingGated":  # somebody holds it back on purpose
            return Verdict(Fault("", words(unscheduled.message), PASSING))
        since = _since(unscheduled, pod)
        return Verdict(Fault(safe(unscheduled.reason), words(unscheduled.message), WAITING, since))
    return _progress(pod)


def _lost(pod: Pod) -> str:
    said = words(pod.status.message)
    return said or f"node {safe(pod.spec.node_name) or 'unknown'} no longer says how it is"


def _stuck(pod: Pod) -> Fault:
    """A pod that should be gone: held by finalizers, or its node has not confirmed the end."""
    since = f"should have ended at {_clock_time(pod.metadata.deletion_timestamp)}"
    if held := ", ".join(pod.metadata.finalizers or ()):
        return Fault("Terminating", words(f"{since}; held by finalizers: {held}"), ENDING)
    node = pod.spec.node_name or "no node"
    return Fault("Terminating", words(f"{since}; {node} has not confirmed its end"), ENDING)


def _failed(pod: Pod) -> tuple[str, str]:
    """A pod that has failed for good: the kubelet's reason (Evicted, NodeShutdown, …), who disrupted it (preemption,
    a taint, an eviction), else what its container says."""
    if pod.status.reason:
        return safe(pod.status.reason), words(pod.status.message)
    disrupted = _condition(pod, "DisruptionTarget")
    if disrupted and disrupted.status == "True" and disrupted.reason:
        return safe(disrupted.reason), words(disrupted.message)
    specs = {each.name: each for each in (*(pod.spec.init_containers or ()), *(pod.spec.containers or ()))}
    for container in (*(pod.status.init_container_statuses or ()), *(pod.status.container_statuses or ())):
        end, name = (container.state or NO_STATE).terminated, f"container {container.name}"
        if end and end.reason == "OOMKilled":
            return podcrash.word_of(end), podcrash.too_large(name, specs.get(container.name))
        if end and end.exit_code:
            return podcrash.word_of(end), podcrash.ended_with(name, end)
    return "Failed", words(pod.status.message)


def _progress(pod: Pod) -> Verdict:
    """A pod that is scheduled and has not failed: ready, or on its way, for as long as that may take."""
    ready = _condition(pod, "Ready")
    if ready and ready.status == "True":
        return _serving(pod)
    states = [each.state or NO_STATE for each in pod.status.container_statuses or ()]
    if pod.status.phase != "Running" or any(not (each.running or each.terminated) for each in states):
        return _starting(pod)
    if any(each.terminated for each in states):
        return _partly_ended(pod)
    statuses = {each.name: each for each in (*(pod.status.container_statuses or ()), *_sidecars(pod))}
    specs = (*(pod.spec.containers or ()), *(pod.spec.init_containers or ()))
    unready = [each for each in specs if (one := statuses.get(each.name)) and not one.ready]
    due = [at for each in unready if (at := _ready_by(each, statuses[each.name]))]
    return _on_its_way(max(due, default=_since(ready, pod)), _not_ready(pod, ready, unready))


def _serving(pod: Pod) -> Verdict:
    """A pod that is ready: well, but for a moment after a life that failed; without a readiness probe a container is
    ready in every turn of its crash loop."""
    if (again := podcrash.started_again(pod)) is None:
        return Verdict(Fault())
    at, name, end = again
    said = words(f"{name} was started again at {_clock_time(at)}: before that {end}")
    return Verdict(Fault("Restarted", said, PASSING), Later(_after(at, STEADY), Fault()))


def _sidecars(pod: Pod) -> list[ContainerStatus]:
    """The init containers that run beside the others (kubernetes.io, "Sidecar Containers")."""
    named = {each.name for each in pod.spec.init_containers or () if each.restart_policy == "Always"}
    return [each for each in pod.status.init_container_statuses or () if each.name in named]


def _partly_ended(pod: Pod) -> Verdict:
    """A pod of which a container has ended while others run or are to: soon started again, else something is wrong."""
    ends = [
        (each.name, end) for each in pod.status.container_statuses or () if (end := (each.state or NO_STATE).terminated)
    ]
    name, end = next((each for each in ends if each[1].exit_code), ends[0])
    since, said = utc(end.finished_at), podcrash.ended_with(f"container {name}", end)
    word = podcrash.word_of(end) if end.exit_code else "NotReady"
    if end.exit_code and pod.spec.restart_policy == "Never":
        return Verdict(Fault(word, words(f"{said}, and is not started again"), NOT_READY, since))
    fault = Fault(word, words(f"{said} at {_clock_time(since)}"), NOT_READY, since)
    return _on_its_way(since + START_WITHIN if since else None, fault)


def _on_its_way(until: datetime | None, fault: Fault) -> Verdict:
    """Normal until `until`; without any time to go by it stays so."""
    return Verdict(Fault("", "", PASSING), Later(until, fault) if until else None)


def _starting(pod: Pod) -> Verdict:
    """A pod whose containers do not all run yet; an init container that works may take longer than a start."""
    sidecars = {each.name for each in _sidecars(pod)}
    for container in pod.status.init_container_statuses or ():
        running = (container.state or NO_STATE).running
        if running and not (container.name in sidecars and container.started):
            return _initializing(pod, container.name, running, sidecar=container.name in sidecars)
    since = _since(_condition(pod, "PodScheduled"), pod)
    names = [(each.state or NO_STATE).waiting for each in pod.status.container_statuses or ()]
    said = next((each for each in names if each and each.reason), None)
    reason = safe(said.reason) if said else "Pending"
    told = words(said.message) if said and said.message else "its events say what it waits for"
    fault = Fault(reason, f"has not started since {_clock_time(since)}: {told}", NOT_READY, since)
    return _on_its_way(since + START_WITHIN if since else None, fault)


def _initializing(pod: Pod, name: str, running: Running, *, sidecar: bool) -> Verdict:
    """A pod that waits for an init container to end, or for a sidecar to start up."""
    since = utc(running.started_at) or _since(_condition(pod, "PodScheduled"), pod)
    kind, lacks = ("sidecar", "has not started up") if sidecar else ("init container", "has not ended")
    said = words(f"{kind} {name} has run since {_clock_time(since)} and {lacks}")
    fault = Fault("NotReady" if sidecar else "PodInitializing", said, NOT_READY, since)
    return _on_its_way(since + INIT_WITHIN if since else None, fault)


def _not_ready(pod: Pod, ready: Condition | None, unready: Iterable[Container]) -> Fault:
    """A running pod that does not serve: which container, since when."""
    at, since = _since(ready, pod), _clock_time(ready.last_transition_time) if ready else "?"
    names = [each.name for each in unready]
    if names:
        kind = "containers" if len(names) > 1 else "container"
        return Fault("NotReady", words(f"{kind} {', '.join(names)} not ready since {since}"), NOT_READY, at)
    gates = [gate.condition_type for gate in pod.spec.readiness_gates or () if not _holds(pod, gate.condition_type)]
    if gates:
        return Fault("NotReady", words(f"readiness gate {', '.join(gates)} does not hold"), NOT_READY, at)
    told = ready.message if ready and ready.message else "its containers are, so its node may not answer"
    return Fault("NotReady", words(f"not ready since {since}: {told}"), NOT_READY, at)


def _ready_by(container: Container, status: ContainerStatus) -> datetime | None:
    """When a container that runs must have become ready: its start-up probe's time, then its readiness probe's."""
    running = (status.state or NO_STATE).running
    if running is None or running.started_at is None:
        return None
    allowed = _allowance(container.readiness_probe)
    if container.startup_probe:
        allowed += _allowance(container.startup_probe)
    return _after(running.started_at, timedelta(seconds=allowed))


def _allowance(probe: Probe | None) -> float:
    """Seconds until a probe that never succeeds has failed for good; the API's defaults where there is none."""
    known = probe or Probe()
    return float(min(known.initial_delay_seconds + known.period_seconds * known.failure_threshold, 86_400))


def _since(condition: Condition | None, pod: Pod) -> datetime | None:
    """When `condition` became what it is, else when the pod was made."""
    at = condition.last_transition_time if condition else None
    at = at or pod.metadata.creation_timestamp
    return utc(at) if at else None


def _condition(pod: Pod, wanted: str) -> Condition | None:
    return next((each for each in pod.status.conditions or () if each.type == wanted), None)


def _holds(pod: Pod, wanted: str) -> bool:
    found = _condition(pod, wanted)
    return found is not None and found.status == "True"


def _after(at: datetime, time: timedelta) -> datetime:
    aware = utc(at) or at
    return aware + time


def _clock_time(at: datetime | None) -> str:
    """`03:12:07Z`; `?` when unknown."""
    return f"{at.astimezone(UTC):%H:%M:%S}Z" if at else "?"
