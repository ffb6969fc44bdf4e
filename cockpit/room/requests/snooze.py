"""Putting a clock off: for a while, with a reason, in the record; the clock never disappears."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.clocks import Due, clocks
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.incident.times import echo
from cockpit.room.requests.desk import Desk, Refusal, must_not_be_closed, worded
from cockpit.text import clean

LONGEST = timedelta(hours=24)


class Snooze(Struct, frozen=True):
    """Put a clock off."""

    clock: str
    duration: timedelta
    why: str

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The snooze, until a time."""
        must_not_be_closed(state)
        clock = _meant(self.clock, clocks(state, desk.policy))
        if not timedelta() < self.duration <= LONGEST:
            raise Refusal("a clock is put off by up to 24 hours; what can wait longer needs another severity")
        until = desk.now + self.duration
        if until <= clock.due:
            raise Refusal(f"'{clock.title}' is due only at {echo(clock.due)}; put it off beyond that, or let it run")
        why = worded(self.why, "why it can wait")
        return [desk.draft(kinds.Snooze(clock=clock.name, until=until, why=why))]


def _meant(text: str, every: list[Due]) -> Due:
    """The running clock that people call `text`: by its name or the title that the header shows; raises Refusal."""
    given = clean(text).strip().lower()
    found = [clock for clock in every if given in (clock.name.lower(), clock.title.lower())]
    running = [clock for clock in found if clock.done is None]
    if len(running) == 1:
        return running[0]
    names = ", ".join(clock.name for clock in every if clock.done is None) or "none"
    if found and not running and found[0].done is not None:
        raise Refusal(f"'{found[0].title}' was done at {echo(found[0].done)} and waits for nothing; running: {names}")
    what = "several clocks are called" if running else "no running clock is called"
    raise Refusal(f"{what} '{given[:40]}'; running: {names}")
