"""A Kubernetes cluster in memory that speaks the real API on loopback."""

from __future__ import annotations

from cockpit.simulator.cluster.access import EVERYTHING, READING, Rule, User
from cockpit.simulator.cluster.cluster import Cluster
from cockpit.simulator.cluster.inside.execution import CommandResult, Commands
from cockpit.simulator.cluster.status import ApiError
from cockpit.simulator.cluster.trouble import Trouble

__all__ = ["EVERYTHING", "READING", "ApiError", "Cluster", "CommandResult", "Commands", "Rule", "Trouble", "User"]
