"""The sets of a service as they are read: what runs beside its deployment, or in place of one."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterable
from typing import cast

from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.rollouts import sets as setrevisions
from cockpit.room.views.rollout import RevisionView
from cockpit.room.views.sets import SetView

MOST = 5
"""Sets that are read: a selector that finds more is too wide for a service."""


async def read_sets(access: Access, namespace: str, owners: Iterable[str]) -> list[SetView]:
    """Each set as it is now; one that cannot be read says why."""
    wanted = list(owners)
    found = await asyncio.gather(*(_read(access, namespace, owner) for owner in wanted[:MOST]))
    return [*found, *(SetView(owner, trouble=f"only {MOST} sets are read") for owner in wanted[MOST:])]


async def _read(access: Access, namespace: str, owner: str) -> SetView:
    kind, _, name = owner.partition("/")
    try:
        rollout = await setrevisions.read(access, namespace, cast(setrevisions.SetKind, kind), name)
    except KubeError as error:
        return SetView(owner, trouble=str(error))
    words = ["kubectl", "--context", access.context, "-n", namespace, "rollout", "undo", f"{kind.lower()}/{name}"]
    views = [
        RevisionView(
            each.number, each.image, each.created, each.change_cause, each.name, each.hashed, each.current,
            template=each.template,
        )
        for each in rollout.revisions
    ]  # fmt: skip
    return SetView(owner, rollout.message, rollout.done, views, f"{shlex.join(words)} --to-revision=")
