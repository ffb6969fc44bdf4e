"""How the shared record stands, for the person who relies on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

State = Literal["connecting", "together", "reading", "away"]


class Standing(Struct, frozen=True):
    """How both records stand to each other.

    Args:
        state: `together`: everything is there and here; `reading`: others are heard, and nothing can be sent.
        since: when it became so.
        why: why it is not together, in one line.
        waiting: entries of this journal that it does not have yet.
        skew: how far this machine's clock is ahead of the record's; None before it was measured.
    """

    state: State
    since: datetime
    why: str = ""
    waiting: int = 0
    skew: timedelta | None = None
