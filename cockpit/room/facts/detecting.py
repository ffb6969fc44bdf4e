"""What alerts become in a record: a detection where one is news, a quiet end where one fires no more, one entry of what
flaps; and nothing of what the record knows, whoever told it first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from cockpit.incident import kinds
from cockpit.incident.alerting import AHEAD, Standing
from cockpit.incident.entry import Entry
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.room.requests import Facts
from cockpit.room.room import Room
from cockpit.signal.changes import AlertsChanged
from cockpit.signal.notice import DEAD_MAN, Notice
from cockpit.values import replace

Told = tuple[kinds.Payload, datetime | None]

MANY = 3
"""More alerts of one rule than these, told at once, are one entry: a storm is read, not counted."""
MOST = 1000
"""Alerts of which one entry speaks."""
MOST_ENTRIES = 50
"""Entries that what is told at once becomes, but for those of thousands of alerts; what is of more rules has one."""
MIXED = "various rules"
"""The name in an entry that speaks of alerts of several rules."""
_NAMED = 5
"""Rules that such an entry names."""
FLAPS = 3
"""An alert that fires so often within FLAPPING flaps: from then on its entries take each other's place."""
FLAPPING = timedelta(minutes=30)


def detections(notices: Sequence[Notice], origin: str, now: datetime) -> Facts:
    """What `notices` add to a record, said by `origin`: an Alertmanager, or an intake.

    Args:
        now: when they were told; nothing is said to have happened after that.
    """
    return Facts(lambda state: told_of(notices, origin, state, now), actor=origin, instead=_instead)


def of_change(change: AlertsChanged) -> Facts:
    """What a polled Alertmanager's list adds to a record: what is not on it any more is over."""

    def told(state: State) -> list[Told]:
        gone = [
            Notice(each.fingerprint, each.name, "resolved", each.started, change.at)
            for each in state.alerts.values()
            if each.fires and each.fingerprint not in change.listed
            and (each.origin == _polled(change.source) or each.fingerprint in change.seen)
        ]  # fmt: skip
        return told_of([*change.firing, *gone], _polled(change.source), state, change.at, change.again)

    return Facts(told, actor="alertmanager", instead=_instead)


def _polled(source: str) -> str:
    """The origin of what an Alertmanager lists: no intake can be called so, whatever its name is."""
    return f"alertmanager/{source}"


async def file(room: Room, facts: Facts) -> tuple[Entry, ...]:
    """Write them where they belong: in the room's record, or where that is closed in another that begins there.

    Raises:
        Refusal: the room is read-only.
        JournalError: they could not be written; nothing was.
    """
    if room.state.status is not Status.CLOSED:
        return await room.perform(facts)
    beside = Room(room.store, room.clock, room.keyboard.own, room.setting)
    await beside.adopt()
    return await beside.perform(facts)


def told_of(
    notices: Sequence[Notice], origin: str, state: State, now: datetime, again: Collection[str] = ()
) -> list[Told]:
    """The payloads that say something new, each with when it occurred.

    Args:
        again: the fingerprints of those that fire now for certain, also when the record has their end.
    """
    each_once = [possible(notice, now) for notice in {each.fingerprint: each for each in notices}.values()]
    over = [notice for notice in each_once if notice.state == "resolved" and _ends(notice, state)]
    back = [notice for notice in each_once if notice.fingerprint in again and _came_back(notice, state)]
    news = [notice for notice in each_once if notice.state != "resolved" and _is_news(notice, state)]
    return [
        *(_resolved(group, origin, state, now) for group in _grouped(over)),
        *(_fires(group, origin, state, now) for group in _grouped(news)),
        *((_fires(group, origin, state, now)[0], now) for group in _grouped(back)),
    ]


def possible(notice: Notice, now: datetime) -> Notice:
    """The notice; without its start, where that is in the future."""
    if notice.started is None or notice.started <= now + AHEAD:
        return notice
    return replace(notice, started=None)


def _came_back(notice: Notice, state: State) -> bool:
    """Whether it fires although the record has its end, and never began anew."""
    known = state.alerts.get(notice.fingerprint)
    return notice.state == "firing" and known is not None and not known.fires and known.began(notice.started)


