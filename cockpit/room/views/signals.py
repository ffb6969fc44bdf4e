"""What the screens see of the signals: plain views, made from the board, so that no screen knows a source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from cockpit.kube.pods.row import PodRow
from cockpit.kube.pods.usage import Usage
from cockpit.kube.rows import DeploymentRow, ReplicaSetRow
from cockpit.room.views.pods import PodsView
from cockpit.room.views.source import SourceView
from cockpit.runbook.actions import EditConfigMap
from cockpit.runbook.model import Runbook, Scenario, Step
from cockpit.runbook.suggest import Suggestion
from cockpit.signal.alertmanager.firing import Alert
from cockpit.signal.thresholds.threshold import NOT_READ

__all__ = [
    "Alert",
    "AlertsView",
    "DeploymentRow",
    "PodRow",
    "PodsView",
    "ReplicaSetRow",
    "Runbook",
    "Scenario",
    "SignalView",
    "SourceView",
    "Step",
    "Suggestion",
    "Usage",
    "edits",
]


def edits(step: Step) -> bool:
    """Whether a step is done in an editor: nobody has written down what it is to become."""
    return isinstance(step.action, EditConfigMap) and not step.action.data


class SignalView(Struct, frozen=True):
    """One signal with its threshold.

    `state` is ok, warning, breach, unknown, or none where it has no threshold; `bound` is the one that it is held
    against, the breach's when it is in breach; `reason` says why it is unknown. `far` says how far beyond the bound it
    is, `flapping` how often it crossed lately, `warnings` what its source remarks on a reading that counts. `baseline`
    is what is normal for it now; `warning_level` and `breach_level` are the bounds as numbers in its unit.
    `part` is the id of the source that reads it, empty for none.
    """

    id: str
    title: str
    unit: str
    value: float | None
    state: str
    bound: str = ""
    reason: str = ""
    history: Sequence[float | None] = ()
    at: datetime | None = None
    since: datetime | None = None
    pending: bool = False
    far: str = ""
    flapping: str = ""
    warnings: Sequence[str] = ()
    baseline: float | None = None
    warning_level: float | None = None
    breach_level: float | None = None
    part: str = ""

    @property
    def unread(self) -> bool:
        """Whether nothing was read of it yet, and nothing is wrong with it."""
        return self.value is None and self.at is None and self.reason == NOT_READ

    @property
    def standing(self) -> str:
        """Its state, or `pending` as in Prometheus: past a bound, not yet for as long as the bound's `for`."""
        return "pending" if self.pending and self.state == "ok" else self.state


class AlertsView(Struct, frozen=True):
    """The service's alerts that fire, as the Alertmanager `name` says; `source` says whether that is so now."""

    source: SourceView
    name: str
    rows: Sequence[Alert] = ()

    @property
    def loud(self) -> int:
        """How many tell somebody: neither silenced nor inhibited."""
        return sum(each.state == "active" for each in self.rows)


class Proposal(Struct, frozen=True):
    """A severity that the runbook's criteria propose now, or an alert that fires, and what speaks for it. Only a person
    sets one."""

    level: str
    evidence: str
    by: Literal["criteria", "alert"] = "criteria"

    @property
    def why(self) -> str:
        """The reason of who takes it."""
        return f"by its criteria: {self.evidence}" if self.by == "criteria" else self.evidence


class PersonView(Struct, frozen=True):
    """A cockpit at the shared record: whose, in which role, at which incident, looking at what."""

    handle: str
    role: str
    incident: str
    looking: str
    machine: str
    keyed: datetime | None
    own: bool
    """It is this one."""
    observer: bool
    skewed: str
    """How wrong its machine's clock is, where it is."""


class SharedView(Struct, frozen=True):
    """The shared record: its state and since when, what is to be said about it, and who is there.

    `words` is what the header shows: empty while all is well.
    """

    state: str
    since: datetime
    words: str
    said: tuple[str, ...]
    waiting: int
    people: tuple[PersonView, ...]
