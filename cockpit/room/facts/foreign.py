"""What somebody else changed, as entries: not what a run of this record did, and not what another cockpit told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from cockpit.incident import kinds
from cockpit.incident.state import Run, State
from cockpit.signal.foreign.change import ForeignChange

OWN = "incident-cockpit"
"""The field manager of what a cockpit changes: how it calls itself to the API server."""
LATE = timedelta(seconds=30)
"""So long after its end, and before its start, a change may be that of a run: two clocks, and a watch that lags."""
UNFINISHED = timedelta(minutes=15)
"""So long after its start a change may be that of a run without a result: nobody knows how it ended."""

_ANY = frozenset({"patch", "apply", "edit", "replace"})
_VERBS = {"scale": _ANY | {"scale"}, "pause": _ANY | {"pause", "resume"}}
"""The words of a command that can change this; anything else can be changed by any command on the object."""


def payload_of(change: ForeignChange) -> kinds.Changed:
    """The entry's payload."""
    fields = {"object": change.object, "matter": change.matter, "from": change.before, "to": change.after}
    more = {"by": change.by, "detail": change.detail, "version": change.version, "count": change.count}
    return kinds.Changed.model_validate(fields | more | {"seconds": change.seconds})


def ours(change: ForeignChange, state: State) -> bool:
    """Whether a run of the record made the change: one on the same thing that was under way then, or had just ended."""
    return any(_made(run, change) for run in reversed(state.runs.values()) if run.changes)


def told_already(payload: kinds.Changed, state: State) -> bool:
    """Whether the record's latest word on the same thing is as new, or newer."""
    found = state.changes.get(payload.subject)
    if found is None or not payload.version:
        return False
    (had, known), (has, version) = _version(found[0].version), _version(payload.version)
    return found[0].version == payload.version or (had == has and -1 < version <= known)


def _version(text: str) -> tuple[str, int]:
    """The object's uid, and its count of changes; -1 for what cannot be compared but for equality.

    A resource version grows with every change (kubernetes.io/docs/reference/using-api/api-concepts, "Resource
    versions"), as a generation does.
    """
    uid, _, number = text.partition("/")
    return uid, int(number) if number.isascii() and number.isdigit() else -1


def _made(run: Run, change: ForeignChange) -> bool:
    from cockpit.action.kubernetes.meanwhile import made_by  # the first picture does not wait for what acts

    if not _while(run, change.at):
        return False
    words = set(re.split(r"[\s/=,'\"]+", run.intent.command))
    verbs = _VERBS.get(change.matter)
    if verbs is not None and not words & verbs:
        return False
    wanted = made_by(run.intent.prior or {}).get("replicas") if change.matter == "scale" else None
    if wanted is not None and wanted != change.after:
        return False
    if run.intent.object == change.object:
        return change.by in ("", OWN)
    return change.by != OWN and change.object.partition("/")[2] in words  # a program that the run started


def _while(run: Run, at: datetime) -> bool:
    """Whether a run was under way at that time, about."""
    began = run.started.at
    ended = run.checked.at if run.checked else run.ended.at if run.ended else began + UNFINISHED
    return began - LATE <= at <= ended + LATE
