"""What a template may say of an incident: words computed from the record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from cockpit.incident.deliveries import OVER
from cockpit.incident.policies import CUSTOMERS
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.incident.times import lasting
from cockpit.message.templates import doing
from cockpit.text import safe

_PLAIN = (
    "service", "service_name", "product_name", "name", "title", "severity", "status", "incident", "commander",
    "duration", "drill",
)  # fmt: skip
_TIMES = ("detected", "declared", "resolved", "since", "now", "next_update")
_KNOWN = (
    "impact", "users_affected", "latest", "actions", "on_call", "affected", "links", "status_page", "status_page_link",
    "every",
)  # fmt: skip
NAMES = frozenset((*_PLAIN, *_TIMES, *_KNOWN))
"""What `context` gives to every template; each is text, empty when the record does not know it."""


def context(
    state: State, now: datetime, next_update: datetime | None, *, label: str = "", telling: Collection[str] = (),
    on_call: str = "",
) -> Mapping[str, str]:  # fmt: skip
    """The values of NAMES for `state` at `now`.

    Args:
        next_update: when the next message is promised; the sentence is left out when it is None.
        label: the incident's label for people, INC-2026-001.
        telling: the audiences that are told in the same act.
        on_call: who a pager says is on call, where the record does not know.
    """
    values = {**_about(state, label), **_times(state, now), **_doing(state)}
    values["next_update"] = clock(next_update, now) if next_update else ""
    values["every"] = _lasting((next_update - now).total_seconds()) if next_update else ""
    values["status_page"] = status_page(state, now, telling)
    values["on_call"] = doing.on_call(state) or on_call
    return {name: safe(value, keep_newlines=name in ("actions", "links", "latest")) for name, value in values.items()}


def _about(state: State, label: str) -> dict[str, str]:
    """What it is called; an incident of no service goes by its own name."""
    service = state.service or state.name
    called = spoken(service)
    return {
        "service": service, "service_name": called, "product_name": called.removesuffix(" Service"),
        "name": state.name, "title": state.title, "severity": state.severity or "",
        "status": state.status.value, "incident": label, "commander": state.roles.get(Role.IC, ""),
        "drill": "drill" if state.drill else "",
    }  # fmt: skip


def _times(state: State, now: datetime) -> dict[str, str]:
    began = state.detected or state.declared
    until = state.resolved.at if state.resolved else now
    since = state.impact.since if state.impact and state.impact.since else began.at if began else None
    return {
        "detected": clock(state.detected.at, now) if state.detected else "",
        "declared": clock(state.declared.at, now) if state.declared else "",
        "resolved": clock(state.resolved.at, now) if state.resolved else "",
        "since": clock(since, now) if since else "",
        "duration": lasting((until - began.at).total_seconds()) if began else "",
        "now": clock(now, now),
    }


def _doing(state: State) -> dict[str, str]:
    return {
        "impact": doing.impact(state), "users_affected": doing.users_affected(state), "latest": doing.latest(state),
        "actions": "\n".join(f"- {line}" for line in doing.actions(state)),
        "affected": doing.affected(state), "links": "\n".join(f"- {link}" for link in doing.links(state)),
        "status_page_link": doing.status_page_link(state),
    }  # fmt: skip


def status_page(state: State, now: datetime, telling: Collection[str] = ()) -> str:
    """Updated, Updating, or Not updated (payment-service-runbook.md:93): whether the public page has spoken.

    With its time: a message is read later than it was written, and a pinned one for hours.
    """
    sent = [each for each in state.messages.values() if each.message.audience == CUSTOMERS]
    if CUSTOMERS in telling:
        return f"Updating since {clock(now, now)}"
    if waiting := [each for each in sent if each.state not in OVER]:
        return f"Updating since {clock(waiting[-1].fact.at, now)}"
    heard = [each.delivered.at for each in sent if each.delivered is not None]
    return f"Updated at {clock(max(heard), now)}" if heard else f"Not updated as of {clock(now, now)}"


def _lasting(seconds: float) -> str:
    """A cadence as people say it: `30 minutes`, `1 hour`, `2 hours`."""
    minutes = round(seconds / 60)
    number, unit = (minutes // 60, "hour") if minutes >= 60 and minutes % 60 == 0 else (minutes, "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def spoken(service: str) -> str:
    """A service as people say it: `payment-service` is Payment Service."""
    return " ".join(word[:1].upper() + word[1:] for word in service.replace("-", " ").replace("_", " ").split())


def clock(at: datetime, now: datetime) -> str:
    """`03:30 UTC`, with the date when that is not today's."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    return at.strftime("%H:%M UTC" if at.date() == now.date() else "%Y-%m-%d %H:%M UTC")
