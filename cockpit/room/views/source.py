"""What the screens see of a source: its state, since when, and what is wrong with it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class SourceView(Struct, frozen=True):
    """One source, as fresh as it is.

    `state` is loading, live, stale, forbidden, unauthorized, unreachable, error or off; `as_of` when its data was last
    known to be true; `short` is what the header calls it; `took` the seconds of its last answer, None where none is
    known.
    """

    name: str
    short: str
    state: str
    since: datetime
    as_of: datetime | None = None
    detail: str = ""
    mend: str = ""
    took: float | None = None

    @property
    def trusted(self) -> bool:
        """Whether what it says is so now."""
        return self.state == "live"
