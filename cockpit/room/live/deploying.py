"""The deployment of the service for those who look at it: as the board has it, and its revisions as they are read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.kinds import Target
from cockpit.incident.times import time_of_day
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.rollouts import rollout
from cockpit.kube.rollouts.rollout import Revision, Rollout
from cockpit.room.live.pods import pods_view
from cockpit.room.requests import Refusal
from cockpit.room.views.rollout import RevisionView, RolloutView
from cockpit.room.views.source import SourceView
from cockpit.signal.board import Board
from cockpit.text import safe

_PROGRAM = re.compile(r"(?:^| )by (\S+)$")
"""How the entry of a release ends that names the program."""


def rollout_view(board: Board, source: Callable[[str], SourceView]) -> RolloutView:
    """The deployment as the board has it; `source` gives how fresh a part of it is."""
    plan = board.plan.cluster
    return RolloutView(
        source("rollout"),
        pods_view(board, source),
        f"{plan.context}/{plan.namespace}" if plan else "",
        plan.deployment if plan else "",
        board.around,
        source("changes") if "changes" in board.parts else None,
    )


class _Told(Struct, frozen=True):
    """What the record says of a revision: which program set it, and when it was rolled out."""

    by: str = ""
    finished: str = ""


async def read_revisions(access: Access, target: Target, entries: Iterable[Entry]) -> list[RevisionView]:
    """The deployment's revisions as they are kept now, the newest first.

    Args:
        entries: the record's, which tells of releases what the cluster does not keep.

    Raises:
        Refusal: they cannot be read; says why and what to do.
    """
    try:
        found = await rollout.read(access, target.namespace, target.deployment)
    except KubeError as error:
        raise Refusal(str(error)) from None
    told = await asyncio.to_thread(_told, list(entries), target.deployment)
    views = [_view(each, found.deployment.changed_by if each.current else "", told) for each in found.revisions]
    return views if any(each.current for each in views) else [_unreleased(found), *views]


def _unreleased(found: Rollout) -> RevisionView:
    """The template that the deployment holds and no replica set has yet: it is paused, or was changed just now."""
    row = found.deployment
    template = found.raw.get("spec", {}).get("template") or {}
    return RevisionView(0, row.image, None, "", "", "", True, row.changed_by, "", template, {})


def _told(entries: Iterable[Entry], deployment: str) -> dict[str, _Told]:
    """What the record says of each revision, by its number."""
    told: dict[str, _Told] = {}
    for entry in entries:
        payload = kinds.read(entry) if entry.kind == kinds.Rollout.kind else None
        if not isinstance(payload, kinds.Rollout) or payload.deployment != deployment or not payload.revision:
            continue
        known = told.get(payload.revision, _Told())
        if payload.state == "began":
            program = _PROGRAM.search(payload.detail)
            told[payload.revision] = _Told(safe(program[1]) if program else "", known.finished)
        elif payload.state == "finished":
            told[payload.revision] = _Told(known.by, time_of_day(entry.occurred))
    return told


def _view(revision: Revision, by: str, told: Mapping[str, _Told]) -> RevisionView:
    """One revision; the cluster counts it anew when it comes back, and the record may know it by earlier numbers."""
    numbers = [str(revision.number), *reversed(revision.annotations.get(rollout.HISTORY, "").split(","))]
    known = [told[number] for number in numbers if number in told]
    finished = next((each.finished for each in known if each.finished), "")
    return RevisionView(
        revision.number,
        revision.image,
        revision.created,
        revision.change_cause,
        revision.replica_set,
        revision.revision_hash,
        revision.current,
        by or next((each.by for each in known if each.by), ""),
        f"{finished}Z" if finished else "",
        revision.template,
        {safe(key): safe(value) for key, value in revision.annotations.items()},
    )
