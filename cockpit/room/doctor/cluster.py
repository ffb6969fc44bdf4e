"""The doctor at the cluster: whether it answers, whose login it is and until when, its clock, and the rights."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from cockpit.clock import Clock
from cockpit.config import Config
from cockpit.incident.kinds import Target
from cockpit.incident.quantities import took
from cockpit.incident.times import echo, lasting
from cockpit.kube import needs
from cockpit.kube.access import Access, Permission
from cockpit.kube.around.needs import needs_around
from cockpit.kube.errors import KubeError
from cockpit.kube.needs import Need
from cockpit.kube.skew import apart
from cockpit.room.doctor.finding import Finding
from cockpit.room.doctor.rights import needs_of, needs_of_endpoint
from cockpit.room.house import House
from cockpit.runbook.model import Runbook

SKEWED = 2.0
"""Seconds that two clocks may differ before times of one cannot be held against times of the other."""
SOON = 900.0
"""Seconds before the end of a login at which it is said."""
_MOST = 3
"""Steps that are named; of more, how many."""

Asked = tuple[str, str, str, str, str]
"""A permission: verb, group, resource, subresource and name."""
Answers = Mapping[Asked, Permission]


async def cluster(house: House, config: Config, clock: Clock) -> AsyncIterator[Finding]:
    """The cluster that the incident is pinned to."""
    target = house.room.target
    if target is None:
        yield Finding("cluster", "warn", "no cluster is configured for this service", "add `kubernetes` to the service")
        return
    kubeconfig = config.kubernetes[target.cluster].kubeconfig if target.cluster in config.kubernetes else None
    try:
        access = await Access.open(target.context, kubeconfig, clock)
    except KubeError as error:
        yield Finding("cluster", "bad", f"{target.context}: {error.message}", error.mend)
        return
    try:
        for finding in await _reached(access, clock):
            yield finding
        yield Finding("user", "ok", await needs.user(access) or "the cluster does not say, as those before 1.28")
        service = config.services.get(house.plans.service)
        asking = [
            each for name, it in (service.endpoints if service else {}).items() for each in needs_of_endpoint(name, it)
        ]
        async for finding in _rights(access, target, house.runbook, asking):
            yield finding
    except KubeError as error:
        yield Finding("cluster", "bad", f"{target.context}: {error.message}", error.mend)
    finally:
        await access.close()


async def _reached(access: Access, clock: Clock) -> list[Finding]:
    """That it answers, how soon, what its clock says, and until when the login holds."""
    version = await access.version()  # the first answer waits for the handshake
    sent, began = clock.now(), clock.monotonic()
    answer = await access.call("GET", "/version")
    seconds = clock.monotonic() - began
    found = [Finding("cluster", "ok", f"{access.context}: {access.server}, version {version}, {took(seconds)}")]
    came = sent + timedelta(seconds=seconds)
    if (ahead := apart(answer.headers.get("date", ""), sent, came)) is not None:
        found.append(clock_finding("clock of the cluster", ahead.total_seconds(), moved=True))
    if (expires := access.expires) is not None:
        found.append(_login(expires, clock.now()))
    return found


def clock_finding(what: str, skew: float, *, moved: bool = False) -> Finding:
    """A clock that is `skew` seconds ahead of ours; `moved` tells whether what it stamps is shown by ours."""
    if abs(skew) <= SKEWED:
        return Finding(what, "ok", "agrees with ours" if abs(skew) < 1 else f"differs from ours by {abs(skew):.0f} s")
    side = "ahead of" if skew > 0 else "behind"
    said = f"is {lasting(skew)} {side} ours"
    meanwhile = "until then its times are moved to ours" if moved else "its times and ours cannot be compared"
    return Finding(what, "warn", said, f"set the clocks by NTP: {meanwhile}")


def _login(expires: datetime, now: datetime) -> Finding:
    left = (expires - now).total_seconds()
    said = f"holds until {echo(expires)}, for {lasting(left)}" if left > 0 else f"has ended at {echo(expires)}"
    if left > SOON:
        return Finding("login", "ok", said)
    return Finding("login", "warn", said, "it is renewed by itself where it can be; else log in again")


async def _rights(
    access: Access, target: Target, runbook: Runbook | None, asking: Sequence[Need]
) -> AsyncIterator[Finding]:
    """What every cockpit needs, this service's and its endpoints' besides, what the runbook's steps need, and the
    scenarios that would not go through."""
    around = await needs_around(access, target.namespace, target.selector, target.deployment)
    own = [*needs.NEEDS, *around, *asking]
    wanted = _by_permission(own)
    for step in runbook.steps() if runbook else ():
        for need in needs_of(step):
            wanted.setdefault(_asked(need), []).append(need)
    asked = await needs.permissions(access, target.namespace, target.deployment, [each[0] for each in wanted.values()])
    answers = {key: permission for key, (_, permission) in zip(wanted, asked, strict=True)}
    for key, found in wanted.items():
        ours = [each for each in found if each in own]
        yield _right(ours, found[0], _steps(found, own), answers[key], target.namespace)
    if runbook is not None:
        for finding in scenarios(runbook, answers):
            yield finding


def _by_permission(found: Iterable[Need]) -> dict[Asked, list[Need]]:
    groups: dict[Asked, list[Need]] = {}
    for need in found:
        groups.setdefault(_asked(need), []).append(need)
    return groups


def _asked(need: Need) -> Asked:
    return need.verb, need.group, need.resource, need.subresource, need.name


def _steps(found: Sequence[Need], own: Collection[Need]) -> str:
    """The steps that need a permission."""
    steps = list(dict.fromkeys(each.purpose for each in found if each not in own))
    more = f" and {len(steps) - _MOST} more" if len(steps) > _MOST else ""
    return f"steps: {', '.join(steps[:_MOST])}{more}" if steps else ""


def _right(own: Sequence[Need], need: Need, steps: str, permission: Permission, namespace: str) -> Finding:
    """One permission, what the cockpit itself needs it for, and the steps that do."""
    uses = ", ".join(dict.fromkeys(each.purpose for each in own))
    purpose = "; ".join(filter(None, (uses, steps)))
    if permission.allowed:
        return Finding(str(need), "ok", f"may {purpose}" if own else f"allowed; {purpose}")
    said = f"may not {purpose}" if own else f"not allowed; {purpose}"
    said += f": {permission.reason}" if permission.reason else ""
    ask = f"ask for `{need}` in {namespace}"
    if own and not all(each.changing or each.extra for each in own):
        return Finding(str(need), "bad", said, ask)
    if own and not any(each.changing for each in own):
        return Finding(str(need), "warn", said, f"{ask}; all else is there without it")
    return Finding(str(need), "warn", said, f"{ask}, or let another do it")


def scenarios(runbook: Runbook, answers: Answers) -> list[Finding]:
    """Each scenario of which the cluster would refuse a step."""
    found = []
    for scenario in runbook.scenarios:
        refused = [
            f"{step.id} ({need})"
            for step in scenario.steps
            for need in needs_of(step)
            if not answers[_asked(need)].allowed
        ]
        if refused:
            said = f"{len(refused)} of {len(scenario.steps)} steps would be refused: {', '.join(refused)}"
            mend = "ask for the permissions before it is needed, or know who has them"
            found.append(Finding(f"scenario {scenario.id}", "warn", said, mend))
    return found
