"""What a release changed, in one line of a timeline: `image 1.4.1 → 1.4.2; env LOG_LEVEL: info → debug`."""

from __future__ import annotations

from cockpit.kube.bounded import UNREADABLE, read_object
from cockpit.kube.listing.paging import SMALL
from cockpit.kube.rollouts.changes import Difference, differences, items, part
from cockpit.kube.rowparts import tag

MOST_LINES = 3
"""Of what changed, so many things are told in a line; the page of the rollout shows all."""
_LONGEST = 120
_RESTARTED = "template annotations kubectl.kubernetes.io/restartedAt"
"""What `kubectl rollout restart` sets."""


def released(before: bytes, after: bytes) -> str:
    """What differs between two pod templates as raw JSON; empty where either is not known, or nothing does."""
    if not before or not after or before == after:
        return ""
    if len(before) + len(after) > SMALL:
        return "a template too large to compare in passing"
    try:
        old, new = read_object(before), read_object(after)
    except UNREADABLE:
        return ""
    alone = all(len(items(part(each, "spec"), "containers")) == 1 for each in (old, new))
    found = differences(old, new)
    if [each.name for each in found] == [_RESTARTED]:
        return "restarted, nothing else changed"
    return in_one_line([_line(each, alone) for each in found])


def in_one_line(lines: list[str]) -> str:
    """The first lines of a difference, each cut, and how many more there are."""
    kept = [line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in lines[:MOST_LINES]]
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    return "; ".join([*kept, *more])


def _line(each: Difference, alone: bool) -> str:
    """One thing; of a container that is alone the name says nothing, of an image that moved only the tag."""
    name = each.what if alone else each.name
    if each.what == "image" and each.before and each.after and _repository(each.before) == _repository(each.after):
        return f"{name} {tag(each.before)} → {tag(each.after)}"
    sides = ("none" if side is None else side for side in (each.before, each.after))
    return f"{name}: {' → '.join(sides)}"


def _repository(image: str) -> str:
    head, slash, last = image.partition("@")[0].rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"
