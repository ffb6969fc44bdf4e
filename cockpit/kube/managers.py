"""Who last set a field of an object, and when, as the API server's managed fields tell it.

The rules are the API's own (kubernetes.io/docs/reference/using-api/server-side-apply, "Field management"): a manager is
a program, as it called itself or as its User-Agent begins, and never a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from cockpit.kube.shapes import FieldOwner
from cockpit.text import clean

AUTOSCALER = "horizontal-pod-autoscaler"
_CONTROLLERS = "kube-controller-manager"
_NEVER = datetime.min.replace(tzinfo=UTC)


class Setter(msgspec.Struct, frozen=True, gc=False):
    """A program that set something; `name` is empty where the server does not say."""

    name: str = ""
    at: datetime | None = None


def utc(at: datetime | None) -> datetime | None:
    """The instant in UTC; one without a zone is what the API never sends, and read as UTC."""
    return at and (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))


def newly(before: Setter, after: Setter) -> Setter:
    """Who set what has just changed, by who had set it before and who has now.

    What only takes something away leaves no manager (structured-merge-diff drops a removed field from all of them):
    then the server still names the one before, who did not do it, and nobody is known.
    """
    return after if after != before else Setter()


def setter_of(entries: Iterable[FieldOwner] | None, field: str = "", part: str = "f:spec") -> Setter:
    """Who last set `field` of the `part` of an object; without a field, who last set anything but its status.

    Args:
        field: the field as managed fields write it, without `f:`: `template`, `replicas`.
        part: where it stands, as `f:spec`.
    """
    marker = f'"f:{field}"'.encode()
    setters = [
        entry
        for entry in entries or ()
        if entry.subresource != "status"
        and (not field or marker in bytes((entry.fields_v1 or {}).get(part, msgspec.Raw(b""))))
    ]
    latest = max(setters, key=lambda entry: utc(entry.time) or _NEVER, default=None)
    return Setter(_program(latest), utc(latest.time)) if latest else Setter()


def _program(entry: FieldOwner) -> str:
    """The manager's name; what the controllers scale through the scale subresource, an autoscaler has decided."""
    if entry.manager == _CONTROLLERS and entry.subresource == "scale":
        return AUTOSCALER
    return clean(entry.manager)
