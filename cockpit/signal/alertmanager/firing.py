"""An alert that fires."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

AlertState = Literal["active", "silenced", "inhibited", "muted", "unprocessed"]


class Alert(Struct, frozen=True):
    """One alert that fires.

    Attributes:
        name: its `alertname`.
        state: `active`: its receivers are told; `silenced`, `inhibited` or `muted` (by a time interval): they are not;
            `unprocessed`: not yet routed.
        since: when it began to fire.
        labels: what it is about; `summary` what its rule says of it.
    """

    id: str
    name: str
    state: AlertState
    since: datetime
    summary: str = ""
    severity: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    silenced_by: tuple[str, ...] = ()
    link: str = ""
    """Where its rule can be looked at."""

    @property
    def order(self) -> tuple[bool, int, datetime, tuple[tuple[str, str], ...]]:
        """What is loud first, then the gravest, then the oldest, then by its labels."""
        graveness = {"critical": 0, "page": 0, "error": 1, "warning": 2, "info": 4}
        return self.state != "active", graveness.get(self.severity.lower(), 3), self.since, tuple(self.labels.items())
