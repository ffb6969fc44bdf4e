"""What responders do about it now, and what is known, in lines for messages: from the record alone."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.incident.state import State
from cockpit.incident.terms import Role, Status

_MOST = 6
"""Lines; a message is no log."""
_OF_EACH = 3


def actions(state: State) -> list[str]:
    """What is done now: the last word with a status, runs in flight, what is being looked into, what is in place, what
    somebody was asked for."""
    if state.over:
        return []
    every = list(dict.fromkeys(line for line in _doing(state) if line))
    return every[:_MOST]


def _doing(state: State) -> Iterator[str]:
    said = latest(state)
    if said not in (mitigation.text for mitigation, _ in state.mitigations):  # a mitigation is a status with its words
        yield from said.splitlines()[:1]
    for run in list(state.runs.values())[-_OF_EACH:]:
        if run.result is None and not run.undone_by:
            yield f"Running: {run.intent.title}"
    for hypothesis in [each for each in state.hypotheses.values() if each.state == "open"][-_OF_EACH:]:
        yield f"Investigating: {hypothesis.text}"
    for mitigation, _ in state.mitigations[-_OF_EACH:]:
        yield f"In place: {mitigation.text}"
    for run in state.in_place()[:_OF_EACH]:
        if run.result is not None:
            yield f"In place: {run.intent.title}"
    for ask in state.open_asks()[:_OF_EACH]:
        yield f"Asked {ask.handle}: {ask.text}"


def latest(state: State) -> str:
    """The last words that came with a status, else the last thing that was decided; empty where nothing was said."""
    said = next((said.text for said in reversed(state.statuses) if said.text), "")
    return said or (state.decisions[-1][0].text if state.decisions else "")


def impact(state: State) -> str:
    """What was said of the impact."""
    return state.impact.text if state.impact else ""


def users_affected(state: State) -> str:
    """Who, and how many: `merchants in Europe, about 400`."""
    said = state.impact
    return ", ".join(part for part in (said.who, said.how_many) if part) if said else ""


def on_call(state: State) -> str:
    """Who is on call: whoever holds that role, else whoever took the alert."""
    held = state.roles.get(Role.ONCALL, "")
    return held or (state.acknowledged.actor if state.acknowledged else "")


def affected(state: State) -> str:
    """The services that are affected, the incident's own first."""
    others = [name for name, (said, _) in state.affected.items() if said.state == "affected" and name != state.service]
    return ", ".join(name for name in (state.service, *others) if name)


def links(state: State) -> list[str]:
    """`title: address`, or the address."""
    return [f"{link.title}: {link.url}" if link.title else link.url for link, _ in state.links]


def status_page_link(state: State) -> str:
    """The address of the public page, if a link of the incident is called so."""
    called = (link.url for link, _ in state.links if "status page" in link.title.lower() or "//status." in link.url)
    return next(called, "")


def is_investigating(state: State) -> bool:
    """Whether nobody has said that the cause is identified or that something was done against it."""
    return state.status in (Status.WATCHING, Status.INVESTIGATING) and state.mitigated is None
