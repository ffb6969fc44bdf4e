"""`cockpit rollout`: the deployment's rollout as it is now, its revisions, and what changed between two of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from cockpit.cli.context import Failure, Wrong, run, say, share_with
from cockpit.cli.live.opened import opened_live
from cockpit.clock import SystemClock
from cockpit.incident.times import age, time_of_day
from cockpit.room.live.live import Live
from cockpit.room.views.rollout import Difference, RevisionView, RolloutView, compared
from cockpit.room.views.sets import SetView, owners
from cockpit.values import asdict

FIRST = 20.0
"""Seconds to wait for the deployment and what stands around it."""


@click.command(
    help="The rollout as it is now, the revisions, and what changed between two: the current one and the one before it"
    " unless told. Exit 1 when it cannot be read."
)
@click.option("--from", "old", type=click.IntRange(min=1), metavar="REVISION", help="Compare from this revision.")
@click.option("--to", "new", type=click.IntRange(min=1), metavar="REVISION", help="Compare to this revision.")
@click.option("--healthy", is_flag=True, help="Compare from the last one that is known to have been healthy.")
def rollout(old: int | None, new: int | None, healthy: bool) -> None:
    """Print it."""
    if old is not None and healthy:
        raise Wrong("--from and --healthy both choose what to compare from; give one")
    run(lambda: _show(old, new, healthy))


share_with(rollout)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One look: the rollout, its revisions, and the two that are compared."""

    view: RolloutView
    revisions: Sequence[RevisionView]
    old: RevisionView | None
    new: RevisionView | None
    now: datetime
    sets: Sequence[SetView] = ()

    @property
    def found(self) -> Sequence[Difference]:
        """What differs between the two."""
        return compared(self.old, self.new) if self.old and self.new else ()


async def _show(old: int | None, new: int | None, healthy: bool) -> None:
    clock = SystemClock()
    async with opened_live(clock) as live:
        view = await _loaded(live)
        sets = await live.sets() if owners(view.pods) else ()
        if not view.name and sets:
            say("\n".join(_of_sets(sets, view, clock.now())), lambda: {"sets": _set_data(sets, view)})
            return
        if not view.name:
            raise Wrong(f"no deployment is configured for this service{_owners(view)}")
        if view.deployment is None:
            source = view.source
            raise Failure("; ".join(filter(None, (source.detail or source.state, source.mend))))
        revisions = await live.revisions()
    seen = _Seen(view, revisions, *_pair(view, revisions, old, new, healthy), clock.now(), sets)
    say("\n".join(_lines(seen)), lambda: _data(seen))


async def _loaded(live: Live) -> RolloutView:
    """The rollout, as soon as it and what stands around it have been read, or cannot be."""
    deadline = asyncio.get_running_loop().time() + FIRST
    while True:
        view = live.rollout()
        waits = [each for each in (view.source, view.pods.source, view.changes) if each and each.state == "loading"]
        if not waits or asyncio.get_running_loop().time() > deadline:
            return view
        await asyncio.sleep(0.1)


def _pair(
    view: RolloutView, revisions: Sequence[RevisionView], old: int | None, new: int | None, healthy: bool
) -> tuple[RevisionView | None, RevisionView | None]:
    """The two revisions to compare; raises Wrong for one that is not kept."""
    to = _numbered(revisions, new) if new else next((each for each in revisions if each.current), None)
    others = [each for each in revisions if each is not to]
    if old:
        return _numbered(revisions, old), to
    if not healthy:
        return next(iter(others), None), to
    well = next((each for each in others if view.health(each)), None)
    if well is None:
        raise Failure("no other revision is known to have been healthy")
    return well, to


def _numbered(revisions: Sequence[RevisionView], number: int) -> RevisionView:
    found = next((each for each in revisions if each.number == number), None)
    if found is None:
        kept = ", ".join(str(each.number) for each in revisions if each.number) or "none"
        raise Wrong(f"revision {number} is not kept; kept are: {kept}")
    return found


def _owners(view: RolloutView) -> str:
    whose = ", ".join(f"{number} of {who}" for who, number in view.owners.items())
    return f"; the selector finds pods: {whose}" if whose else "; `deployment:` in the configuration names it"


