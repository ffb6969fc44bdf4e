"""Which template fits what an audience is to hear next."""

from __future__ import annotations

from cockpit.incident.deliveries import LOST
from cockpit.incident.policies import Policy
from cockpit.incident.state import State
from cockpit.message.templates.doing import is_investigating
from cockpit.message.templates.head import Moment
from cockpit.message.templates.template import Template, Templates

INITIAL, UPDATE, RESOLUTION = "status-page-initial", "status-page-update", "status-page-resolution"
"""The shipped templates of the public page (incident-response-process.md:91-106)."""

_ELSE: dict[Moment, tuple[Moment, ...]] = {
    "declaration": ("declaration", "investigating"), "investigating": ("investigating",),
    "update": ("update", "investigating"), "resolution": ("resolution",),
}  # fmt: skip
"""What fits a moment, the best first. What says that the cause is known, or that it is over, fits no earlier one."""


def told(state: State, audience: str) -> bool:
    """Whether `audience` was told something, or is going to be: what all channels refused told nobody."""
    return any(sent.message.audience == audience and sent.state not in LOST for sent in state.messages.values())


def moment(state: State, audience: str) -> Moment:
    """What the next message to `audience` is about.

    That the cause is known is said only after somebody said so, or something was done against the impact; and who was
    told nothing yet hears first that there is an incident.
    """
    if state.over:
        return "resolution"
    if not told(state, audience):
        return "declaration"
    return "investigating" if is_investigating(state) else "update"


def fitting(templates: Templates, audience: str, moment: Moment, policy: Policy | None) -> list[Template]:
    """The templates for `audience` that fit `moment`, the best first: those that are made for it before those that will
    do; of these a team's own, those of the policy's document, those of any."""
    found = [each for each in templates.of(audience) if each.policy == "" or _is_of(policy, each.policy)]
    ways = _ELSE[moment]
    ranked = [
        (ways.index(way), not each.own, each.policy == "", each.name)
        for each in found
        for way in ways
        if way in each.moments
    ]
    return [templates.get(name) for name in dict.fromkeys(name for *_, name in sorted(ranked))]


def _is_of(policy: Policy | None, name: str) -> bool:
    return policy is not None and name in (policy.name, policy.extends)
