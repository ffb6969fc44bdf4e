"""How long a list or a watch is waited for, and how soon it is tried again."""

from __future__ import annotations

import random

WATCH_SECONDS = 290
"""After this the server ends a watch itself, below the 5 minutes at which proxies cut connections."""
SILENCE = 90.0
"""Seconds without a byte after which a watch counts as dead; bookmarks come about once a minute."""
QUIET = 10.0
"""Seconds without a byte after which it is checked whether a watch still lives."""
PATIENCE = 10.0
"""Seconds without an answer after which the server is called slow, and what was known grows old; it is waited for."""
LONGEST_ANSWER = 45.0
"""Seconds without a byte after which that check has failed: a server in trouble may take half a minute. A connection
whose other end is gone is no reason to wait so long: after `PATIENCE` it is asked once more, over another one."""
SLOW = 5.0
"""Seconds of an answer that are worth a word."""
LOOK = 1.0
"""Seconds of the short watch by which it is checked."""
AT_ONCE = 0.2
"""Seconds within which a watch that is refused or broken again mostly is: it needs no check."""
FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 30.0
SOON = 3
"""Failures after which waits grow no longer when a login is all that is missing."""
SHORT = 1.0
"""A watch that ends sooner than this without an event counts as a failure: reconnecting at once would spin."""

BETWEEN_CLOCKS = 30.0
"""Seconds between two lists that a clock is the reason for: of several API servers each may have its own."""


def backoff(failures: int, jitter: random.Random) -> float:
    """Seconds to wait after so many failures in a row: 1, 2, 4 … 30, each between half and all of it."""
    longest = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(failures - 1, 10))
    return longest * jitter.uniform(0.5, 1.0)