def _lines(seen: _Seen) -> Iterator[str]:
    view, row, status = seen.view, seen.view.deployment, seen.view.status
    if row is None or status is None:
        return
    state = status.message if status.message.startswith(status.state) else f"{status.state}: {status.message}"
    yield f"{view.name} in {view.where}: {state}"
    who = f" by {row.changed_by}" if row.changed_by else ""
    since = f", template set {time_of_day(view.began)}Z, {_ago(view.began, seen.now)} ago{who}" if view.began else ""
    yield f"release    rev {row.revision} ({row.image}){since}"
    if view.deadline:
        yield f"deadline   {time_of_day(view.deadline)}Z, unless it gets on ({row.detail.deadline} s without progress)"
    if row.gitops:
        yield f"owner      {row.gitops} reverts what others change"
    for side in view.sides:
        counts = f"{side.row.wanted} desired, {side.row.replicas} current, {side.row.ready} ready"
        pods = ", ".join(f"{number} {word}" for word, number in side.pods) or "no pods"
        name = f"{'new' if side.new else 'old'}        rev {side.row.revision} {side.row.image}"
        yield f"{name}: {counts}, {side.row.available} available; {pods}"
    for each in row.detail.conditions:
        yield f"condition  {each.type} {each.status}: {each.message or each.reason}"
    yield from (_revision(each, view, seen.now) for each in seen.revisions)
    yield from _changes(seen)
    for ref in view.around.references:
        when = f"changed {_ago(ref.changed_at, seen.now)} ago" if ref.changed_at else ref.state
        yield f"refers to  {ref.kind} {ref.name}: {when}" + (f" by {ref.by}" if ref.by else "")
    yield from _of_sets(seen.sets, view, seen.now)


def _of_sets(sets: Sequence[SetView], view: RolloutView, now: datetime) -> Iterator[str]:
    """The stateful sets and daemon sets that the pods belong to: read, and taken back by kubectl."""
    for each in sets:
        yield f"{each.owner}: {f'unknown: {each.trouble}' if each.trouble else each.message}"
        for kept in each.revisions:
            words = ["current" if kept.current else "", each.runs(kept, view.pods), kept.change_cause]
            said = ", ".join(word for word in words if word)
            yield f"revision   {kept.number:>4} {kept.release:<16} {_ago(kept.created, now):>4}  {said}".rstrip()
        new = next((kept for kept in each.revisions if kept.current), None)
        old = next((kept for kept in each.revisions if kept is not new), None)
        if old is not None and new is not None:
            yield from _changes(_Seen(view, each.revisions, old, new, now))
            yield f"goes back  {each.undo}{old.number}"


def _set_data(sets: Sequence[SetView], view: RolloutView) -> list[Mapping[str, Any]]:
    return [
        {"owner": each.owner, "message": each.message, "done": each.done, "trouble": each.trouble,
         "revisions": [
             {"number": kept.number, "release": kept.release, "created": kept.created, "cause": kept.change_cause,
              "current": kept.current, "pods": each.runs(kept, view.pods), "name": kept.replica_set}
             for kept in each.revisions
         ]}
        for each in sets
    ]  # fmt: skip


def _revision(each: RevisionView, view: RolloutView, now: datetime) -> str:
    words = [
        "current" if each.current else "",
        view.health(each),
        each.change_cause,
        f"by {each.by}" if each.by else "",
    ]
    said = ", ".join(word for word in words if word)
    return f"revision   {each.number or 'next':>4} {each.release:<16} {_ago(each.created, now):>4}  {said}".rstrip()


def _changes(seen: _Seen) -> Iterator[str]:
    if seen.old is None or seen.new is None:
        yield "changed    there is no other revision to compare with"
        return
    yield f"changed    from {_name(seen.old)} to {_name(seen.new)}{'' if seen.found else ': nothing'}"
    for each in seen.found:
        yield f"  {each.name}"
        yield from (f"  {mark} {side}" for mark, side in (("-", each.before), ("+", each.after)) if side is not None)


def _name(revision: RevisionView) -> str:
    return f"rev {revision.number} ({revision.release})" if revision.number else f"what waits ({revision.release})"


def _ago(at: datetime | None, now: datetime) -> str:
    return age((now - at).total_seconds()) if at else "?"


def _data(seen: _Seen) -> Mapping[str, Any]:
    view, row, status = seen.view, seen.view.deployment, seen.view.status
    return {
        "deployment": view.name,
        "state": status.state if status else "unknown",
        "message": status.message if status else "",
        "revision": row.revision if row else None,
        "since": view.began,
        "by": row.changed_by if row else "",
        "deadline": view.deadline,
        "paused": row.paused if row else None,
        "gitops": row.gitops if row else "",
        "sides": [
            {"revision": each.row.revision, "release": each.row.image, "new": each.new, "desired": each.row.wanted,
             "current": each.row.replicas, "ready": each.row.ready, "available": each.row.available,
             "pods": dict(each.pods)}
            for each in view.sides
        ],
        "revisions": [
            {"number": each.number, "release": each.release, "created": each.created, "cause": each.change_cause,
             "by": each.by, "current": each.current, "healthy": view.health(each), "replica_set": each.replica_set}
            for each in seen.revisions
        ],
        "from": seen.old.number if seen.old else None,
        "to": seen.new.number if seen.new else None,
        "changes": [asdict(each) for each in seen.found],
        "references": [asdict(each) for each in view.around.references],
        "autoscaler": view.around.autoscaler,
        "sets": _set_data(seen.sets, view),
    }  # fmt: skip
