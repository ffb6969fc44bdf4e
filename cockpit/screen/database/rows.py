"""The rows of the database's page: bars of connections, the tree of who blocks whom, transactions, signals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cockpit.incident.quantities import bound, quantity
from cockpit.incident.times import age
from cockpit.room.views.database import Branch, Limit, Prepared, Session, Sessions, tree
from cockpit.room.views.signals import SignalView
from cockpit.screen.spans import Row, Span, Tone, fit, width_of, wrap
from cockpit.screen.terminal.glyphs import Glyphs

MOST, MOST_IDLE = 20, 5
"""Transactions, and idle sessions, that are listed."""
_GID = "gid "
_NAMES = 4
"""Holders that are listed."""
_FULL = 0.8
"""From this share on a limit is worth a warning."""
_TONES: dict[str, Tone] = {"breach": "bad", "warning": "warn", "pending": "warn", "unknown": "quiet"}
_STATES: dict[str, tuple[str, Tone]] = {
    "active": ("█", "accent"),
    "idle in transaction": ("▓", "warn"),
    "idle in transaction (aborted)": ("▓", "bad"),
    "hidden": ("?", "quiet"),
}
_PLAIN = {"█": "#", "▓": "=", "▒": "-", "·": "."}
"""What stands for them where there is ASCII alone."""


def pid_of(key: str) -> int:
    """The pid that a row's key names; -1 where it names none."""
    kind, _, number = key.partition(" ")
    return int(number) if kind in ("tree", "long", "idle") and number.isdecimal() else -1


def database_rows(
    sessions: Sessions, signals: Sequence[SignalView], since: float, width: int, glyphs: Glyphs
) -> list[Row]:
    """All of it, the answer first.

    Args:
        since: seconds since it was read: ages go on.
    """
    blocking = _blocking(sessions, since, width, glyphs)
    rows = [*_connections(sessions, width, glyphs), *blocking, *_signals(signals)]
    return [*rows, *_longest(sessions, since, width), *_idle(sessions, since, width)]


def dimmed(rows: Sequence[Row]) -> list[Row]:
    """The same, of what was so and may not be so any more: no colour says anything of now."""
    return [Row(row.key, tuple(Span(span.text, "quiet") for span in row.spans)) for row in rows]


def _title(text: str, answer: str = "", tone: Tone = "quiet") -> Row:
    return Row("", (Span(f" {text}  ", "accent"), Span(answer, tone)))


def _connections(sessions: Sessions, width: int, glyphs: Glyphs) -> Iterator[Row]:
    counts = " · ".join(f"{count} {state}" for state, count in sessions.counts.items())
    standby = " · a standby: it only follows" if sessions.standby else ""
    yield _title("Connections", f"{counts}{standby}")
    for limit in sessions.limits:
        yield _limit(limit, sessions, width, glyphs)
    for holder in sessions.holders[:_NAMES]:
        idle = f", {holder.in_transaction} idle in a transaction" if holder.in_transaction else ""
        tone: Tone = "warn" if holder.in_transaction else "quiet"
        words = f"{holder.user} {holder.application}".rstrip()
        yield Row("", (Span(f"  {holder.count:>5} ", "plain"), Span(words, "plain"), Span(idle, tone)))


def _limit(limit: Limit, sessions: Sessions, width: int, glyphs: Glyphs) -> Row:
    """`server ████▓▓▓▒▒···· 61/97`: of the server by state, of a role or a database as a whole."""
    share = limit.used / max(limit.most, 1)
    tone: Tone = "bad" if limit.full else "warn" if share >= _FULL else "plain"
    head = (Span(f"  {fit(limit.name, 16)} ", "plain"),)
    tail = (Span(f" {limit.used}/{limit.most}{' full' if limit.full else ''}", tone),)
    room = max(4, min(60, width - width_of((*head, *tail)) - 6))
    states = sessions.counts if limit.name == "server" else {"": limit.used}
    cells = list(_bar(states, limit, room, tone))
    if not glyphs.unicode:
        cells = [Span("".join(_PLAIN.get(cell, cell) for cell in span.text), span.tone) for span in cells]
    return Row("", (*head, *cells, *tail))


def _bar(counts: Mapping[str, int], limit: Limit, room: int, tone: Tone) -> Iterator[Span]:
    """A part for each state, at least one cell; what is free stays dotted."""
    drawn, seen = 0, 0
    order = {state: place for place, state in enumerate(_STATES)}
    for state in sorted(counts, key=lambda each: order.get(each, len(order))):
        seen += counts[state]
        upto = min(room, max(drawn + 1, round(room * seen / max(limit.most, 1))))
        mark, colour = _STATES.get(state, ("▒" if state else "█", "quiet" if state else tone))
        yield Span(mark * (upto - drawn), colour)
        drawn = upto
    yield Span("·" * (room - drawn), "quiet")


def _blocking(sessions: Sessions, since: float, width: int, glyphs: Glyphs) -> Iterator[Row]:
    waiting = f"{sessions.waiting} waiting" if sessions.waiting else "nobody waits for a lock"
    yield Row("", ())
    yield _title("Who blocks whom", waiting, "bad" if sessions.waiting else "good")
    for branch in tree(sessions):
        yield _branch(branch, sessions, since, width, glyphs)
    if sessions.waiting > len(sessions.waits):
        yield Row("", (Span(f"  and {sessions.waiting - len(sessions.waits)} more", "quiet"),))


