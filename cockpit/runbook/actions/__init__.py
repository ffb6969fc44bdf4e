"""What a step can run, as data: told apart by `kind`, Kubernetes actions by their verb."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cockpit.runbook.actions.base import (
    RISKS,
    SELECTED_POD,
    SERVICE_DATABASE,
    SERVICE_DEPLOYMENT,
    SERVICE_NAME,
    SERVICE_NAMESPACE,
    SERVICE_SELECTOR,
    Count,
    Reference,
    Risk,
    greater,
)
from cockpit.runbook.actions.kubernetes import (
    DeletePods,
    Describe,
    EditConfigMap,
    Events,
    Exec,
    Get,
    KubernetesAction,
    LogDurations,
    LogPatterns,
    Logs,
    PortForward,
    RolloutHistory,
    RolloutPause,
    RolloutRestart,
    RolloutResume,
    RolloutStatus,
    RolloutUndo,
    Scale,
    SetEnv,
    SetImage,
    Top,
)
from cockpit.runbook.actions.others import LONGEST_SILENCE, Checks, Command, Http, Notify, Silence, Sql, Wait

Action = Annotated[
    KubernetesAction | Sql | Http | Command | Wait | Notify | Silence | Checks, Field(discriminator="kind")
]

__all__ = [
    "LONGEST_SILENCE", "RISKS", "SELECTED_POD", "SERVICE_DATABASE", "SERVICE_DEPLOYMENT", "SERVICE_NAME",
    "SERVICE_NAMESPACE", "SERVICE_SELECTOR", "Action", "Checks", "Command", "Count", "DeletePods", "Describe",
    "EditConfigMap", "Events", "Exec", "Get", "Http", "KubernetesAction", "LogDurations", "LogPatterns", "Logs",
    "Notify", "PortForward", "Reference", "Risk", "RolloutHistory", "RolloutPause", "RolloutRestart", "RolloutResume",
    "RolloutStatus", "RolloutUndo", "Scale", "SetEnv", "SetImage", "Silence", "Sql", "Top", "Wait", "greater",
]  # fmt: skip
