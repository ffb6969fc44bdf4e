"""Whether a named value is a secret by its name alone."""

from __future__ import annotations

from typing import Any

from cockpit.text import MASK, safe


def named_secret(name: str, value: str) -> bool:
    """Whether something of this name is called like a secret: no picture and no record may show its value."""
    return MASK in safe(f'{name}="x{value[:1]}"')


def masked(value: Any) -> Any:
    """JSON in which a `value` is masked that stands beside the `name` of a secret, as in environments and headers."""
    if isinstance(value, list):
        return [masked(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: masked(each) for key, each in value.items()}
    name, given = found.get("name"), found.get("value")
    if isinstance(name, str) and isinstance(given, str) and named_secret(name, given):
        found["value"] = MASK
    return found
