"""Raw bytes of a log made into lines: cleaned, redacted, cut where too long, each with its time and each once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cockpit.text import MASK, safe

LONGEST_LINE = 4_000
"""Characters of a line that are kept."""
LONGEST_RAW = 64 * 1024
"""Bytes of a line that are held until its end comes; the rest is counted only."""

_PRIVATE_KEY = ("-----BEGIN ", "PRIVATE KEY-----", "-----END ")
_SECOND = 19
"""Characters of `2026-01-31T03:41:00`."""
_MOST_REMEMBERED = 50_000


class LogLine(NamedTuple):
    """One line of a log.

    Attributes:
        pod, container: whose it is.
        text: cleaned and redacted.
        at: when it was written, by the node's clock; None where the server does not say.
        fine: the nanoseconds that `at` has no room for, as three digits.
        note: it is the cockpit's word about the log, and none of its lines.
    """

    pod: str
    container: str
    text: str
    at: datetime | None = None
    fine: str = ""
    note: bool = False

    @property
    def order(self) -> tuple[datetime, str]:
        """By what the lines of several containers are put in order."""
        return (self.at or datetime.min.replace(tzinfo=UTC), self.fine)


class LineCleaner:
    """Cleans and redacts a log line by line; remembers that it is inside a private key, which spans lines."""

    def __init__(self) -> None:
        self._inside_key = False

    def __call__(self, raw: bytes, over: int = 0) -> str:
        """One line as it may be shown; `over` bytes more of it were not kept."""
        text = raw.decode("utf-8", "replace")
        begin, key, end = _PRIVATE_KEY
        if self._inside_key:
            self._inside_key = end not in text
            return MASK
        if begin in text and key in text:
            self._inside_key = end not in text
        if len(text) <= LONGEST_LINE and not over:
            return safe(text)
        shown = safe(text[: LONGEST_LINE + 500])  # a secret that the cut would divide is masked whole
        return f"{shown[:LONGEST_LINE]} … cut: {_size(len(raw) + over)} in all"


def _size(count: int) -> str:
    return f"{count / 1024**2:.1f} MB" if count >= 1024**2 else f"{count / 1024:.0f} KB"


class LineReader:
    """Reads one container's log, sent with timestamps, through any number of connections. Not for two threads at once.

    After a cut the server is asked for what it has `since` some whole second, so that lines come again: those that were
    read before are dropped, by their time and text.
    """

    def __init__(self, pod: str, container: str) -> None:
        self._whose = (pod, container)
        self._cleaner = LineCleaner()
        self._rest = b""
        self._over = 0
        self._second = b""
        self._had: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
        """The hashes of the lines of the last second that has any, and of those of the one before it."""
        self._again: Counter[int] | None = None
        """After a cut: what may come again; None once something new came."""
        self._overlapped = False
        self._cut = False

    @property
    def since(self) -> str:
        """From which time on the server is to send again, as RFC 3339; empty before the first line.

        A second earlier than the last line, as what two threads write at once may stand in another order than it was
        written in.
        """
        try:
            at = datetime.fromisoformat(self._second.decode("ascii", "replace"))
        except ValueError:
            return ""
        return (at - timedelta(seconds=1)).isoformat() + "Z"

    def feed(self, chunk: bytes) -> list[LogLine]:
        """The lines that are complete with `chunk`."""
        *raws, rest = (self._rest + chunk).split(b"\n")
        found = []
        for raw in raws:
            found += self._line(raw, self._over)
            self._over = 0
        self._over += max(0, len(rest) - LONGEST_RAW)
        self._rest = rest[:LONGEST_RAW]
        return found

    def ended(self, *, cut: bool) -> list[LogLine]:
        """The connection ended: by a `cut`, or as there is no more for now. The next one sends some lines again."""
        found = self._line(self._rest, self._over) if self._rest and not cut else []
        self._rest, self._over = b"", 0
        self._again, self._overlapped = self._had[0] + self._had[1], False
        self._cut = self._cut or cut
        return found

    def note(self, text: str, at: datetime | None = None) -> LogLine:
        """A word of the cockpit's own, at the place where the log is now."""
        return LogLine(*self._whose, text, at, "", note=True)

    def _line(self, raw: bytes, over: int) -> list[LogLine]:
        if self._again is not None and self._came_before(raw):
            return []
        first = not self._second
        stamp, _, text = raw.partition(b" ")
        at, fine = _time(stamp)
        self._remember(raw, raw[:_SECOND] if at else b"")
        line = LogLine(*self._whose, self._cleaner(text if at else raw, over), at, fine)
        said = "" if self._again is None or first else self._break(at)
        self._again = None
        return [self.note(said, at), line] if said else [line]

    def _came_before(self, raw: bytes) -> bool:
        assert self._again is not None
        if self._again[hash(raw)] <= 0:
            return False
        self._again[hash(raw)] -= 1
        self._overlapped = True
        return True

    def _break(self, at: datetime | None) -> str:
        """What is to be said of what lies before the first new line of another connection."""
        cut, self._cut = self._cut, False
        if self._overlapped:
            return ""
        if cut:
            return "connection lost before this: lines may be missing here"
        return "it ended and began anew" if at else "it ended; lines may come twice or be missing here"

    def _remember(self, raw: bytes, second: bytes) -> None:
        """Keep a line, so that it is known when it comes again; a word of the kubelet's own has no second."""
        if second > self._second:
            self._second, self._had = second, (Counter(), self._had[0])
        if len(self._had[0]) < _MOST_REMEMBERED:
            self._had[0][hash(raw)] += 1


def _time(stamp: bytes) -> tuple[datetime | None, str]:
    """RFC 3339 with nanoseconds as an instant and the last three of their digits."""
    try:
        text = stamp.decode("ascii")
        at = datetime.fromisoformat(text)
    except ValueError:
        return None, ""
    fraction = text.partition(".")[2].rstrip("Z")[6:9]
    return (at.astimezone(UTC), fraction) if at.tzinfo else (None, "")
