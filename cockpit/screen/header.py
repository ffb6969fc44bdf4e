"""The header's two lines: how bad, where, since when, who commands; what is due, how fresh."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cockpit.incident.clocks import Due, Standing
from cockpit.incident.state import State
from cockpit.incident.terms import Role, Status
from cockpit.incident.times import span
from cockpit.room.room import Room
from cockpit.room.views.signals import SourceView
from cockpit.screen.spans import Span, Spans, Tone, width_of
from cockpit.screen.terminal.glyphs import Glyphs

_STATUS: dict[Status, Tone] = {
    Status.WATCHING: "quiet",
    Status.MONITORING: "good",
    Status.RESOLVED: "good",
    Status.CLOSED: "quiet",
}
_STANDING: dict[Standing, Tone] = {
    "running": "plain",
    "due soon": "warn",
    "overdue": "bad",
    "met": "quiet",
    "missed": "bad",
}


def first_line(room: Room, now: datetime, width: int) -> Spans:
    """Severity, name, label, status, place, age and commander: in the order in which they may be lost."""
    state, target = room.state, room.target
    place = f"{target.context}/{target.namespace}" if target else "no cluster"
    where = Span(f" {place} ", "bad" if target and target.production else "strong")
    if state.declared is None:
        service = room.setting.service
        words = f" watching {service}" if service else " watching"
        begun = Span(" no incident declared ", "quiet")
        return _as_wide((Span(words, "strong"), begun, where), width)
    severity = Span(f" {state.severity or 'no severity'} ", "bad" if state.severity else "warn")
    drill = (Span(" DRILL, not real ", "bar"),) if state.drill else ()
    commander = state.roles.get(Role.IC)
    since = Span(f"T+{_elapsed(state, now)} ", "plain")
    parts = (
        *drill, severity, Span(f"{state.name} ", "strong"), Span(f"{room.label} ", "quiet"),
        Span(state.status.value.upper(), _STATUS.get(state.status, "warn")), where, since,
        Span(f"IC {commander}" if commander else "IC nobody", "plain" if commander else "warn"),
    )  # fmt: skip
    if width_of(parts) > width:
        parts = tuple(part for part in parts if part.text != f"{room.label} ")
    if width_of(parts) > width:
        short = state.name[: max(6, len(state.name) - (width_of(parts) - width) - 1)] + "… "
        parts = tuple(Span(short, "strong") if part.text == f"{state.name} " else part for part in parts)
    return _as_wide(parts, width)


def _elapsed(state: State, now: datetime) -> str:
    assert state.declared is not None
    end = state.resolved or state.closed
    return span(((end.at if end else now) - state.declared.at).total_seconds())


def second_line(
    room: Room, sources: Sequence[SourceView], now: datetime, width: int, glyphs: Glyphs, read_only: bool,
    waiting: int = 0, apart: str = "",
) -> Spans:  # fmt: skip
    """What is due, each clock saying what it counts to; on the right the sources; a refused record before all.

    `waiting` is how many entries of what was done are not recorded yet; `apart` how the shared record is not with us.
    """
    right = _sources(sources, glyphs)
    if read_only:
        right = (Span("read-only ", "warn"), *right)
    if room.keyboard.shared:
        holder = room.keyboard.holder
        typing = Span(f"{holder} types ", "accent") if holder else Span("K: who types? ", "warn")
        right = (typing, *right)
    if apart:
        right = (Span(f"{glyphs.bad} {apart} ", "warn"), *right)
    if waiting:
        some = f"{waiting} entries wait" if waiting > 1 else "1 entry waits"
        return (Span(f" ACTED UNRECORDED {glyphs.bad} {some} · {room.trouble}", "bad"),)
    if room.trouble:
        return (Span(f" NOT RECORDING {glyphs.bad} {room.trouble}", "bad"),)
    left: list[Span] = []
    for clock in room.clocks():
        spans = _clock(clock, now, glyphs)
        if width_of((*left, *spans, *right)) + 2 <= width:
            left.extend(spans)
    if not left and room.state.declared is None:
        left = [Span(" D declares an incident", "accent")]
    gap = max(1, width - width_of(left) - width_of(right) - 1)
    return (*left, Span(" " * gap), *right)


def _clock(clock: Due, now: datetime, glyphs: Glyphs) -> Spans:
    """`page in 2:19`, `page overdue 0:42 ▲`, `ack 0:48 ✓`."""
    standing = clock.standing(now)
    if clock.done is not None:
        took = span((clock.done - clock.since).total_seconds())
        return (Span(f" {clock.title} {took} {glyphs.done if standing == 'met' else 'late'} ", _STANDING[standing]),)
    left = span(clock.left(now).total_seconds())
    words = f" {clock.title} overdue {left} {glyphs.bad} " if standing == "overdue" else f" {clock.title} in {left} "
    if standing == "due soon":
        words = f" {clock.title} in {left} {glyphs.bad} "
    if clock.snoozed(now):
        words = f" {clock.title} snoozed {left} "
    return (Span(words, _STANDING[standing]),)


def _sources(sources: Sequence[SourceView], glyphs: Glyphs) -> Spans:
    tones: dict[str, tuple[str, Tone]] = {
        "live": (glyphs.good, "good"),
        "loading": ("…", "quiet"),
        "off": ("", "quiet"),
    }
    found = []
    for source in sources:
        mark, tone = tones.get(source.state, (glyphs.unknown, "warn"))
        if source.state != "off" and source.short:
            found.append(Span(f"{source.short}{mark} ", tone))
    return tuple(found)


def _as_wide(parts: Spans, width: int) -> Spans:
    """The parts, filled to the width."""
    return (*parts, Span(" " * max(0, width - width_of(parts))))