def _is_news(notice: Notice, state: State) -> bool:
    known = state.alerts.get(notice.fingerprint)
    if notice.severity.lower() == DEAD_MAN:
        return False
    if known is None:
        return True
    return not known.began(notice.started) and not (known.fires and notice.state == "renotified")


def _ends(notice: Notice, state: State) -> bool:
    """Whether it ends what the record has as firing; the late end of an earlier time does not."""
    known = state.alerts.get(notice.fingerprint)
    if known is None or not known.fires:
        return False
    return notice.ended is None or known.started is None or notice.ended >= known.started


def _grouped(notices: Iterable[Notice]) -> list[list[Notice]]:
    """Each by itself; those of one rule that are many, together."""
    by_name = defaultdict[str, list[Notice]](list)
    for notice in notices:
        by_name[notice.name].append(notice)
    groups = list[list[Notice]]()
    for some in by_name.values():
        size = MOST if len(some) > MANY else 1
        groups += [some[first : first + size] for first in range(0, len(some), size)]
    if len(groups) <= MOST_ENTRIES:
        return groups
    others = [notice for group in groups[MOST_ENTRIES - 1 :] for notice in group]
    return groups[: MOST_ENTRIES - 1] + [others[first : first + MOST] for first in range(0, len(others), MOST)]


def _words(group: Sequence[Notice]) -> tuple[str, kinds.AlertWords]:
    """What an entry says of them; of several rules, which they are, and no more of any than is true of all."""
    first, names = group[0], list(dict.fromkeys(notice.name for notice in group))
    if len(names) == 1:
        return first.summary, kinds.AlertWords(name=first.name, severity=first.severity, link=first.link)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    severities = {notice.severity for notice in group}
    severity = severities.pop() if len(severities) == 1 else ""
    return f"{', '.join(names[:_NAMED])}{more}", kinds.AlertWords(name=MIXED, severity=severity)


def _fires(group: Sequence[Notice], origin: str, state: State, now: datetime) -> Told:
    begun = [notice.started for notice in group if notice.started]
    started = min(begun, default=None)
    at = min(started or now, now)
    key = kinds.AlertKey(
        fingerprints=tuple(notice.fingerprint for notice in group), started=max(begun, default=None), origin=origin,
        times=_times(group, state, at),
    )  # fmt: skip
    what, words = _words(group)
    return kinds.Detected(source="monitoring", what=what, alert=key, words=words), at


def _times(group: Sequence[Notice], state: State, at: datetime) -> int:
    """How often an alert that flaps has fired with this time; 1 while it does not."""
    known = state.alerts.get(group[0].fingerprint)
    if len(group) > 1 or known is None:
        return 1
    if known.times > 1:
        return known.times + 1 if at - known.fact.at <= FLAPPING else 1
    lately = [fired for fired in known.fired if at - fired <= FLAPPING]
    return len(lately) + 1 if len(lately) + 1 >= FLAPS else 1


def _resolved(group: Sequence[Notice], origin: str, state: State, now: datetime) -> Told:
    known = [state.alerts[notice.fingerprint] for notice in group]
    ended = max((notice.ended or now for notice in group), default=now)
    at = min(max(ended, *(each.fact.at for each in known)), now)
    key = kinds.AlertKey(
        fingerprints=tuple(each.fingerprint for each in known), started=known[0].started, origin=origin
    )
    names = {notice.name if each.name == MIXED else each.name for notice, each in zip(group, known, strict=True)}
    name = MIXED if len(names) > 1 else names.pop() or group[0].name
    return kinds.AlertResolved(name=name, alert=key), at


def _instead(payload: kinds.Payload, state: State) -> str | None:
    """Of an alert that flaps the latest entry takes the place of the one before."""
    if not isinstance(payload, kinds.Detected | kinds.AlertResolved) or payload.alert is None:
        return None
    known = state.alerts.get(payload.alert.fingerprints[0])
    if known is None or len(payload.alert.fingerprints) > 1:
        return None
    if isinstance(payload, kinds.Detected):
        return known.fact.entry if payload.alert.times > 1 else None
    return _before(known)


def _before(known: Standing) -> str | None:
    """The last end of an alert that flaps."""
    return known.ended.entry if known.times > 1 and known.ended else None
