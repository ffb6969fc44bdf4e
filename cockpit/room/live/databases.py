"""The service's database in the room: what was seen of it, one look for commands, and the end of a session as a job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.room.house import House
from cockpit.room.refusal import Refusal
from cockpit.room.views.database import DatabaseView, Sessions
from cockpit.room.views.signals import SourceView
from cockpit.signal.board import Board
from cockpit.signal.plan import DatabasePlan, database_plan
from cockpit.signal.postgres.source import PostgresSource
from cockpit.signal.readings import SignalReading

if TYPE_CHECKING:
    from cockpit.action.sql.ending import EndBackend

NONE = "no database is configured for this service; add `postgresql` to it"


def database_view(board: Board, source: Callable[[str], SourceView]) -> DatabaseView | None:
    """The database as the board has it; None where none is configured."""
    plan = board.plan.database
    return _view(plan, source("database"), board.sessions) if plan else None


class Looked(Struct, frozen=True):
    """One look at the database, and what its signals read."""

    view: DatabaseView
    readings: Sequence[SignalReading]


async def look(house: House, clock: Clock) -> Looked | None:
    """The database as it is now; None where none is configured. Why nothing is known stands in the view's source."""
    config, service = house.plans.config, house.plans.service
    plan = database_plan(config, config.services[service], house.plans.thresholds) if service else None
    if plan is None:
        return None
    source = PostgresSource(plan, clock, lambda _: None)
    await source.once()
    fresh, part = source.freshness(), source.parts["database"]
    view = SourceView(part.name, part.short, fresh.state, fresh.since, fresh.as_of, fresh.detail, fresh.mend)
    return Looked(_view(plan, view, source.sessions), source.readings())


def ending(config: Config, service: str, pid: int, started: str, *, cancel: bool) -> tuple[str, EndBackend]:
    """What ends a session, or its query, with its title; raises Refusal where no database is configured.

    Args:
        started: when the session began that is meant; empty: whoever has the pid.
    """
    from cockpit.action.kubernetes.reading import Heading  # what acts is imported when somebody acts
    from cockpit.action.sql.ending import EndBackend

    known = config.services.get(service)
    if known is None or known.postgresql is None:
        raise Refusal(NONE)
    title = f"cancel the query of session {pid}" if cancel else f"end session {pid}"
    database = config.postgresql[known.postgresql]
    return title, EndBackend(pid, database, known.postgresql, cancel, started, Heading(title))


def _view(plan: DatabasePlan, source: SourceView, sessions: Sessions | None) -> DatabaseView:
    return DatabaseView(source, plan.name, sessions, tuple(signal.id for signal in plan.signals))
