"""A pod in full: its containers with their states, its conditions, where it runs, and its YAML without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import yaml

from cockpit.kube.bounded import UNREADABLE, read_object
from cockpit.kube.masking import named_secret
from cockpit.kube.pods.describe import instant, items_of, part, probe_words, state_words
from cockpit.kube.pods.resources import parsed
from cockpit.kube.pods.row import PodRow, pod_row
from cockpit.kube.skew import NONE, ours
from cockpit.text import MASK, clean, redact, safe

_KINDS = (
    ("initContainers", "initContainerStatuses", "init"),
    ("containers", "containerStatuses", "container"),
    ("ephemeralContainers", "ephemeralContainerStatuses", "debug"),
)
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
LONGEST_TEXT = 100_000
"""Characters of YAML that are shown."""


class Amounts(msgspec.Struct, frozen=True, gc=False):
    """What a container asks for and may use; None for what is not set."""

    cpu_request: float | None = None
    cpu_limit: float | None = None
    memory_request: int | None = None
    memory_limit: int | None = None


class ContainerDetail(msgspec.Struct, frozen=True, gc=False):
    """One container of a pod. `kind` is container, init, sidecar or debug; all text is cleaned and redacted.

    Attributes:
        state, before: its state and the one before its last restart, in words as of when they were made.
        running: whether it runs; `done` whether it has ended as it should, as init containers do.
        probes: each probe's name, and what it does.
    """

    name: str
    kind: str
    image: str
    state: str
    before: str = ""
    ready: bool = False
    running: bool = False
    done: bool = False
    restarts: int = 0
    amounts: Amounts = Amounts()
    probes: tuple[tuple[str, str], ...] = ()


class ConditionDetail(msgspec.Struct, frozen=True, gc=False):
    """A condition of a pod, and since when it is so."""

    type: str
    status: str
    said: str
    since: datetime | None


class PodDetail(msgspec.Struct, frozen=True):
    """A pod as its page shows it; made from its raw JSON, which is kept for what is looked at rarely."""

    row: PodRow
    raw: bytes
    ahead: timedelta = NONE
    """How far the cluster's clock, of which the raw JSON's times are, is ahead of ours."""

    @property
    def uid(self) -> str:
        """What it is kept by."""
        return self.row.uid

    def containers(self, now: datetime) -> tuple[ContainerDetail, ...]:
        """Its containers as of `now` (aware UTC), in the order in which they start."""
        pod = _object(self.raw)
        return tuple(_containers(part(pod, "spec"), part(pod, "status"), now + self.ahead))

    def conditions(self) -> tuple[ConditionDetail, ...]:
        """Its conditions, those that do not hold first."""
        found = [_condition(each, self.ahead) for each in items_of(part(_object(self.raw), "status"), "conditions")]
        return tuple(sorted(found, key=lambda each: each.status == "True"))

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Where it runs and whose it is: names and values, none of them empty."""
        pod = _object(self.raw)
        spec, status, meta = part(pod, "spec"), part(pod, "status"), part(pod, "metadata")
        told = {
            "name": self.row.name, "node": self.row.node, "IP": self.row.ip, "owner": self.row.owner,
            "QoS": status.get("qosClass"), "account": spec.get("serviceAccountName"),
            "priority": spec.get("priorityClassName"),
            "restarts": spec.get("restartPolicy"), "grace": _seconds(spec.get("terminationGracePeriodSeconds")),
            "finalizers": ", ".join(map(str, meta.get("finalizers") or ())),
            "labels": ", ".join(f"{key}={value}" for key, value in self.row.labels.items()),
        }  # fmt: skip
        return tuple((name, safe(str(value))) for name, value in told.items() if value)

    def yaml(self) -> tuple[str, ...]:
        """The object as YAML, for reading: secrets masked, who set which field folded. It takes some milliseconds."""
        if not _object(self.raw):
            return ("# it cannot be shown: it is no object, or nests too deeply",)
        text = yaml.safe_dump(_readable(_object(self.raw)), sort_keys=False, allow_unicode=True, width=10_000)
        shown = clean(text[:LONGEST_TEXT], keep_newlines=True).rstrip("\n").split("\n")
        return tuple(shown) if len(text) <= LONGEST_TEXT else (*shown, f"# … cut: {len(text):,} characters in all")


