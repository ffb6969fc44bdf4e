"""What the screens see of a service's endpoints: each as it stands, with its last checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from cockpit.room.views.signals import SourceView
from cockpit.signal.endpoint.check import Check
from cockpit.signal.endpoint.course import EndpointState, Past

__all__ = ["Check", "EndpointState", "EndpointsView", "Past"]

_RANK = {"failing": 0, "warning": 1, "unknown": 2, "ok": 3}


class EndpointsView(Struct, frozen=True):
    """The endpoints of a service.

    Attributes:
        source: whether they can be asked.
        rows: each as it stands, in the order of the configuration.
        checks: by an endpoint's name the titles of the runbook's health checks that it answers.
    """

    source: SourceView
    rows: Sequence[EndpointState] = ()
    checks: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def worst_first(self) -> list[EndpointState]:
        """The failing ones, those with a warning, the unknown ones, the others; each as they are configured."""
        return sorted(self.rows, key=lambda each: _RANK[each.state])

    def count(self, state: str) -> int:
        """How many are in a state."""
        return sum(each.state == state for each in self.rows)

    def named(self, id: str) -> EndpointState | None:
        """The endpoint of that name."""
        return next((each for each in self.rows if each.id == id), None)
