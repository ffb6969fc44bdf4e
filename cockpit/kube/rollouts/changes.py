"""What differs between two pod templates, thing by thing, in the order in which a person looks."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import msgspec

from cockpit.kube.masking import masked, named_secret
from cockpit.text import MASK, safe

Matter = Literal[
    "image", "env", "resources", "probes", "command", "volumes", "replicas", "labels", "annotations", "other"
]
_ORDER: Sequence[str] = get_args(Matter)

_MATTERS: Mapping[str, Matter] = {
    "image": "image", "container": "image", "env": "env", "envFrom": "env", "resources": "resources",
    "livenessProbe": "probes", "readinessProbe": "probes", "startupProbe": "probes", "command": "command",
    "args": "command", "workingDir": "command", "volumes": "volumes", "volumeMounts": "volumes", "labels": "labels",
    "annotations": "annotations",
}  # fmt: skip
_KEYS = ("name", "mountPath", "containerPort", "key", "ip", "topologyKey")
"""By which the items of a list are told apart, the first that all of them have: as the API's own merge keys."""
_LONGEST = 2000
"""Characters of a value that are kept: an annotation may hold 256 KB."""
_DEEPEST = 20
"""Levels that are looked into; deeper ones are compared as they stand."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs; its texts are cleaned and redacted.

    Attributes:
        where: the container, `init ` before one that initialises; empty for what is the pod's.
        what: the thing, as `image`, `env LOG_LEVEL`, `livenessProbe httpGet.path`.
        before, after: its values; None where it is not there.
    """

    matter: Matter
    where: str
    what: str
    before: str | None
    after: str | None

    @property
    def name(self) -> str:
        """Where and what."""
        return f"{self.where} {self.what}" if self.where else self.what


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """What differs between two pod templates: images first, then environment, resources, and so on to the rest.

    Containers, variables, volumes and the like are matched by their names. A value that is called like a secret is
    masked on both sides.
    """
    before, after = part(old, "spec"), part(new, "spec")
    found = [
        *_containers(before, after, "containers", ""),
        *_containers(before, after, "initContainers", "init "),
        *_rest(before, after, {"containers", "initContainers"}, "", ""),
        *_rest(part(old, "metadata"), part(new, "metadata"), {"creationTimestamp"}, "", "template "),
    ]
    return sorted(found, key=lambda each: _ORDER.index(each.matter))


def between(old: Mapping[str, Any], new: Mapping[str, Any], matter: Matter) -> list[Difference]:
    """What differs between two objects that are no templates, as labels or annotations, key by key."""
    return [Difference(matter, "", *each) for each in _leaves(old, new, (), 0)]


