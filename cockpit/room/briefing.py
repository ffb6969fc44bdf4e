"""The brief of a room's incident, as it stands now: for the screen, the command line and a handover."""

from __future__ import annotations

from cockpit.room.room import Room
from cockpit.scribe.brief import Brief, brief


def brief_of(room: Room) -> Brief:
    """Where the incident of `room` stands."""
    return brief(room.state, label=room.label, now=room.clock.now(), policy=room.setting.policy)
