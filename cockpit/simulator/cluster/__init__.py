"""A Kubernetes cluster in memory that speaks the real API on loopback."""

from __future__ import annotations

from .access import EVERYTHING, READING, Rule, User
from .cluster import Cluster
from .execution import CommandResult, Commands
from .status import ApiError
from .trouble import Trouble

__all__ = ["EVERYTHING", "READING", "ApiError", "Cluster", "CommandResult", "Commands", "Rule", "Trouble", "User"]
