"""Presence: what somebody looks at, for those elsewhere, and what is shown of those who are there."""

from __future__ import annotations

from datetime import datetime

from textual.app import App
from textual.screen import Screen

from cockpit.incident.terms import Role
from cockpit.incident.times import age
from cockpit.room.views.signals import PersonView
from cockpit.screen.spans import Span, Spans

IDLE = 600.0
"""Seconds without a key after which nobody can say that somebody still looks at what the screen shows."""


def looking_at(app: App[object]) -> str:
    """What is looked at now: a page by its name, of the cockpit the pane that has the keys."""
    return _named(app.screen) if app.screen_stack else ""


def _named(screen: Screen[object]) -> str:
    name = type(screen).__name__.removesuffix("Page").removesuffix("Screen").removesuffix("Dialog").lower()
    pane = next((each for each in screen.focus_chain if each.has_focus_within), None)
    kind = type(pane).__name__.removesuffix("Pane").lower() if pane is not None and name == "cockpit" else ""
    return kind or name


def person_spans(person: PersonView, now: datetime, elsewhere: str) -> Spans:
    """Who it is, in which role, where, and whether somebody sits there.

    Args:
        elsewhere: the label of another incident that is open there; empty where it is this one, or none.
    """
    role = Role(person.role).short if person.role in set(Role) else person.role[:8]
    said = [f"observes{_on(person)}" if person.observer else _seat(person, now)]
    said += [f"in {elsewhere}"] if elsewhere else []
    said += [person.skewed] if person.skewed else []
    mine = " (you)" if person.own else ""
    return (Span(f"  {person.handle:<16} {role:<9}", "strong"), Span(f"{', '.join(said)}{mine}", "quiet"))


def _on(person: PersonView) -> str:
    return f" on {person.machine}" if person.machine else ""


def _seat(person: PersonView, now: datetime) -> str:
    """`timeline on laptop, last key 12s ago`; `no key for 25m, timeline on laptop` of one who may have left it."""
    at = f"{person.looking or 'the cockpit'}{_on(person)}"
    if person.keyed is None:
        return f"{at}, no key yet"
    idle = (now - person.keyed).total_seconds()
    return f"no key for {age(idle)}, {at}" if idle >= IDLE else f"{at}, last key {age(idle)} ago"
