"""Where a mapping finds a value: `labels.alertname` in the alert, `$.externalURL` in the whole body (RFC 9535)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from cockpit.config.jsonpath import segments

ROOT = "$"
"""What a path begins with that starts at the body; the others start at the alert."""

Path = tuple[bool, tuple[str | int, ...]]
"""Whether it starts at the body; the names and places that lead to the value."""


def parsed(text: Any) -> Path:
    """The parts of a path.

    Raises:
        PydanticCustomError: it is none.
    """
    try:
        if not isinstance(text, str) or not text:
            raise ValueError(text)
        if text.startswith(ROOT):
            return True, segments(text)
        return False, segments(f"{ROOT}{'' if text.startswith('[') else '.'}{text}")
    except ValueError:
        raise PydanticCustomError(
            "intake_path", "is no path; write it like labels.alertname, tags[0], or $.title in the whole body"
        ) from None


def _several(value: Any) -> Any:
    """One path, or a list of them, of which the first that leads to something counts."""
    if isinstance(value, tuple):
        return value  # read already
    if isinstance(value, list):
        return tuple(parsed(each) for each in value)
    return (parsed(value),)


Paths = Annotated[tuple[Path, ...], BeforeValidator(_several)]
"""Where a value may be: the first of them that leads to one counts."""


def at(path: Path, alert: Any, body: Any) -> Any:
    """What is at `path`; None where nothing is."""
    whole, parts = path
    value = body if whole else alert
    for part in parts:
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def first(paths: Paths, alert: Any, body: Any) -> Any:
    """What is at the first of `paths` that leads to something; None where none does."""
    found = (at(path, alert, body) for path in paths)
    return next((value for value in found if value not in (None, "", [], {})), None)


def shown(paths: Paths) -> str:
    """The paths as people write them."""
    return " or ".join(f"{'$.' if whole else ''}{'.'.join(map(str, parts))}" for whole, parts in paths)
