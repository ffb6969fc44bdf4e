"""The names that completion may offer: what the record and the configuration know."""

from __future__ import annotations

from collections.abc import Iterable

from cockpit.incident.state import State
from cockpit.incident.terms import PROGRAM
from cockpit.room.grammar import Known
from cockpit.room.requests.refs import ref
from cockpit.room.room import Room

RECENT = 200
"""How many of the latest entries are offered by their refs."""


def known(room: Room, services: Iterable[str] = ()) -> Known:
    """The names in `room` as it stands; services are the configuration's."""
    state, entries = room.state, room.timeline.entries[-RECENT:]
    policy = room.policy
    return Known(
        items=[item.id for each in room.setting.checklists for phase in each.phases for item in phase.items],
        entries=[ref(entry) for entry in reversed(entries)],
        labels=_labels(state),
        incidents=[label for id, label in room.labels.items() if id != room.incident],
        handles=_handles(state, [entry.actor for entry in entries], room.actor),
        clocks=[clock.name for clock in room.clocks() if clock.done is None],
        services=list(dict.fromkeys((*services, *state.affected))),
        targets=list(room.setting.targets),
        audiences=list(room.setting.places.audiences),
        severities=list(policy.levels) if policy else (),
        steps=list(room.setting.steps),
    )


def _labels(state: State) -> list[str]:
    matters = (state.hypotheses, state.asks, state.action_items)
    return [each.label for found in matters for each in found.values()]


def _handles(state: State, actors: Iterable[str], own: str) -> list[str]:
    """Everybody whom the record names, the latest to speak first, and whoever asks."""
    named = (own, *reversed(list(actors)), *state.roles.values(), *(ask.handle for ask in state.asks.values()))
    return [name for name in dict.fromkeys(named) if name.startswith("@") and name != PROGRAM]
