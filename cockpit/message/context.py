"""What a template may say of an incident: words computed from the record, and which template comes next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from cockpit.incident.deliveries import FAILED, GIVEN_UP
from cockpit.incident.policies import CUSTOMERS
from cockpit.incident.state import State
from cockpit.incident.terms import Role, Status
from cockpit.incident.times import lasting
from cockpit.text import safe

INITIAL, UPDATE, RESOLUTION = "status-page-initial", "status-page-update", "status-page-resolution"
"""The shipped templates of the public page (incident-response-process.md:91-106)."""

_PLAIN = ("service", "name", "title", "severity", "status", "incident", "commander", "duration", "drill")
_TIMES = ("detected", "declared", "resolved", "now", "next_update")
NAMES = frozenset((*_PLAIN, *_TIMES))
"""What `context` gives to every template; each is text, empty when the record does not know it."""


def context(state: State, now: datetime, next_update: datetime | None, *, label: str = "") -> Mapping[str, str]:
    """The values of NAMES for `state` at `now`.

    Args:
        next_update: when the next message is promised; the sentence is left out when it is None.
        label: the incident's label for people, INC-2026-001.
    """
    began = state.detected or state.declared
    until = state.resolved.at if state.resolved else now
    values = {
        "service": state.service, "name": state.name, "title": state.title, "severity": state.severity or "",
        "status": state.status.value, "incident": label, "commander": state.roles.get(Role.IC, ""),
        "detected": _clock(state.detected.at, now) if state.detected else "",
        "declared": _clock(state.declared.at, now) if state.declared else "",
        "resolved": _clock(state.resolved.at, now) if state.resolved else "",
        "duration": lasting((until - began.at).total_seconds()) if began else "",
        "now": _clock(now, now), "next_update": _clock(next_update, now) if next_update else "",
        "drill": "drill" if state.drill else "",
    }  # fmt: skip
    return {name: safe(value) for name, value in values.items()}


def _clock(at: datetime, now: datetime) -> str:
    """`03:30 UTC`, with the date when that is not today's."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    return at.strftime("%H:%M UTC" if at.date() == now.date() else "%Y-%m-%d %H:%M UTC")


def suggested(state: State) -> str:
    """The name of the template that the public page needs next.

    Resolution when it is over; initial when customers were told nothing yet, or while nobody has said that the cause
    is identified or mitigated, since the update template claims that; else update.
    """
    if state.over:
        return RESOLUTION
    told = any(
        sent.message.audience == CUSTOMERS and sent.state not in (FAILED, GIVEN_UP) for sent in state.messages.values()
    )
    known = state.status is not Status.INVESTIGATING or state.mitigated is not None
    return UPDATE if told and known else INITIAL
