"""A status update in rows: whom it goes to with a tick each, what one of them would read, and what a yes would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from cockpit.incident.kinds import Message, Payload, StatusChange
from cockpit.incident.times import span, time_of_day
from cockpit.room.messages.sending import Composed, Destination
from cockpit.screen.spans import Row, Span, Tone, fit, width_of, wrap
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.update.form import Form

NAME = 15
"""Cells of an audience's name."""


def option_key(audience: str, option: str) -> str:
    """The key of a choice's row: after the audience's own."""
    return f"{audience}\n{option}"


def audience_of(key: str) -> str:
    """The audience that a row is about."""
    return key.partition("\n")[0]


def whom(told: Sequence[Destination], every: int) -> Span:
    """Who is told, of so many destinations as there are, in one line."""
    names = ", ".join(each.audience for each in told)
    return Span(f" tells {len(told)} of {every}: {names}" if names else " tells nobody, only the status", "quiet")


def destination_rows(
    every: Sequence[Destination], form: Form, now: datetime, width: int, glyphs: Glyphs
) -> list[Row]:  # fmt: skip
    """A tick for each, when it was told last, and why it is wanted or not; below it what its channel can be told."""
    rows = []
    for each in every:
        ticked = form.ticked(each)
        rows.append(_destination(each, now, width, glyphs, ticked=ticked))
        if ticked:
            rows += [_choice(each.audience, choice.name, choice.values, choice.value, choice.why) for choice in
                     each.choices if choice.values]  # fmt: skip
    return rows


def _destination(each: Destination, now: datetime, width: int, glyphs: Glyphs, *, ticked: bool) -> Row:
    can = bool(each.channels and each.template)
    box = "[x]" if ticked else "[ ]" if can else " - "
    told = f"told {span((now - each.told).total_seconds())} ago" if each.told else "told nothing"
    head = [Span(f" {box} ", "accent" if ticked else "quiet"),
            Span(f"{fit(each.audience, NAME)} ", "strong" if ticked else "plain"),
            Span(f"{fit(told, 17)} ", "plain" if each.told else "quiet")]  # fmt: skip
    text, tone = _standing(each, glyphs, ticked=ticked)
    return Row(each.audience, (*head, Span(fit(text, max(10, width - width_of(head))), tone)))


def _standing(each: Destination, glyphs: Glyphs, *, ticked: bool) -> tuple[str, Tone]:
    """What stands in the way, else why it is wanted or not."""
    if ticked and each.missing:
        return f"{glyphs.bad} to be filled: {', '.join(blank.name for blank in each.missing)}", "warn"
    if ticked and each.trouble:
        return f"{glyphs.bad} {each.trouble}", "bad"
    if ticked and each.leaks:
        return f"{glyphs.bad} it {each.leaks[0]}", "bad"
    if not (each.channels and each.template):
        return each.trouble or each.why, "quiet"
    return each.why, "plain" if ticked else "quiet"


def _choice(audience: str, name: str, values: Sequence[str], value: str, why: str) -> Row:
    """`impact  none minor [major] critical   by the severity P1`."""
    spans = [Span(f"       {fit(name, NAME - 3)}", "quiet")]
    for each in values:
        spans.append(Span(f"[{each}]", "accent") if each == value else Span(f" {each} "))
    return Row(option_key(audience, name), (*spans, Span(f"  {why}", "quiet")))


def preview_rows(each: Destination | None, width: int, glyphs: Glyphs) -> list[Row]:
    """What one of them would read, by which channels and why; what keeps it from being told."""
    if each is None:
        return [Row("", (Span(" nobody can be told: name channels under `audiences:` in the configuration", "warn"),))]
    head = f"{each.audience} by {' → '.join(each.channels)}" if each.channels else each.audience
    which = f" · {each.template}" if each.template else ""
    more = f" (←→ one of {len(each.templates)})" if len(each.templates) > 1 else ""
    rows = list(_wrapped(f"{head}{which}{more}", "accent", width))
    rows += _wrapped(f"{each.why}{_promise(each.composed)}", "quiet", width)
    rows += [row for leak in each.leaks for row in _wrapped(f"{glyphs.bad} public, and it {leak}", "bad", width)]
    if each.composed is None:
        missing = "; ".join(blank.hint for blank in each.missing)
        why = f"to be filled: {missing}" if missing else each.trouble
        return [*rows, *_wrapped(f"{glyphs.bad} no message yet: {why}", "warn", width)]
    rows += _wrapped(each.composed.rendered.title, "strong", width)
    return [*rows, *_wrapped(each.composed.rendered.text, "plain", width)]


def _promise(composed: Composed | None) -> str:
    if composed is None or composed.promised is None:
        return ""
    return f" · promises the next by {time_of_day(composed.promised)}Z"


def question_rows(payloads: Iterable[Payload], told: Sequence[Destination], width: int, glyphs: Glyphs) -> list[Row]:
    """Everything that a yes does, a line each, with what would better not be public."""
    rows: list[Row] = []
    leaks = {each.audience: each.leaks for each in told}
    for payload in payloads:
        if isinstance(payload, StatusChange):
            words = f": {payload.text}" if payload.text else ""
            rows += _wrapped(f"sets the status {payload.status.value}{words}", "plain", width)
        elif isinstance(payload, Message):
            rows += _told(payload, leaks.get(payload.audience, ()), width, glyphs)
        else:
            rows += _wrapped(f"records {payload.kind.replace('-', ' ')}", "plain", width)
    return rows


def _told(message: Message, leaks: Sequence[str], width: int, glyphs: Glyphs) -> Iterator[Row]:
    deed = f"tells {message.audience}" if message.deed == "tell" else f"{message.deed}: {message.audience}"
    with_ = ", ".join(f"{name} {value}" for name, value in message.options.items() if name in ("impact", "notify"))
    extra = f" ({with_})" if with_ else ""
    yield from _wrapped(f"{deed} by {' → '.join(message.channels)}{extra}: {message.title}", "plain", width)
    for leak in leaks:
        yield from _wrapped(f"  {glyphs.bad} public, and it {leak}", "bad", width)


def _wrapped(text: str, tone: Tone, width: int) -> Iterator[Row]:
    for line in wrap(text, max(20, width - 2)):
        yield Row("", (Span(f" {line}", tone),))