def pod_detail(raw: bytes, ahead: timedelta = NONE) -> PodDetail:
    """The detail of a pod. Raises msgspec.DecodeError for what has not even a name."""
    return PodDetail(pod_row(raw, ahead), raw, ahead)


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        return read_object(raw)
    except UNREADABLE:  # a row says so: of what is no pod there is no detail
        return {}


def _containers(spec: Mapping[str, Any], status: Mapping[str, Any], now: datetime) -> Iterable[ContainerDetail]:
    for key, statuses, kind in _KINDS:
        known = {str(each.get("name")): each for each in items_of(status, statuses)}
        for container in items_of(spec, key):
            sidecar = kind == "init" and container.get("restartPolicy") == "Always"
            seen = known.get(str(container.get("name")), {})
            yield _container(container, seen, "sidecar" if sidecar else kind, now)


def _container(spec: Mapping[str, Any], seen: Mapping[str, Any], kind: str, now: datetime) -> ContainerDetail:
    state, last = part(seen, "state"), part(seen, "lastState")
    probes = ((name.removesuffix("Probe"), part(spec, name)) for name in _PROBES)
    restarts = seen.get("restartCount")
    return ContainerDetail(
        name=safe(str(spec.get("name", "?"))),
        kind=kind,
        image=safe(str(spec.get("image", ""))),
        state=safe(state_words(state, now)),
        before=safe(state_words(last, now)) if last else "",
        ready=seen.get("ready") is True,
        running="running" in state,
        done=part(state, "terminated").get("exitCode") == 0,
        restarts=restarts if isinstance(restarts, int) else 0,
        amounts=_amounts(part(spec, "resources")),
        probes=tuple((name, safe(probe_words(probe))) for name, probe in probes if probe),
    )


def _amounts(resources: Mapping[str, Any]) -> Amounts:
    def of(kind: str, what: str) -> float | None:
        return parsed(str(part(resources, kind).get(what, "")))

    memory = [of(kind, "memory") for kind in ("requests", "limits")]
    return Amounts(
        of("requests", "cpu"), of("limits", "cpu"), *(None if size is None else int(size) for size in memory)
    )  # fmt: skip


def _condition(each: Mapping[str, Any], ahead: timedelta) -> ConditionDetail:
    said = ", ".join(str(each[key]) for key in ("reason", "message") if each.get(key))
    kind, status = safe(str(each.get("type", "?"))), safe(str(each.get("status", "?")))
    return ConditionDetail(kind, status, safe(said), ours(instant(each.get("lastTransitionTime")), ahead))


def _seconds(value: object) -> str:
    return f"{value} s" if isinstance(value, int) else ""


def _readable(value: Any) -> Any:
    """The object without what nobody reads, and without secrets: they are masked here, for YAML writes a text with
    quotes or line ends in a way in which none would be known."""
    if isinstance(value, str):
        return redact(clean(value[:LONGEST_TEXT], keep_newlines=True))
    if isinstance(value, list):
        return [_word(before, each) for before, each in zip(("", *value), value, strict=False)]
    if not isinstance(value, Mapping):
        return value
    found = {key: _beside(key, each) for key, each in value.items()}
    if isinstance(found.get("managedFields"), list):
        found["managedFields"] = f"{len(found['managedFields'])} entries, folded"
    if isinstance(value.get(_LAST_APPLIED), str):
        found[_LAST_APPLIED] = f"{len(value[_LAST_APPLIED]):,} characters, folded"
    name, given = value.get("name"), value.get("value")
    if isinstance(name, str) and isinstance(given, str):
        found["value"] = _beside(name, given)
    return found


def _word(before: Any, word: Any) -> Any:
    """A word of a command, masked where the one before it is a flag that takes a secret."""
    flag = isinstance(before, str) and before.startswith("--") and "=" not in before
    if flag and isinstance(word, str) and MASK in safe(f"{before} x"):
        return MASK
    return _readable(word)


def _beside(name: str, value: Any) -> Any:
    """What stands beside a name, masked where the name tells that it is a secret."""
    shown = _readable(value)
    if not isinstance(shown, str) or MASK in shown:
        return MASK if isinstance(shown, str) and named_secret(name, shown) else shown
    return MASK if named_secret(name, shown) or MASK in safe(f"{name}: {shown}") else shown
