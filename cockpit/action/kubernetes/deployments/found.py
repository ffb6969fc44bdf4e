"""A deployment as it was found at one moment: its row for judging, the whole object for comparing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from cockpit.kube.access import Access
from cockpit.kube.paths import resource_path
from cockpit.kube.rollouts.rollout import RolloutStatus, status
from cockpit.kube.rows import DeploymentRow, deployment_row

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A deployment that was read."""

    row: DeploymentRow
    raw: Raw

    @property
    def template(self) -> Raw:
        """Its pod template, unknown fields included."""
        return dict(self.raw["spec"]["template"])

    @property
    def release(self) -> str:
        """Its revision and release, as `rev 43 (1.4.2)`."""
        return release(self.row.revision, self.row.image)

    @property
    def status(self) -> RolloutStatus:
        """How far its rollout is."""
        return status(self.row)

    @property
    def progress(self) -> str:
        """The same with the counts before it."""
        counts = f"{self.row.updated} of {self.row.wanted} updated, {self.row.available} available"
        return f"{counts}; {self.status.message}"

    def remade(self, before: Found) -> str:
        """What happened when it is another object than `before`, under the same name; empty when it is the same."""
        if self.row.uid == before.row.uid:
            return ""
        return f"deployment {self.row.name} was deleted and made anew since the preview"

    def retemplated(self, before: Found) -> str:
        """What happened when its pod template is another than `before`'s; empty when it is the same."""
        if self.template == before.template:
            return ""
        return f"deployment {self.row.name} was changed since the preview: it is now at {self.release}"


def release(revision: int, image: str) -> str:
    """A revision and its image's tag as people see them."""
    return f"rev {revision} ({image})" if image else f"rev {revision}"


def pods(count: int) -> str:
    """A number of pods as people say it."""
    return f"{count} pod{'' if count == 1 else 's'}"


def deployment_path(namespace: str, name: str) -> str:
    """The path of a deployment. Raises KubeError("invalid") for what is no name."""
    return resource_path("apps/v1", "deployments", namespace, name)


async def read_found(access: Access, namespace: str, name: str) -> Found:
    """Read a deployment. Raises KubeError."""
    answer = await access.call("GET", deployment_path(namespace, name))
    return found_in(answer.body, access)


def found_in(body: bytes, access: Access) -> Found:
    """A deployment from what a get or a patch answered. Raises KubeError("server") when it is none."""
    try:
        found = Found(deployment_row(body, access.ahead), access.decode(body, Raw))
        found.template  # noqa: B018 - an answer without one must not be believed
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise access.unreadable(error) from error
    return found
