"""A deployment's rows folded into what was changed of it: scaled, paused, resumed, its template while it is paused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cockpit.kube.managers import Setter, newly
from cockpit.kube.rows import DeploymentRow
from cockpit.signal.cluster.released import released
from cockpit.signal.foreign.change import ForeignChange, Matter
from cockpit.values import replace


class DeploymentChanges:
    """Remembers the deployment as it was last seen."""

    def __init__(self) -> None:
        self._row: DeploymentRow | None = None
        self._gone = False

    def step(self, row: DeploymentRow, now: datetime) -> list[ForeignChange]:
        """What is different in `row`; a template that rolls out is a rollout, and told as one."""
        before, self._row = self._row, row
        was_gone, self._gone = self._gone, False
        if before is None:
            return []
        if before.uid != row.uid:
            return [_change(row, "remade", now, Setter(), "", "made" if was_gone else "")]
        return list(_differences(before, row, now))

    def gone(self, now: datetime) -> list[ForeignChange]:
        """The cluster has no such deployment now: told once, of one that was seen."""
        if self._row is None or self._gone:
            return []
        self._gone = True
        made = _change(self._row, "remade", now, Setter(), "", "deleted")
        return [replace(made, version=f"{made.version} deleted")]


def _differences(before: DeploymentRow, row: DeploymentRow, now: datetime) -> Iterator[ForeignChange]:
    was, has = before.detail, row.detail
    if before.wanted != row.wanted:
        yield _change(row, "scale", now, newly(was.scaled, has.scaled), str(before.wanted), str(row.wanted))
    if before.paused != row.paused:
        after = "paused" if row.paused else "resumed"
        yield _change(row, "pause", now, newly(was.paused, has.paused) if row.paused else Setter(), "", after)
    if row.paused and before.paused and (detail := released(was.template, has.template)):
        yield _change(row, "template", now, newly(was.released, has.released), "", "", detail)


def _change(
    row: DeploymentRow, matter: Matter, now: datetime, setter: Setter, before: str, after: str, detail: str = ""
) -> ForeignChange:
    version = f"{row.uid}/{row.generation}"
    return ForeignChange(f"deployment/{row.name}", matter, now, before, after, setter.name, detail, version)