def part(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under `key`; empty when there is none."""
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def items(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects of the list under `key`; empty when there is none."""
    found = value.get(key)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _containers(old: Mapping[str, Any], new: Mapping[str, Any], key: str, kind: str) -> Iterator[Difference]:
    """The differences of one list of containers."""
    before, after = _named(items(old, key)), _named(items(new, key))
    for name in dict.fromkeys([*before, *after]):
        where = safe(f"{kind}{name}")
        if name in before and name in after:
            yield from _container(before[name], after[name], where)
        else:
            images = (safe(str(side[name].get("image"))) if name in side else None for side in (before, after))
            yield Difference("image", where, "container", *images)


def _container(old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> Iterator[Difference]:
    """The differences of one container that both templates have."""
    before, after = _named(items(old, "env")), _named(items(new, "env"))
    for name in dict.fromkeys([*before, *after]):
        was, becomes = _variable(name, before.get(name)), _variable(name, after.get(name))
        if was != becomes or _plain(before.get(name)) != _plain(after.get(name)):
            yield Difference("env", where, f"env {safe(name)}", was, becomes)
    was_from, becomes_from = _sources(old), _sources(new)
    for name in dict.fromkeys([*was_from, *becomes_from]):
        if was_from.get(name) != becomes_from.get(name):
            yield Difference("env", where, f"envFrom {name}", was_from.get(name), becomes_from.get(name))
    yield from _rest(old, new, {"env", "envFrom", "name"}, where, "")


def _rest(
    old: Mapping[str, Any], new: Mapping[str, Any], but: set[str], where: str, before: str
) -> Iterator[Difference]:
    """What differs in every other field, down to the single value."""
    for key in dict.fromkeys([*old, *new]):
        if key not in but:
            matter = _MATTERS.get(key, "other")
            for path, was, becomes in _leaves(_only(old, key), _only(new, key), (), 0):
                yield Difference(matter, where, before + path, was, becomes)


def _only(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {key: value[key]} if key in value else {}


def _leaves(old: object, new: object, path: Sequence[str], depth: int) -> Iterator[tuple[str, str | None, str | None]]:
    """The path of each value that differs, with what it was and is."""
    if old == new:
        return
    before, after = _members(old, new)
    if not (before or after) or depth >= _DEEPEST:
        name = next((each for each in reversed(path) if each != "value"), "")  # that stands beside the name
        yield " ".join(path), _said(name, old), _said(name, new)
        return
    for key in dict.fromkeys([*before, *after]):
        yield from _leaves(before.get(key), after.get(key), (*path, safe(key)), depth + 1)


def _members(old: object, new: object) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What two objects or two lists of named things consist of, by name; nothing where either is a single value."""
    sides = [side for side in (old, new) if side is not None]
    if all(isinstance(side, Mapping) for side in sides):
        return (old if isinstance(old, Mapping) else {}), (new if isinstance(new, Mapping) else {})
    for key in _KEYS:
        named = [_by(key, side) if side is not None else {} for side in (old, new)]
        if None not in named:
            return named[0] or {}, named[1] or {}
    return {}, {}


def _by(key: str, value: object) -> dict[str, Any] | None:
    """The items of a list by what each has under `key`; None when that does not tell them apart."""
    found = value if isinstance(value, list) else []
    names = [str(item[key]) for item in found if isinstance(item, Mapping) and key in item]
    if not found or len(set(names)) != len(found):
        return None
    bare = ({name: each for name, each in item.items() if name != key} for item in found)
    return dict(zip(names, bare, strict=True))


def _named(found: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """List items by their name, in their order."""
    return {str(item.get("name", "")): item for item in found}


def _variable(name: str, item: Mapping[str, Any] | None) -> str | None:
    """What a variable is set to for people: its value, or where it comes from; None when it is not there."""
    if item is None:
        return None
    if "valueFrom" not in item:
        return _said(name, item.get("value") or "")
    source = part(item, "valueFrom")
    for key, kind in (("configMapKeyRef", "config map"), ("secretKeyRef", "secret")):
        if ref := part(source, key):
            return safe(f"key {ref.get('key')} of {kind} {ref.get('name')}")
    if ref := part(source, "fieldRef"):
        return safe(f"field {ref.get('fieldPath')}")
    return _said("valueFrom", source)


def _plain(item: Mapping[str, Any] | None) -> object:
    """What two variables are compared by; nothing set is as the empty text."""
    return None if item is None else item.get("valueFrom") or item.get("value") or ""


def _sources(container: Mapping[str, Any]) -> dict[str, str]:
    """What the whole environment comes from, by `config map NAME` or `secret NAME`."""
    found = {}
    for item in items(container, "envFrom"):
        for key, kind in (("configMapRef", "config map"), ("secretRef", "secret")):
            if ref := part(item, key):
                prefix = item.get("prefix")
                said = f"all its keys as {prefix}…" if prefix else "all its keys"
                found[safe(f"{kind} {ref.get('name')}")] = safe(said)
    return found


def _said(name: str, value: object) -> str | None:
    """A value for people: text as it is, words of a command as a shell takes them, else JSON; secrets masked."""
    if value is None:
        return None
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        text = safe(shlex.join(value))
    elif isinstance(value, str):
        text = MASK if named_secret(name, value) else safe(value)
    else:
        text = safe(msgspec.json.encode(masked(value)).decode())
    return (text if len(text) <= _LONGEST else text[:_LONGEST] + " …") or '""'
