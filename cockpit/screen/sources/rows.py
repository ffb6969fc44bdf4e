"""The lines of the sources' page: each source with its state, age and mend, and what the doctor finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cockpit.incident.quantities import took
from cockpit.incident.times import age, time_of_day
from cockpit.room.doctor import Finding
from cockpit.room.views.signals import SourceView
from cockpit.screen.spans import Row, Span, Tone, fit, wrap
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.values import replace

TONES: dict[str, Tone] = {"live": "good", "loading": "quiet", "off": "quiet"}
"""The tone of each state of a source; of all others `warn`."""
NAME = 13
"""Cells of a name."""
_INDENT = NAME + 4
_WHAT = 28
_SAID = 8 + _WHAT + 1
"""Cells of what the doctor found well, and before what he says of it."""
_GRAVITY: dict[str, int] = {"bad": 0, "warn": 1, "ok": 2}


def heading(text: str, *more: Span) -> list[Row]:
    """A part of the page."""
    return [Row("", ()), Row("", (Span(f" {text}", "accent"), *more))]


def repeated_once(sources: Sequence[SourceView]) -> list[SourceView]:
    """The sources; what one says in the words of another above it is said there."""
    said: dict[tuple[str, str], str] = {}
    found = []
    for source in sources:
        words = (source.detail, source.mend)
        above = said.setdefault(words, source.name)
        again = bool(source.detail) and above != source.name
        found.append(replace(source, detail=f"as {above}", mend="") if again else source)
    return found


def source_rows(source: SourceView, now: datetime, width: int, glyphs: Glyphs) -> list[Row]:
    """`● prometheus  live for 12m     as of 02:10:58Z, 2s ago   18 ms`, and below it what is wrong and what to do."""
    mark = {"live": glyphs.good, "loading": glyphs.pending, "off": " "}.get(source.state, glyphs.unknown)
    tone = TONES.get(source.state, "warn")
    state = source.state
    if source.trusted or not source.as_of:  # else its age says it: two ages are one too many
        state += f" for {age((now - source.since).total_seconds())}"
    if source.as_of:
        known = f"as of {time_of_day(source.as_of)}Z, {age((now - source.as_of).total_seconds())} ago"
    else:
        known = "" if source.state == "off" else "nothing known yet"
    seconds = "" if source.took is None else took(source.took)
    head = (
        Span(f" {mark} ", tone), Span(f"{fit(source.name, NAME)} ", "strong"), Span(f"{state:<22} ", tone),
        Span(f"{known:<26} {seconds}", "quiet"),
    )  # fmt: skip
    return [Row(source.name, head), *_below((source.detail, source.mend), width)]


def doctor_rows(found: Sequence[Finding], looking: str, width: int) -> list[Row]:
    """What does not work first, then what works less well, then what is well."""
    rows = heading("Doctor", Span(f"  {looking}", "quiet") if looking else Span(""))
    for finding in sorted(found, key=lambda each: _GRAVITY[each.state]):
        if finding.state == "ok":
            continue
        tone: Tone = "bad" if finding.state == "bad" else "warn"
        rows.append(Row(f"doctor {finding.what}", (Span(f"   {finding.state:<5}", tone), Span(finding.what, "strong"))))
        rows += _below((finding.said, finding.mend), width)
    return rows + [row for finding in found if finding.state == "ok" for row in _well(finding, width)]


def _well(finding: Finding, width: int) -> list[Row]:
    """`   ok   terminal                     xterm, 80×24`, going on below where that is long."""
    first, *more = wrap(finding.said, max(10, width - _SAID - 1)) or [""]
    head = (Span("   ok   ", "good"), Span(fit(finding.what, _WHAT)), Span(f" {first}", "quiet"))
    return [Row(f"doctor {finding.what}", head), *(Row("", (Span(" " * _SAID + line, "quiet"),)) for line in more)]


def _below(said: Sequence[str], width: int) -> list[Row]:
    """What is said of the line above, and what to do."""
    room = max(10, width - _INDENT)
    texts = [(text, "plain" if index == 0 else "quiet") for index, text in enumerate(said) if text]
    return [
        Row("", (Span(f"{' ' * _INDENT}{line}", "plain" if tone == "plain" else "quiet"),))
        for text, tone in texts
        for line in wrap(text, room)
    ]
