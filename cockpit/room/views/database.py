"""What the screens see of a service's database: its sessions as they were read, and how fresh that is."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from cockpit.room.views.signals import SourceView
from cockpit.signal.postgres.sessions import Branch, Holder, Limit, Prepared, Session, Sessions, Wait, tree

__all__ = ["Branch", "DatabaseView", "Holder", "Limit", "Prepared", "Session", "Sessions", "Wait", "tree"]


class DatabaseView(Struct, frozen=True):
    """The PostgreSQL of a service.

    Attributes:
        name: in the configuration.
        sessions: what the last look found; None before the first.
        signals: the ids of the signals that its SQL reads.
    """

    source: SourceView
    name: str
    sessions: Sessions | None = None
    signals: Sequence[str] = ()
