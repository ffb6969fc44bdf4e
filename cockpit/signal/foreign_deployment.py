"""A deployment's rows folded into what was changed of it: scaled, paused, resumed, its template while it is paused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cockpit.kube.managers import Setter
from cockpit.kube.rows import DeploymentRow
from cockpit.signal.foreign_change import ForeignChange, Matter
from cockpit.signal.released import released


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
    if row.paused and before.paused and (detail := released(before.detail.template, row.detail.template)):
        yield _change(row, "template", now, row.detail.released, "", "", detail)


def _change(
    row: DeploymentRow, matter: Matter, now: datetime, setter: Setter, before: str, after: str, detail: str = ""
) -> ForeignChange:
    version = f"{row.uid}/{row.generation}"
    return ForeignChange(f"deployment/{row.name}", matter, now, before, after, setter.name, detail, version)
