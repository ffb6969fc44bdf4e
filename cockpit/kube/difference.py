"""What differs between two pod templates, in lines for people: images first, then environment, resources, the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from cockpit.text import MASK, safe

_LONGEST_VALUE = 200


def template_difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The lines `what: from → to`, cleaned and redacted; nothing when the templates are the same.

    Containers and environment variables are matched by name. A value of a variable that is called like a secret is
    masked on both sides.
    """
    changes = [
        *_containers(old, new, "containers", ""),
        *_containers(old, new, "initContainers", "init "),
        *_rest(_part(old, "spec"), _part(new, "spec"), {"containers", "initContainers"}),
        *(f"template {line}" for line in _rest(_part(old, "metadata"), _part(new, "metadata"), set())),
    ]
    return sorted(changes, key=_importance)


def _importance(line: str) -> int:
    """Where a line belongs in the order; sorting keeps the order of equals."""
    name = line.partition(":")[0].split()
    return next((number for number, word in enumerate(("image", "env", "resources")) if word in name), 3)


def _containers(old: Mapping[str, Any], new: Mapping[str, Any], key: str, kind: str) -> Iterator[str]:
    """The lines for one list of containers."""
    before, after = _by_name(_part(old, "spec").get(key)), _by_name(_part(new, "spec").get(key))
    for name in dict.fromkeys([*before, *after]):
        label = safe(f"{kind}{name}")
        if name not in after:
            yield f"{label} container: {_said(before[name].get('image'))} → none"
        elif name not in before:
            yield f"{label} container: none → {_said(after[name].get('image'))}"
        else:
            yield from (f"{label} {line}" for line in _container(before[name], after[name]))


def _container(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """The lines for one container that both templates have."""
    before, after = _by_name(old.get("env")), _by_name(new.get("env"))
    for name in dict.fromkeys([*before, *after]):
        was, becomes = _variable(before.get(name)), _variable(after.get(name))
        if was != becomes:
            yield f"env {safe(name)}: {_masked(name, was)} → {_masked(name, becomes)}"
    for part in ("limits", "requests"):
        was, becomes = _part(_part(old, "resources"), part), _part(_part(new, "resources"), part)
        yield from (f"resources {part} {line}" for line in _rest(was, becomes, set()))
    yield from _rest(old, new, {"env", "resources", "name"})


def _rest(old: Mapping[str, Any], new: Mapping[str, Any], but: set[str]) -> Iterator[str]:
    """A line for each key whose value differs."""
    for key in dict.fromkeys([*old, *new]):
        if key not in but and old.get(key) != new.get(key):
            yield f"{safe(key)}: {_said(old.get(key))} → {_said(new.get(key))}"


def _by_name(items: object) -> dict[str, Mapping[str, Any]]:
    """List items by their name, in their order."""
    found = [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    return {str(item.get("name", "")): item for item in found}


def _part(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under `key`; empty when there is none."""
    part = value.get(key)
    return part if isinstance(part, Mapping) else {}


def _variable(item: Mapping[str, Any] | None) -> object:
    """What a variable is set to: its value, or where it comes from; None when it is not there."""
    if item is None:
        return None
    return item["valueFrom"] if "valueFrom" in item else item.get("value", "")


def _masked(name: str, value: object) -> str:
    """The value for people, masked when the variable's name is one of a secret."""
    if isinstance(value, str) and MASK in safe(f'{name}="x{value[:1]}"'):
        return MASK
    return _said(value)


def _said(value: object) -> str:
    """A value for people: text as it is, `none` for what is not there, else JSON; long ones cut."""
    if value is None:
        return "none"
    text = safe(value if isinstance(value, str) else msgspec.json.encode(value).decode())
    return (text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + " …") or '""'
