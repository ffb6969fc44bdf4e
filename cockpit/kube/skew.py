"""The cluster's clock beside ours: how far it is ahead, by the `Date` of its answers, and its times moved to our clock.

Ages and graces of what the cluster stamps are meant by its own clock: with times that stand as they come, a clock that
is ten minutes off makes a starting pod a fault at once, or hides one for as long.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

NONE = timedelta()
NOTICED = timedelta(seconds=2)
"""How far two clocks may be apart without anybody caring."""
_SECOND = timedelta(seconds=1)

Read = TypeVar("Read")


class Skew:
    """What the answers of one server have told of its clock.

    Attributes:
        ahead: how far it is ahead of ours; negative where it is behind, nothing while that is below `NOTICED`. It stays
            the same until an answer contradicts it by as much, so that the same time reads the same from one to the
            next.
    """

    def __init__(self) -> None:
        self.ahead = NONE

    def learn(self, date: str, sent: datetime, came: datetime) -> None:
        """Take in the `date` of an answer to what was `sent`, which began when it `came`; both aware, by our clock."""
        if (found := bounds(date, sent, came)) is None:
            return
        least, most = found
        if abs(_nearest(NONE, least, most)) <= NOTICED:
            self.ahead = NONE
        elif abs(_nearest(self.ahead, least, most) - self.ahead) > NOTICED:
            self.ahead = _nearest(self.ahead, least, most)


def bounds(date: str, sent: datetime, came: datetime) -> tuple[timedelta, timedelta] | None:
    """How far a server's clock is ahead, at least and at most, by the `Date` of its answer (RFC 9110, 6.6.1), which has
    whole seconds and was written somewhen on the way; None where it says nothing."""
    try:
        theirs = parsedate_to_datetime(date)
        return (theirs - came, theirs + _SECOND - sent) if theirs.tzinfo and sent <= came else None
    except (TypeError, ValueError, OverflowError):
        return None


def apart(date: str, sent: datetime, came: datetime) -> timedelta | None:
    """How far a server's clock must be ahead (below nothing: behind), by the `Date` of an answer; None where it says
    nothing. What the answer's way and the whole seconds can explain is no difference."""
    found = bounds(date, sent, came)
    return _nearest(NONE, *found) if found else None


def ours(read: Read, ahead: timedelta) -> Read:
    """What was read of a cluster whose clock is `ahead`, with each time in it on our clock."""
    return _moved(read, ahead) if ahead else read


def _nearest(to: timedelta, least: timedelta, most: timedelta) -> timedelta:
    return max(least, min(most, to))


def _moved(read: Any, ahead: timedelta) -> Any:
    if isinstance(read, datetime):
        try:
            return read - ahead
        except OverflowError:  # at an end of the calendar
            return read
    if isinstance(read, msgspec.Struct):
        found = {name: getattr(read, name) for name in read.__struct_fields__}
        moved = {name: _moved(each, ahead) for name, each in found.items() if isinstance(each, _HOLDING)}
        return msgspec.structs.replace(read, **moved) if moved else read
    if isinstance(read, list):
        return [_moved(each, ahead) for each in read]
    return read


_HOLDING = (datetime, msgspec.Struct, list)
"""What a time may stand in: no map of these shapes holds one."""
