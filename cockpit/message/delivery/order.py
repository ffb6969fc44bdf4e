"""The order of an incident's messages, kept: where a thousand wait, each is asked often what stands before it."""

from __future__ import annotations

from collections.abc import Container, Iterator

from cockpit.incident.deliveries import Sent
from cockpit.incident.state import State


class Order:
    """The orders of all incidents that have messages under way."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[str, ...], dict[str, int]]] = {}

    def earlier(self, state: State, message: str, waiting: Container[str]) -> Iterator[Sent]:
        """The messages of the incident before `message` that are among `waiting`, the last first."""
        ids, places = self._of(state)
        for place in range(places.get(message, 0) - 1, -1, -1):
            if (id := ids[place]) in waiting and id in state.messages:
                yield state.messages[id]

    def _of(self, state: State) -> tuple[tuple[str, ...], dict[str, int]]:
        """Each message, and its place; counted anew only when there are more."""
        known = self._known.get(state.incident)
        if known is None or len(known[0]) != len(state.messages):
            places = {id: place for place, id in enumerate(state.messages)}
            known = self._known[state.incident] = (tuple(places), places)
        return known
