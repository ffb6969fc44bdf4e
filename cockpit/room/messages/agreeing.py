"""Where what was told elsewhere and the record disagree: the public page and the pager, as the record knows of them.

Only what was delivered counts as said there: not what a later channel of the audience took because the page did not.
What somebody does by hand at the page or at the pager is not looked up: the cockpit knows what it sent. A message that
is on its way is waited for before anything is called a disagreement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC
from typing import Literal

from msgspec import Struct

from cockpit.incident.kinds import Message
from cockpit.incident.policies import CUSTOMERS, Policy
from cockpit.incident.state import Sent, State
from cockpit.incident.terms import Status

__all__ = ["IMPACTS", "Disagreement", "disagreements", "impact_of", "open_pages"]

IMPACTS = ("none", "minor", "major", "critical")
"""How grave a public page calls an incident, the least first: Statuspage's own words."""

_PROGRESS = (Status.INVESTIGATING, Status.IDENTIFIED, Status.MONITORING, Status.RESOLVED)
"""What a public page may say, in its order; our `mitigating` is its `identified`, our `closed` its `resolved`."""
_AS_SAID = {Status.MITIGATING: Status.IDENTIFIED, Status.CLOSED: Status.RESOLVED}
_OF_TEMPLATE = {"initial": Status.INVESTIGATING, "update": Status.IDENTIFIED, "resolution": Status.RESOLVED}
"""For records of before, whose messages do not say where the incident stood."""
_UNDER_WAY = ("queued", "sending")


class Disagreement(Struct, frozen=True):
    """One thing that is told differently in two places.

    Attributes:
        subject: where it is told otherwise.
        text: both, in one short sentence, with the time (UTC) of what was said there.
        mend: what to do now.
    """

    subject: Literal["page", "pager"]
    text: str
    mend: str


def disagreements(state: State, policy: Policy | None, pagers: Collection[str] = ()) -> list[Disagreement]:
    """What does not agree now, the page first; none before the declaration and none in a merged duplicate.

    Args:
        policy: ranks the severities.
        pagers: the names of the channels where a page stays open until it is resolved.
    """
    if state.declared is None or state.merged_into:
        return []
    return [*_page(state, policy), *_pager(state, pagers)]


def impact_of(severity: str | None, policy: Policy | None) -> str:
    """How grave a public page should call a severity: the policy's gravest is critical, the next major, then minor,
    then none. Empty where the policy does not have it."""
    levels = list(policy.levels) if policy else []
    if severity not in levels:
        return ""
    return IMPACTS[max(0, len(IMPACTS) - 1 - levels.index(severity))]


def _page(state: State, policy: Policy | None) -> Iterator[Disagreement]:
    told = sorted((each for each in state.messages.values() if _is_public(each.message)), key=lambda each: each.fact.at)
    delivered = [each for each in told if each.delivered is not None and not each.fallen_to]
    if not delivered:
        return
    last, newest = delivered[-1], told[-1]
    if newest is not last and newest.state in _UNDER_WAY:
        return
    said, stands = _said(last.message), _AS_SAID.get(state.status, state.status)
    at = last.fact.at.astimezone(UTC).strftime("%H:%MZ")
    if said is not None and state.over and said is not Status.RESOLVED:
        text = f"the record is {state.status.value}, the public page says {said.value} ({at}){_lost(newest, last)}"
        closed = state.status is Status.CLOSED  # nothing is sent of it any more
        send = "`/reopen WHY` and send" if closed else "send"
        yield Disagreement("page", text, f"{send} it the resolution (u, `cockpit message send`), or retry it (m)")
    elif said in _PROGRESS and stands in _PROGRESS and _PROGRESS.index(said) > _PROGRESS.index(stands):
        text = f"the public page says {said.value} ({at}), the record is {state.status.value}"
        yield Disagreement("page", text, "send it an update (u, `cockpit message send`), or set the status (/status)")
    if not state.over:
        yield from _milder(state, policy, delivered)


def _milder(state: State, policy: Policy | None, delivered: list[Sent]) -> Iterator[Disagreement]:
    """The page calls it less grave than its severity is."""
    stated = [each.message.options["impact"] for each in delivered if each.message.options.get("impact") in IMPACTS]
    fits = impact_of(state.severity, policy)
    if stated and fits and IMPACTS.index(stated[-1]) < IMPACTS.index(fits):
        text = f"the public page calls the impact {stated[-1]}, the record is {state.severity} ({fits})"
        yield Disagreement("page", text, "send an update with the impact (u), or correct the severity (e)")


def _pager(state: State, pagers: Collection[str]) -> Iterator[Disagreement]:
    if not state.over:
        return
    for page, channel in open_pages(state, pagers):
        target = page.message.audience.partition(":")[2]
        answers = [each for each in state.messages.values() if _resolves(each, page)]
        if any(each.state in _UNDER_WAY for each in answers):
            continue
        lost = f" (resolving it: {answers[-1].state})" if answers else ""
        text = f"the record is {state.status.value}, {target} is still paged by {channel}{lost}"
        mend = "retry it (m, `cockpit message retry`), or resolve it at the pager" if answers else "resolve it there"
        yield Disagreement("pager", text, mend)


def open_pages(state: State, pagers: Collection[str]) -> list[tuple[Sent, str]]:
    """The pages that one of `pagers` took, or may have taken, and that nothing which was delivered there has resolved,
    with the pager."""
    found = []
    for sent in state.messages.values():
        for attempt in sent.ringing:
            if attempt.channel in pagers and not _resolved_at(state, sent, attempt.channel):
                found.append((sent, attempt.channel))
    return found


def _resolved_at(state: State, page: Sent, channel: str) -> bool:
    answers = (each for each in state.messages.values() if _resolves(each, page))
    return any((channel, "sent") in [(name, standing) for name, standing, _ in each.deliveries] for each in answers)


def _resolves(answer: Sent, page: Sent) -> bool:
    """Whether a message resolves that page, and was written after it."""
    target = answer.message.options.get("target", "")
    about = target in ("", page.message.audience.partition(":")[2])
    return answer.message.deed == "resolve" and about and answer.fact.at >= page.fact.at


def _is_public(message: Message) -> bool:
    return message.audience == CUSTOMERS and message.deed == "tell"


def _said(message: Message) -> Status | None:
    """Where a message says that the incident stands; None where it does not say."""
    if message.standing in list(Status):
        standing = Status(message.standing)
        return _AS_SAID.get(standing, standing)
    return _OF_TEMPLATE.get(message.template.rpartition("-")[2])


def _lost(newest: Sent, last: Sent) -> str:
    """That the resolution was sent and did not arrive."""
    if newest is last or _said(newest.message) is not Status.RESOLVED:
        return ""
    return f"; its resolution {f'went only to {newest.fallen_to}' if newest.fallen_to else f'is {newest.state}'}"
