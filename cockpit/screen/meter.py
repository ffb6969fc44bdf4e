"""The comms meter in rows: per audience what it was really told last, what was promised, and how that stands."""

from __future__ import annotations

from datetime import datetime

from cockpit.incident.clocks import Due
from cockpit.incident.times import span, time_of_day
from cockpit.room.war_room import WarRoom
from cockpit.screen.glyphs import Glyphs
from cockpit.screen.spans import Row, Span, Tone, fit

STANDINGS: dict[str, Tone] = {"overdue": "bad", "missed": "bad", "due soon": "warn", "met": "good"}
UPDATE = "update:"
"""How the name of the clock of an audience's next update begins."""


def meter(war: WarRoom, glyphs: Glyphs) -> list[Row]:
    """A row for each audience that a clock runs for or that was told something; who was told nothing in one."""
    state, now = war.room.state, war.clock.now()
    clocks = {clock.name.removeprefix(UPDATE): clock for clock in war.room.clocks() if clock.name.startswith(UPDATE)}
    known = dict.fromkeys([*clocks, *war.messages.audiences()])
    rows, untold = [Row("", (Span(" Comms meter", "accent"),))], []
    for audience in known:
        last = state.last_message(audience)
        told = last.delivered.at if last is not None and last.delivered is not None else None
        if told is None and audience not in clocks:
            untold.append(audience)
            continue
        rows.append(_row(audience, told, clocks.get(audience), now, glyphs))
    if untold:
        rows.append(Row("", (Span(f"   told nothing: {', '.join(untold)}", "quiet"),)))
    if not known:
        rows.append(Row("", (Span("   nobody can be told: name channels under `audiences:`", "warn"),)))
    return rows


def _row(audience: str, told: datetime | None, clock: Due | None, now: datetime, glyphs: Glyphs) -> Row:
    """`▲ customers      told 4:12 ago, 02:06:08Z    next overdue 0:12, due 02:36Z`."""
    standing = clock.standing(now) if clock is not None else "no clock"
    tone = STANDINGS.get(standing, "plain" if clock is not None else "quiet")
    mark = glyphs.bad if standing in ("overdue", "due soon") else " "
    said = f"told {span((now - told).total_seconds())} ago, {time_of_day(told)}Z" if told else "told nothing yet"
    return Row(
        f"{UPDATE}{audience}",
        (Span(f" {mark} ", tone), Span(f"{fit(audience, 15)} ", "strong"), Span(f"{fit(said, 27)} "),
         Span(_next(clock, standing, now), tone)),
    )  # fmt: skip


def _next(clock: Due | None, standing: str, now: datetime) -> str:
    if clock is None:
        return "no next one is due"
    left, due = span(clock.left(now).total_seconds()), f"{time_of_day(clock.due)}Z"
    if clock.snoozed(now):
        return f"snoozed to {due}: {clock.why}"
    if standing == "overdue":
        return f"overdue {left}, was due {due}"
    return f"due soon, in {left}, {due}" if standing == "due soon" else f"next in {left}, {due}"
