"""Which two of several revisions are compared: what somebody chose, else the current one and the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cockpit.room.views.rollout import Difference, RevisionView, compared

Two = tuple[RevisionView | None, RevisionView | None]


class Pair:
    """The choice among the revisions of one deployment or set."""

    def __init__(self) -> None:
        self._old = self._new = ""
        self._compared: tuple[RevisionView, RevisionView, Sequence[Difference]] | None = None

    def of(self, revisions: Sequence[RevisionView]) -> Two:
        """The two that are compared, the older side first."""
        by_name = {each.replica_set: each for each in revisions if each.replica_set}
        new = by_name.get(self._new) or next((each for each in revisions if each.current), next(iter(revisions), None))
        old = by_name.get(self._old) or next((each for each in revisions if each is not new), None)
        return old, new

    def choose(self, side: Literal["old", "new"], chosen: RevisionView, revisions: Sequence[RevisionView]) -> None:
        """Compare from (`old`) or to (`new`) that one; where it is on the other side they change places."""
        old, new = self.of(revisions)
        sides = {"old": old, "new": new} | {side: chosen}
        if sides["old"] is sides["new"]:
            sides = {"old": new, "new": old}
        self._old, self._new = (each.replica_set if each else "" for each in (sides["old"], sides["new"]))

    def against(self, old: RevisionView) -> None:
        """Compare the current one with `old`."""
        self._old, self._new = old.replica_set, ""

    def reset(self) -> None:
        """Compare the current one with the one before it."""
        self._old = self._new = ""

    def differences(self, revisions: Sequence[RevisionView]) -> Sequence[Difference]:
        """What differs between the two, worked out once for each two."""
        old, new = self.of(revisions)
        if old is None or new is None:
            return ()
        if not (self._compared and self._compared[0] is old and self._compared[1] is new):
            self._compared = (old, new, compared(old, new))
        return self._compared[2]
