"""What a room is about, from the configuration."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from cockpit.config import PageTarget
from cockpit.incident import kinds
from cockpit.incident.checklists import Checklist
from cockpit.incident.clocks import Due, clocks
from cockpit.incident.policies import Policy, shipped
from cockpit.incident.state import State
from cockpit.room.messages.places import Places
from cockpit.room.permission import Permission
from cockpit.runbook.model import Step


class Setting(Struct, frozen=True):
    """What a room is about, from the configuration: fixed while it is open."""

    service: str = ""
    policy: Policy | None = None
    target: kinds.Target | None = None
    checklists: tuple[Checklist, ...] = ()
    policies: Mapping[str, Policy] = field(default_factory=shipped)
    """All there are, by name: an incident of another service may have another."""
    targets: Mapping[str, PageTarget] = field(default_factory=dict)
    """Whom `page` reaches."""
    steps: Mapping[str, Step] = field(default_factory=dict)
    """The runbook's steps by id."""
    severities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Which severity the word of an alert proposes; see `cockpit.room.facts.severities`."""
    alone: bool = False
    """Where no service is named, only records that name none are meant, and not any there is."""
    placed: bool = False
    """The command line named the place: an incident that is pinned elsewhere is not meant."""
    permission: Permission = field(default_factory=Permission)
    """What each role may do."""
    places: Places = field(default_factory=Places)
    """What the channels can do besides telling."""

    def is_about(self, service: str) -> bool:
        """Whether a record about `service` is meant here; where none is configured, any is."""
        return service == self.service or not (self.service or self.alone)

    def clocks_of(self, state: State) -> list[Due]:
        """The clocks of any incident, by the policy that its record names."""
        return clocks(state, self.policies.get(state.policy))
