"""How long a message is tried: on one channel before the next one has its turn, and at all; and the gaps between.

The gaps double from a second to the longest and are jittered (half of each is chance), so that cockpits that failed
together do not come back together. What a provider asks for (Retry-After) counts where it is longer.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.incident.kinds import Deed


class Patience(Struct, frozen=True):
    """All in seconds.

    Attributes:
        channel: how long one channel is tried before the audience's next is; a wait that would end later does not keep
            the next one waiting.
        longest: the longest gap between two attempts.
        lifetime: how long after it was written, or somebody asked for it again, it is tried by itself.
        falls: whether an outcome that nobody knows sends it on to the next channel too: to be called twice harms less
            than not to be called.
    """

    channel: float
    longest: float
    lifetime: float
    falls: bool = False


_MINUTE, _HOUR = 60.0, 3600.0

_PAGE = Patience(channel=10, longest=30, lifetime=_HOUR, falls=True)
"""A responder has five minutes to confirm ("Confirm alert received within 5 minutes for P0/P1",
production-incident-response-plan.md:79), and then the next on the ladder is due: pager, chat and e-mail together are
tried within half a minute. After an hour others were called."""
_TELL = Patience(channel=2 * _MINUTE, longest=5 * _MINUTE, lifetime=4 * _HOUR)
"""The public page may stay silent for five minutes ("Update within 5 minutes", payment-service-runbook.md:96): two for
a channel leave time for the next. After four hours an update is no news."""
_PAGER = Patience(channel=_MINUTE, longest=5 * _MINUTE, lifetime=24 * _HOUR)
"""What follows a page belongs where the page is."""
_REST = Patience(channel=5 * _MINUTE, longest=10 * _MINUTE, lifetime=24 * _HOUR)
"""Tickets, meetings, the incident's own channel: nobody waits for them with a pager in the hand."""

_OF: dict[Deed, Patience] = {
    "page": _PAGE, "tell": _TELL, "acknowledge": _PAGER, "resolve": _PAGER, "note": _PAGER,
}  # fmt: skip


def patience(deed: Deed) -> Patience:
    """That of a message that does `deed`."""
    return _OF.get(deed, _REST)


def next_try(deed: Deed, number: int, now: datetime, chance: random.Random, after: float = 0.0) -> datetime:
    """When to try again after the attempt `number` (from 1) of now.

    Args:
        after: seconds that the provider asked for.
    """
    gap = min(2.0 ** min(number - 1, 20), patience(deed).longest)
    return now + timedelta(seconds=max(after, gap / 2 + chance.random() * gap / 2))
