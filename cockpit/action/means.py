"""What a step is done with: the service's place, the values of its parameters, and what else the house has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cockpit.action.http import InPod
from cockpit.action.ports import BoardView, NoBoard, Silencer, Teller
from cockpit.config import PostgresConfig, ServiceKubernetes
from cockpit.runbook.fill import values
from cockpit.runbook.model import Runbook
from cockpit.runbook.parameters import Parameter, Values
from cockpit.values import replace


@dataclass(frozen=True, slots=True)
class Means:
    """Everything that an action may need besides the cluster.

    Args:
        service: where the service lives; None when no cluster is configured for it.
        values: the parameters' values, those that every step knows among them.
        parameters: what the step declares, for the types.
        databases: the configured PostgreSQL servers by name.
        board: the signals, for what waits and watches.
        spool: the folder beside the record for output that is larger than the record takes; None keeps none.
        kubeconfig: for programs that read one; None leaves it to them.
        context: the context to which the incident is pinned.
        in_pod: where requests are sent from that only a pod of the service can send.
        teller: for steps that tell somebody.
        silencer: where alerts are silenced.
        runbook: for steps that look at several others together.
    """

    service: ServiceKubernetes | None = None
    values: Values = field(default_factory=lambda: Values({}))
    parameters: tuple[Parameter, ...] = ()
    databases: Mapping[str, PostgresConfig] = field(default_factory=dict)
    board: BoardView = field(default_factory=NoBoard)
    spool: Path | None = None
    kubeconfig: Path | None = None
    context: str = ""
    in_pod: InPod | None = None
    teller: Teller | None = None
    silencer: Silencer | None = None
    runbook: Runbook | None = None

    @classmethod
    def at(cls, service: ServiceKubernetes, pod: str | None = None) -> Self:
        """The service's place and a selected pod alone."""
        return cls(service, Values(values(service, pod)))

    def knowing(self, given: Values, parameters: tuple[Parameter, ...]) -> Means:
        """The same with these values."""
        return replace(self, values=given, parameters=parameters)
