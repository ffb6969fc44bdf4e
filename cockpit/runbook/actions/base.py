"""What every action has: a kind, a risk, and fields in which a parameter may stand for a value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from cockpit.config import Strict

Risk = Literal["read-only", "changing", "destructive", "interactive"]
RISKS: tuple[Risk, ...] = ("read-only", "interactive", "changing", "destructive")
"""From the least to the greatest."""

SERVICE_NAMESPACE, SERVICE_SELECTOR, SERVICE_DEPLOYMENT, SELECTED_POD = "$namespace", "$selector", "$deployment", "$pod"
"""The first three come from the service's configuration, the last is the selected pod (fill.py)."""
SERVICE_DATABASE, SERVICE_NAME = "$database", "$service"
"""The service's PostgreSQL by its name in the configuration, and the service's own name."""

Reference = Annotated[str, StringConstraints(pattern=r"^\$[a-z][a-z0-9_-]*$")]
"""A parameter that stands for a whole value: `$replicas`."""
Count = Annotated[int, Field(ge=0, le=1_000_000)] | Reference
"""A number, or the parameter that gives it."""


class ActionBase(Strict):
    """What all actions have in common."""

    @property
    def risk(self) -> Risk:
        """What running it can do; unknown is changing."""
        return "changing"


def greater(one: Risk, other: Risk) -> Risk:
    """The greater of two risks."""
    return max(one, other, key=RISKS.index)