def _branch(branch: Branch, sessions: Sessions, since: float, width: int, glyphs: Glyphs) -> Row:
    """What it does to others comes first, who it is then: names can be long."""
    row = sessions.rows.get(branch.pid)
    pid = sessions.called(branch.pid)
    if branch.wait is None:
        state = f", {row.state or row.kind}{_lasting(row.transaction, since)}" if row else ", not seen"
        blocks = f"blocks {len(sessions.blocked_by(branch.pid))}{state if branch.pid else ', no session holds it'} "
        spans = (Span(f" {glyphs.bad} {pid} ", "bad"), Span(blocks, "warn"))
    else:
        others = f", and for {branch.others} more" if branch.others else ""
        wanted = branch.wait.wanted.removeprefix("relation ")
        waits = f"waits{_lasting(branch.wait.seconds, since)} for {branch.wait.mode} on {wanted}{others} "
        spans = (Span(f"   {'  ' * (branch.depth - 1)}{pid} ", "plain"), Span(waits, "warn"))
    who = Span(f" {row.who} ", "plain") if row else Span("")
    query = Span(fit(f" {row.query}", max(0, width - width_of((*spans, who)))) if row else "", "quiet")
    return Row(f"tree {branch.pid}", (*spans, who, query))


def _longest(sessions: Sessions, since: float, width: int) -> Iterator[Row]:
    rows, answer = sessions.transactions(), "each with the time of what it runs"
    tone: Tone = "quiet"
    if left := left_words(sessions, since):
        answer, tone = left, "bad"
    elif sessions.hidden:
        answer, tone = f"unknown of the {sessions.hidden} that are hidden", "warn"
    elif not rows:
        answer, tone = "nobody is in one", "good"
    yield Row("", ())
    yield _title("Longest transactions", answer, tone)
    for row in rows[:MOST]:
        if isinstance(row, Prepared):
            yield from _prepared(row, since, width)
        else:
            yield _transaction(row, since, width)
    if len(rows) > MOST:
        yield Row("", (Span(f"  and {len(rows) - MOST} more", "quiet"),))


def left_words(sessions: Sessions, since: float = 0.0) -> str:
    """`1 prepared and left`; empty where none is, `since` seconds after it was read."""
    left = sum(row.left(since) for row in sessions.prepared)
    return f"{left} prepared and left" if left else ""


def _prepared(row: Prepared, since: float, width: int) -> Iterator[Row]:
    """One that no session holds; when it is old, what ends it: it does not go by itself."""
    left = row.left(since)
    head, how = Span(f"  {age(row.seconds + since):>5}  ", "strong"), Span("prepared  ", "bad" if left else "plain")
    spans = (head, how, Span(f"{row.owner} in {row.database}  "))
    yield Row(f"{_GID}{row.gid}", (*spans, Span(fit(row.gid, max(0, width - width_of(spans))), "quiet")))
    if left:
        for line in wrap(f"no session holds it: {row.mend}", width - 9):
            yield Row("", (Span(f"         {line}", "warn"),))


def gid_of(key: str) -> str:
    """The prepared transaction that a row's key names; empty where it names none."""
    return key.removeprefix(_GID) if key.startswith(_GID) else ""


def _transaction(row: Session, since: float, width: int) -> Row:
    idle = row.state.startswith("idle in")
    lasts = age((row.transaction or 0.0) + since)
    lately = row.standing if idle else row.statement
    state = f"{row.state or row.kind}{_lasting(lately, since)}"
    head, how = Span(f"  {lasts:>5}  ", "strong"), Span(f"{state}  ", "warn" if idle else "plain")
    spans = (head, Span(f"{row.pid}  "), how, Span(f"{row.who}  "))
    return Row(f"long {row.pid}", (*spans, Span(fit(row.query, max(0, width - width_of(spans))), "quiet")))


def _idle(sessions: Sessions, since: float, width: int) -> Iterator[Row]:
    """Who only holds a connection: of interest where one is missing."""
    rows = sessions.idle()[:MOST_IDLE]
    if not rows:
        return
    yield Row("", ())
    yield _title("Longest idle", "outside of a transaction")
    for row in rows:
        spans = (Span(f"  {age((row.standing or 0.0) + since):>5}  ", "strong"), Span(f"{row.pid}  {row.who}  "))
        text = f"ran last: {row.query}" if row.query else ""
        yield Row(f"idle {row.pid}", (*spans, Span(fit(text, max(0, width - width_of(spans))), "quiet")))


def _signals(signals: Sequence[SignalView]) -> Iterator[Row]:
    if not signals:
        return
    yield Row("", ())
    yield _title("Signals by SQL")
    wide = max(len(each.title) for each in signals)
    for each in signals:
        tone = _TONES.get(each.standing, "plain")
        value = quantity(each.value, each.unit) if each.value is not None else "unknown"
        side = bound(each.bound, each.unit)
        beyond = f", {'not ' if each.standing == 'ok' else ''}{side}" if side else ""
        said = each.reason if each.value is None else f"{each.standing}{beyond}"
        words = (Span(f"  {fit(each.title, min(wide, 30))} ", tone), Span(f"{value:>10}  ", tone), Span(said, "quiet"))
        yield Row(f"signal {each.id}", words)


def _lasting(seconds: float | None, since: float) -> str:
    return "" if seconds is None else f" {age(seconds + since)}"
