"""Audiences: who is told through which channels, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_DRILL = "drill:"
"""Before a channel's name; no channel of the configuration can be called so."""


def of_drills(channels: Sequence[str]) -> tuple[str, ...]:
    """The channels that a drill uses in the place of `channels`: each has one of its own, which reaches nobody."""
    return tuple(f"{_DRILL}{name}" for name in channels)


class AudienceError(Exception):
    """An audience is unknown or nobody can reach it; the message says what to configure."""


class Audiences:
    """The configuration's audiences.

    Args:
        audiences: the names of each one's channels, the first to be tried first.
    """

    def __init__(self, audiences: Mapping[str, Sequence[str]]) -> None:
        self._audiences = {name: tuple(channels) for name, channels in audiences.items()}

    def names(self) -> list[str]:
        """All audiences, in the configuration's order."""
        return list(self._audiences)

    def reaches(self, audience: str) -> bool:
        """Whether some channel reaches `audience`."""
        return bool(self._audiences.get(audience))

    def channels(self, audience: str) -> tuple[str, ...]:
        """The channels of `audience`, as a message entry names them; raises AudienceError when there is none."""
        channels = self._audiences.get(audience, ())
        if not channels:
            known = ", ".join(name for name, ways in self._audiences.items() if ways) or "none"
            raise AudienceError(
                f"no channel reaches '{audience}' (reached: {known}); name one under `audiences:` in the configuration"
            )
        return channels
