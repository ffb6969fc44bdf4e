"""Objects of any kind from JSON, no deeper than what is done with them can go: a body may nest without end."""

from __future__ import annotations

from typing import Any

import msgspec

DEEPEST = 64
"""Mappings and lists within each other; the deepest that Kubernetes' own objects go is about twenty."""
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for a body that is not what was asked for."""


def read_object(raw: bytes) -> dict[str, Any]:
    """A mapping from JSON. Raises one of `UNREADABLE`: it is none, or nests too deeply."""
    return not_too_deep(msgspec.json.decode(raw, type=dict[str, Any]))


def not_too_deep(value: dict[str, Any]) -> dict[str, Any]:
    """The value itself. Raises msgspec.DecodeError where it is deeper than `DEEPEST`."""
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _within(each) if isinstance(inner, dict | list)]
        if not level:
            return value
    raise msgspec.DecodeError(f"it nests more than {DEEPEST} deep")


def _within(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value
