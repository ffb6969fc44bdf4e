"""A deployment's rows folded into what was changed of it: scaled, paused, resumed, its template while it is paused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from cockpit.kube.difference import template_difference
from cockpit.kube.managers import Setter
from cockpit.kube.rows import DeploymentRow
from cockpit.signal.foreign_change import ForeignChange, Matter

_MOST_LINES = 3
"""Of what changed, so many things are told in a line of the timeline; the page shows all."""
_LONGEST = 120


class DeploymentChanges:
    """Remembers the deployment as it was last seen."""

    def __init__(self) -> None:
        self._row: DeploymentRow | None = None

    def step(self, row: DeploymentRow, now: datetime) -> list[ForeignChange]:
        """What is different in `row`; a template that rolls out is a rollout, and told as one."""
        before, self._row = self._row, row
        if before is None:
            return []
        if before.uid != row.uid:
            return [_change(row, "remade", now, Setter(), "", "")]
        return list(_differences(before, row, now))


def _differences(before: DeploymentRow, row: DeploymentRow, now: datetime) -> Iterator[ForeignChange]:
    if before.wanted != row.wanted:
        yield _change(row, "scale", now, row.detail.scaled, str(before.wanted), str(row.wanted))
    if before.paused != row.paused:
        after = "paused" if row.paused else "resumed"
        yield _change(row, "pause", now, row.detail.paused if row.paused else Setter(), "", after)
    if row.paused and before.paused and (lines := template_lines(before.detail.template, row.detail.template)):
        yield _change(row, "template", now, row.detail.released, "", "", told(lines))


def _change(
    row: DeploymentRow, matter: Matter, now: datetime, setter: Setter, before: str, after: str, detail: str = ""
) -> ForeignChange:
    version = f"{row.uid}/{row.generation}"
    return ForeignChange(f"deployment/{row.name}", matter, now, before, after, setter.name, detail, version)


def template_lines(before: bytes, after: bytes) -> list[str]:
    """What differs between two templates as raw JSON; nothing where either was not read."""
    if not before or not after or before == after:
        return []
    try:
        return template_difference(msgspec.json.decode(before), msgspec.json.decode(after))
    except (msgspec.DecodeError, AttributeError):  # no object: nothing can be said of it
        return []


def told(lines: list[str]) -> str:
    """Lines of a difference in one, the most important first."""
    kept = [line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in lines[:_MOST_LINES]]
    more = [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return "; ".join([*kept, *more])
