"""What is to be done next about a message, by the record alone: so that whoever takes it up does the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.incident.deliveries import FAILED, GIVEN_UP, KEPT, OVER, SENDING, UNKNOWN, Attempt, Sent
from cockpit.incident.kinds import Message
from cockpit.incident.state import State
from cockpit.incident.times import lasting
from cockpit.message.delivery.patience import patience

_IN_ROOM = frozenset({"invite", "pin", "archive"})
"""What is done in the incident's own channel, which must have been opened."""
_OF_PAGE = frozenset({"acknowledge", "note"})
_CALLS = frozenset({"page", "acknowledge", "note", "open", "invite", "pin"})
"""What asks somebody to act: pointless once the incident is closed. The last word to an audience still goes."""


class Go(Struct, frozen=True):
    """Try it now on `channel`. `later`: all channels were tried, and this is another round."""

    channel: str
    later: bool = False


class Wait(Struct, frozen=True):
    """Nothing before `until`."""

    until: datetime
    later: bool = False


class Behind(Struct, frozen=True):
    """Not before something became of another message."""

    message: str


class End(Struct, frozen=True):
    """Give it up: it would say what is not so any more, or nobody could take it."""

    reason: str


class Rest(Struct, frozen=True):
    """Nothing is done by itself: it was delivered or given up, or only a person can say what became of it."""


Step = Go | Wait | Behind | End | Rest


def next_step(
    sent: Sent, state: State, now: datetime, earlier: Iterable[Sent], *,
    hasty: bool = False, closed: Collection[str] = (),
) -> Step:  # fmt: skip
    """What to do about `sent`.

    Args:
        earlier: the messages of the incident before it that are not over, the last first.
        hasty: a channel that fails has no second chance before the next one's turn: for a command, which ends soon.
        closed: channels that cannot be used from here.
    """
    if sent.state in OVER:
        return Rest()
    asking = _asking(sent)
    if asking is not None:
        return _due(asking, now)
    if not sent.message.channels:
        return End(f"no channel reaches {sent.message.audience}")
    ahead = next((other for other in earlier if _before(other, sent, now, hasty=hasty)), None)
    if ahead is not None:
        return Behind(ahead.message.message)
    if sent.state != UNKNOWN and (reason := stale(sent, state, now)):
        return End(reason)
    return _way(sent, now, hasty=hasty, closed=closed)


def _asking(sent: Sent) -> Attempt | None:
    """The attempt of which nobody knows what became, and of which that can be found out: that goes first."""
    falls = patience(sent.message.deed).falls
    for attempt in sent.attempts:
        if attempt.state == SENDING or (attempt.state == UNKNOWN and attempt.next_try is not None and not falls):
            return attempt
    return None


def _due(attempt: Attempt, now: datetime, *, later: bool = False) -> Go | Wait:
    early = attempt.next_try is not None and attempt.next_try > now
    return Wait(attempt.next_try, later) if early and attempt.next_try else Go(attempt.channel, later)


def _way(sent: Sent, now: datetime, *, hasty: bool, closed: Collection[str] = ()) -> Step:
    """The channel whose turn it is. One that failed keeps the turn as long as its patience lasts; then the next has
    it; when all had theirs, whichever is due first."""
    patient, spent = patience(sent.message.deed), list[Attempt]()
    for name in sent.message.channels:
        attempt = sent.on(name)
        if name in closed or (attempt is not None and attempt.state in (GIVEN_UP, KEPT)):
            continue
        if attempt is None:
            return Go(name)
        if attempt.state == UNKNOWN and attempt.next_try is None:
            if patient.falls:
                continue
            return Rest()
        if _keeps(attempt, 0.0 if hasty else patient.channel):
            return _due(attempt, now)
        spent.append(attempt)
    first = min(spent, key=lambda attempt: attempt.next_try or now, default=None)
    return _due(first, now, later=True) if first is not None else Rest()


def _keeps(attempt: Attempt, seconds: float) -> bool:
    """Whether a channel that failed is tried again before the next one."""
    since = attempt.since or attempt.fact.at
    return attempt.state == FAILED and (attempt.next_try or since) < since + timedelta(seconds=seconds)


def _before(other: Sent, sent: Sent, now: datetime, *, hasty: bool) -> bool:
    """Whether `sent` waits for `other`, an earlier message of the incident that is not over.

    What needs the other's outcome waits until there is one. Else messages to one audience keep their order for as long
    as the first is really on its way: one that failed on all its channels lets the later ones pass.
    """
    mine, its = sent.message, other.message
    if mine.options.get("message") == its.message or (its.deed == "open" and mine.deed in _IN_ROOM):
        return other.state != UNKNOWN
    if mine.deed in _OF_PAGE and its.deed == "page" and _same_target(mine.audience, its.audience):
        return other.state != UNKNOWN
    in_room = its.deed == "open" and mine.options.get("where") == "incident"
    if its.audience != mine.audience and not in_room:
        return False
    step = _way(other, now, hasty=hasty)
    return other.state == SENDING or (isinstance(step, Go | Wait) and not step.later)


def _same_target(one: str, other: str) -> bool:
    return one == other or not one.startswith("page:")


def stale(sent: Sent, state: State, now: datetime) -> str:
    """Why a message must not go out any more; empty while it may. What somebody asked for again was looked at then."""
    since, message = sent.since.at, sent.message
    if state.merged_into and (message.deed in _CALLS or message.deed == "tell"):
        return "the incident was merged into another, which goes on"
    if message.deed == "page" and state.resolved is not None and state.resolved.at > since:
        return "the incident was resolved meanwhile"
    if message.deed in _CALLS and state.closed is not None and state.closed.at > since:
        return "the incident was closed meanwhile"
    if why := _overtaken(sent, state):
        return why
    lifetime = patience(message.deed).lifetime
    if (now - since).total_seconds() > lifetime:
        return f"{lasting(lifetime)} have passed, and it may not hold any more"
    return ""


def _overtaken(sent: Sent, state: State) -> str:
    """A later word to the same audience went out already; or a page's resolution was written."""
    since, mine = sent.since.at, sent.message
    if mine.deed not in ("tell", "page"):
        return ""
    for other in _later(sent, state):
        its = other.message
        if mine.deed == "tell" and its.deed == "tell" and its.audience == mine.audience:
            if other.delivered is not None and other.delivered.at >= since:
                return f"a later message to {mine.audience} went out before it"
        elif mine.deed == "page" and its.deed == "resolve" and other.fact.at >= since and _ends(its, mine):
            return "the page was resolved meanwhile"
    return ""


def _later(sent: Sent, state: State) -> Iterator[Sent]:
    """Those written after it, the last first."""
    for other in reversed(state.messages.values()):
        if other.message.message == sent.message.message:
            return
        yield other


def _ends(resolution: Message, page: Message) -> bool:
    """Whether a resolution is about `page`: one without a target is about all."""
    target = resolution.options.get("target", "")
    return not target or page.options.get("target", "") == target
