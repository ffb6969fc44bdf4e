"""What somebody or something else changed of what the service stands on: programs, never persons, are named."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from cockpit.incident.kinds.payload import Payload

Matter = Literal["scale", "pause", "template", "remade", "bounds", "data", "selector"]
"""What of an object changed: how many pods a deployment wants; that its rollout was paused or resumed; its pod template
while it is paused; that it was deleted, or made anew, or both; an autoscaler's bounds; the keys of a config map or
secret; which pods a service selects."""


class Changed(Payload):
    """An object was changed by somebody else: not by a run of this record.

    Attributes:
        object: as kubectl names it, `deployment/payment-service`, `configmap/payment-config`.
        before, after: its values; both are empty where they are many, or secret.
        by: the program that did it; empty where the cluster does not say.
        detail: what changed, where it is more than one value.
        version: the object's resourceVersion then, by which cockpits know that they saw the same change.
        count: how many changes this one entry stands for.
        seconds: over how long they came.
    """

    kind = "change"
    free = ("object", "from", "to", "by", "detail")
    object: str
    matter: Matter
    before: str = Field(alias="from", default="")
    after: str = Field(alias="to", default="")
    by: str = ""
    detail: str = ""
    version: str = ""
    count: int = 1
    seconds: float = 0.0
    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True, defer_build=True
    )

    @property
    def subject(self) -> str:
        """Object and matter: what has one latest change."""
        return f"{self.object} {self.matter}"
