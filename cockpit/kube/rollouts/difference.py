"""What differs between two pod templates, as the lines of a preview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cockpit.kube.rollouts.changes import differences

_LONGEST_VALUE = 200


def template_difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The lines `what: from → to`, cleaned and redacted, in the order of `differences`; nothing when they are the
    same."""
    return [f"{each.name}: {_short(each.before)} → {_short(each.after)}" for each in differences(old, new)]


def _short(value: str | None) -> str:
    if value is None:
        return "none"
    return value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + " …"
