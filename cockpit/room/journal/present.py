"""Whether a record is the present one of a service."""

from __future__ import annotations

from datetime import datetime, timedelta

from cockpit.incident import kinds
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.room.setting import Setting

WATCHED = timedelta(hours=1)
"""For so long a watch is the present record, where no alert fires in it."""


def goes_on(state: State, setting: Setting, now: datetime) -> bool:
    """Whether a record is still the present one: an incident not closed, or a watch of the last hour, or one in which
    an alert fires that was told today."""
    if state.declared is not None:
        return state.status is not Status.CLOSED and (not setting.placed or _is_here(state.target, setting))
    recent = state.began is not None and now - state.began.at < WATCHED
    recent = recent or any(each.is_recent(now) for each in state.alerts.values())
    return recent and setting.target in (None, state.target)


def _is_here(place: kinds.Target | None, setting: Setting) -> bool:
    """Whether a record's place is the one that the command line named."""
    here = setting.target
    return here is None or place is None or (here.context, here.namespace) == (place.context, place.namespace)
