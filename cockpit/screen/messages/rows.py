"""A message in rows: a few of the log, with what became of it and the next move; or whole, with every attempt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cockpit.incident import kinds
from cockpit.incident.deliveries import FAILED, GIVEN_UP, KEPT, QUEUED, SENDING, SENT, UNKNOWN, Attempt, Sent
from cockpit.incident.entry import Entry
from cockpit.incident.times import echo, span, time_of_day
from cockpit.screen.spans import Row, Span, Spans, Tone, fit, wrap
from cockpit.screen.terminal.glyphs import Glyphs

TONES: dict[str, Tone] = {
    QUEUED: "accent", SENDING: "accent", SENT: "good", KEPT: "bad", FAILED: "warn", GIVEN_UP: "bad",
    UNKNOWN: "warn",
}  # fmt: skip
MOVES = {
    FAILED: "R tries now, Y copies it",
    GIVEN_UP: "R tries again, Y copies it to be pasted",
    KEPT: "nobody has heard it: Y copies it to be pasted, R tries again",
    UNKNOWN: "S says whether it arrived",
}
"""What to do now about a message in that state."""
INDENT = 22
"""Cells before what became of a message: as far in as whom it was for."""


def marks(glyphs: Glyphs) -> dict[str, str]:
    """The mark of each state."""
    return {
        QUEUED: glyphs.pending, SENDING: glyphs.pending, SENT: glyphs.done, KEPT: glyphs.bad, FAILED: glyphs.bad,
        GIVEN_UP: glyphs.bad, UNKNOWN: glyphs.unknown,
    }  # fmt: skip


def in_log(sent: Sent, now: datetime, width: int, glyphs: Glyphs) -> list[Row]:
    """A message as the log has it: its state, for whom, its title; below what became of it."""
    message, tone = sent.message, TONES[sent.state]
    at = f"{time_of_day(sent.fact.at)}Z "
    head: Spans = (
        Span(f" {marks(glyphs)[sent.state]} {sent.state:<9}", tone), Span(at, "quiet"),
        Span(f"{whom(message)}  ", "strong"), Span(message.title),
    )  # fmt: skip
    taken = sent.delivered is not None
    said = [became(each, now, taken=taken) for each in sent.attempts] or [(waits(message), "quiet")]
    if sent.state in MOVES:
        said.append((MOVES[sent.state], "accent"))
    rows = [Row(message.message, head)]
    for text, colour in said:
        room = max(20, width - INDENT)
        lines = [fit(text, room).rstrip()] if taken else wrap(text, room)  # the whole of it is an enter away
        rows += [Row("", (Span(f"{'':<{INDENT}}{line}", colour),)) for line in lines]
    return rows


def whom(message: kinds.Message) -> str:
    """`customers`; of a deed that does more than tell, what it does: `open incident channel`."""
    if message.deed in ("tell", "page") or message.audience.startswith("page:"):
        return message.audience
    return f"{message.deed}: {message.audience}"


def waits(message: kinds.Message) -> str:
    """What a message that was not tried yet waits for."""
    return f"waits for {' → '.join(message.channels)}" if message.channels else "no channel takes it"


def became(attempt: Attempt, now: datetime, *, taken: bool) -> tuple[str, Tone]:
    """What became of it on one channel, and when it is tried again; `taken` where some channel took it."""
    on = f"{attempt.channel} " if attempt.channel else ""
    words = f": {attempt.words}" if attempt.words else ""
    if attempt.state in (SENT, KEPT):
        return f"{on}took it at {time_of_day(attempt.fact.at)}Z{words}", "quiet"
    number = f", attempt {attempt.number}" if attempt.number > 1 else ""
    again = ""
    if attempt.next_try is not None and not taken:  # once one has it, no other is tried
        left = (attempt.next_try - now).total_seconds()
        again = f" · next try in {span(left)}" if left > 0 else " · tried again now"
    text = "may have taken it" if attempt.state == UNKNOWN else attempt.state
    return f"{on}{text}{number}{words}{again}", "quiet" if taken else TONES[attempt.state]


def whole(sent: Sent, entries: Sequence[Entry], now: datetime, width: int, glyphs: Glyphs) -> list[Row]:
    """All of a message: what it is, the words, and every attempt that the record has."""
    message = sent.message
    facts = {
        "state": f"{marks(glyphs)[sent.state]} {sent.state}"
        + (f": {MOVES[sent.state]}" if sent.state in MOVES else ""),
        "to": f"{message.audience} by {' → '.join(message.channels) or 'no channel'}",
        "does": message.deed if message.deed != "tell" else "",
        "by": f"{sent.fact.actor} at {echo(sent.fact.at)}",
        "promises": f"the next by {echo(message.next_update)}" if message.next_update else "",
        "template": message.template,
        "with": ", ".join(f"{name} {value}" for name, value in message.options.items() if name != "ics"),
        "says of it": message.status,
    }
    rows = [row for name, text in facts.items() if text for row in _fact(name, text, width, TONES[sent.state])]
    rows += [Row("", ()), *_lines("title", message.title, width, "strong"), Row("", ())]
    rows += [*_lines("text", message.text, width, "plain"), Row("", ()), Row("", (Span(" Attempts", "accent"),))]
    tried = list(_attempts(message.message, entries, now, width))
    return [*rows, *(tried or [Row("none", (Span(f"  none yet: {waits(message)}", "quiet"),))])]


def _fact(name: str, text: str, width: int, tone: Tone) -> Iterator[Row]:
    for number, line in enumerate(wrap(text, max(20, width - 12))):
        label = Span(f" {name if number == 0 else '':<11}", "quiet")
        yield Row(f"{name}{number}", (label, Span(line, tone if name == "state" else "plain")))


def _lines(key: str, text: str, width: int, tone: Tone) -> Iterator[Row]:
    for number, line in enumerate(wrap(text, max(20, width - 2))):
        yield Row(f"{key}{number}", (Span(f" {line}", tone),))


def _attempts(message: str, entries: Sequence[Entry], now: datetime, width: int) -> Iterator[Row]:
    """Every entry about its delivery, the first first, each with when it was written."""
    for number, entry in enumerate(each for each in entries if each.kind == kinds.Delivery.kind):
        said = kinds.read(entry)
        if not isinstance(said, kinds.Delivery) or said.message != message:
            continue
        again = f" · next try {time_of_day(said.next_try)}Z" if said.next_try and said.next_try > now else ""
        words = said.reference or said.reason
        on = f"{said.channel} " if said.channel else ""
        text = f"{on}{said.state}{f': {words}' if words else ''}{again}"
        for part, line in enumerate(wrap(text, max(20, width - 13))):
            at = f" {time_of_day(entry.occurred)}Z  " if part == 0 else " " * 12
            tone = TONES.get(said.state, "plain")
            yield Row(f"attempt{number}.{part}", (Span(fit(at, 12), "quiet"), Span(line, tone)))
