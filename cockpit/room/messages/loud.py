"""What must be seen on every screen until somebody has mended it: a silent public page, and what is told otherwise
elsewhere than in the record."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.room.messages.agreeing import Disagreement, disagreements
from cockpit.room.messages.meter import silence
from cockpit.room.room import Room


class Loud:
    """Looks at one room; what the record alone decides is found once for each version of it.

    Args:
        room: the record.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._known: tuple[object, tuple[Disagreement, ...]] = (None, ())

    def lines(self, audiences: Sequence[str]) -> list[str]:
        """Each in one sentence with what to do, the gravest first; empty while all is well.

        Args:
            audiences: all of the configuration.
        """
        if self._room.state.declared is None:
            return []
        silent = silence(self._room, audiences)
        said = [silent.words(self._room.clock.now())] if silent else []
        return [*said, *(f"{each.text}: {each.mend}" for each in self._disagreements())]

    def _disagreements(self) -> tuple[Disagreement, ...]:
        room = self._room
        version = (room.incident, room.timeline.version, room.policy)
        if self._known[0] != version:
            found = disagreements(room.state, room.policy, room.setting.places.pagers)
            self._known = (version, tuple(found))
        return self._known[1]
