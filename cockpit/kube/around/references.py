"""Which config maps and secrets the pods of a template are made with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.kube.rollouts.changes import items, part

_KINDS = {
    "configMapKeyRef": "config map", "configMapRef": "config map", "configMap": "config map",
    "secretKeyRef": "secret", "secretRef": "secret", "secret": "secret",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class References:
    """The names of what a template refers to, each once, in alphabetical order. They are not cleaned."""

    config_maps: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


def references(template: Mapping[str, Any]) -> References:
    """The config maps and secrets in environment and volumes of a pod template."""
    found = set(_found(part(template, "spec")))
    named = {kind: sorted(name for of, name in found if of == kind and name) for kind in ("config map", "secret")}
    return References(tuple(named["config map"]), tuple(named["secret"]))


def _found(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for container in (*items(spec, "containers"), *items(spec, "initContainers")):
        for variable in items(container, "env"):
            yield from _named(part(variable, "valueFrom"))
        for source in items(container, "envFrom"):
            yield from _named(source)
    for volume in items(spec, "volumes"):
        yield from _named(volume)
        for source in items(part(volume, "projected"), "sources"):
            yield from _named(source)


def _named(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a source names; a volume calls its secret `secretName`."""
    for key, kind in _KINDS.items():
        if ref := part(source, key):
            yield kind, str(ref.get("name") or ref.get("secretName") or "")
