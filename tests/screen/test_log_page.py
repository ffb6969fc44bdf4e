"""The log page: what is kept, what is shown of it, and its keys, against a living cluster."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import eventually
from hypothesis import example, given, settings
from hypothesis import strategies as st
from screen.flying import Flown, flown, flying
from screen.staged import LOG_LINES, NOW, stage, staged, story

from cockpit.room.live.podlogs import LogLine
from cockpit.screen.filtering import line_filter
from cockpit.screen.log import buffer as log_buffer
from cockpit.screen.log.buffer import LogBuffer
from cockpit.screen.log.rows import LogLook, LogRows, voice
from cockpit.screen.spans import VOICES, width_of
from cockpit.values import replace

pytestmark = pytest.mark.anyio


def line(number: int, text: str = "", pod: str = "web-a-1") -> LogLine:
    return LogLine(pod, "", text or f"line {number}", NOW + timedelta(milliseconds=number))


def texts(buffer: LogBuffer) -> list[str]:
    return [entry.line.text for entry in buffer.shown]


batches = st.lists(st.lists(st.integers(0, 60), max_size=8), max_size=8)


@given(batches, st.sampled_from(["", "1", "!3", "/^line [0-4]/"]))
@settings(deadline=None)
def test_lines_that_come_late_stand_where_they_belong(given_batches: list[list[int]], typed: str) -> None:
    buffer, wanted = LogBuffer(merged=True), line_filter(typed)
    buffer.want(wanted)
    for batch in given_batches:
        buffer.add(line(n) for n in sorted(batch))
    every = sorted(n for batch in given_batches for n in batch)
    assert texts(buffer) == [f"line {n}" for n in every if wanted.holds(f"web-a-1 line {n}")]


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 20), st.sampled_from(["", "1", "!2"]))
@settings(deadline=None)
def test_only_so_much_is_kept_and_what_is_dropped_is_counted(sizes: list[int], most: int, typed: str) -> None:
    patch = pytest.MonkeyPatch()
    patch.setattr(log_buffer, "MOST_LINES", most)
    patch.setattr(log_buffer, "MOST_CHARACTERS", most * 6)
    try:
        buffer, number, wanted = LogBuffer(), 0, line_filter(typed)
        buffer.want(wanted)
        for size in sizes:
            buffer.add(line(n) for n in range(number, number + size))
            number += size
        assert len(buffer) + buffer.dropped == buffer.came == number
        assert len(buffer) <= most
        kept = [f"line {n}" for n in range(buffer.dropped, number)]
        assert sum(map(len, kept)) <= most * 6 or len(kept) == 1
        assert texts(buffer) == [text for text in kept if wanted.holds(text)]
    finally:
        patch.undo()


def test_paused_it_stands_still_and_counts_and_nothing_is_lost() -> None:
    buffer = LogBuffer()
    buffer.add(line(n) for n in range(3))
    buffer.pause()
    buffer.add(line(n) for n in range(3, 10))
    assert (texts(buffer), buffer.unseen) == (["line 0", "line 1", "line 2"], 7)
    buffer.want(line_filter("2"))
    assert texts(buffer) == ["line 2"]
    buffer.go_on()
    buffer.want(line_filter(""))
    assert (len(texts(buffer)), buffer.unseen, buffer.paused) == (10, 0, False)


def test_ten_thousand_lines_of_any_length_take_a_bounded_memory() -> None:
    buffer = LogBuffer()
    for begin in range(0, 40_000, 1_000):
        buffer.add(line(n, "x" * 2_000) for n in range(begin, begin + 1_000))
    kept = sum(sys.getsizeof(entry.line.text) for entry in buffer.shown)
    assert kept < log_buffer.MOST_CHARACTERS * 1.1
    assert buffer.dropped == 40_000 - len(buffer)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=90), max_size=10),
       st.integers(20, 60), st.booleans(), st.booleans(), st.booleans())  # fmt: skip
@example(["\u0898"], 20, True, False, False)  # a mark without a letter to stand on takes no cell
@settings(deadline=None)
def test_every_line_is_on_the_screen_to_its_end(
    said: list[str], width: int, wrap: bool, stamps: bool, merged: bool
) -> None:
    buffer = LogBuffer()
    buffer.add(line(n, text) for n, text in enumerate(said) if text)
    look = LogLook(width, wrap, stamps, merged)
    shown = LogRows(buffer.shown, look)
    every = list(shown)
    assert len(every) == len(shown)
    for entry in buffer.shown:
        at = shown.place(str(entry.serial))
        assert every[at].key == str(entry.serial)
        parts = [every[at].spans[-1].text]
        while wrap and at + 1 < len(every) and not every[at + 1].key:
            at += 1
            parts.append(every[at].spans[-1].text)
        assert "".join(parts) == entry.line.text
    if wrap and look.width - look.head >= 8:
        assert all(width_of(row.spans) <= width for row in every)


def test_a_row_that_is_no_line_of_the_log_has_no_place() -> None:
    buffer = LogBuffer()
    buffer.add([line(1)])
    assert LogRows(buffer.shown, LogLook(40)).place("why") == -1


def test_a_pods_name_has_one_tone_and_no_tone_that_means_something() -> None:
    assert voice("web-a-1") == voice("web-a-1")
    assert {voice(f"web-{n}") for n in range(40)} == set(VOICES)
    assert not {"bad", "warn", "good"} & set(VOICES)


async def crashed_log(cockpit: Flown) -> None:
    """The log of a pod that crashes."""
    await cockpit.opens_crashing("l", "LogPage")


async def test_a_log_with_as_many_lines_as_the_one_before_is_drawn(tmp_path: Path, outage: Path) -> None:
    async with flying(tmp_path, outage, size=(80, 24)) as cockpit:
        await crashed_log(cockpit)
        await cockpit.sees("the end, ")
        await cockpit.press("P")
        await cockpit.sees("before the last restart, ", "setting PAYMENT_ROUTES is missing")
        runs = cockpit.kinds.count("run-result")
        await cockpit.press("]")  # the pod has one container: the same is read again
        await eventually(lambda: cockpit.kinds.count("run-result") > runs)
        await cockpit.sees("before the last restart, ", "setting PAYMENT_ROUTES is missing")


async def test_the_keys_of_a_log(tmp_path: Path, outage: Path) -> None:
    async with flying(tmp_path, outage, size=(120, 40)) as cockpit:
        await crashed_log(cockpit)
        await cockpit.sees("the end, ")
        assert (await cockpit.records("run-result")).payload["exit"] == 0
        await cockpit.press("Z")
        await cockpit.sees("what was read has no times of its own: F follows with them")
        await cockpit.press("Z")
        await cockpit.press("P")
        await cockpit.sees("before the last restart", "setting PAYMENT_ROUTES is missing")
        runs = cockpit.kinds.count("run-intent")
        await cockpit.press("F", "Z")
        await cockpit.sees("PAYMENT_ROUTES", cockpit.war.clock.now().strftime(" %H:"))
        assert cockpit.kinds.count("run-intent") == runs, "what is followed is not recorded line by line"
        await cockpit.press("f")
        await cockpit.type("payment_routes")
        await cockpit.sees("“payment_routes” ", " of ")
        assert "starting" not in cockpit.text
        await cockpit.press("enter")
        await cockpit.press("escape")
        await cockpit.sees("starting")
        await cockpit.press("W", "space")
        await cockpit.sees("paused, ")
        await cockpit.press("space", "escape")
        await cockpit.goes_to("CockpitScreen")


async def test_all_pods_are_merged_from_the_log_of_one_and_back(tmp_path: Path, outage: Path) -> None:
    async with flying(tmp_path, outage, size=(120, 40)) as cockpit:
        await crashed_log(cockpit)
        await cockpit.press("L")
        await cockpit.sees("Logs of all pods", "following 5 pods")
        await eventually(lambda: len({name for name in cockpit.text.split() if name.count("-") == 1}) > 2)
        await cockpit.press("P")
        await cockpit.sees("choose a pod first")
        await cockpit.press("L")
        await cockpit.sees("Log fdb6c65fd-")


async def test_without_a_selected_pod_the_logs_of_all_are_followed(tmp_path: Path, outage: Path) -> None:
    async with flying(tmp_path, outage) as cockpit:
        await cockpit.sees("CrashLoop")
        await cockpit.press("f")
        await cockpit.type("no-such-pod")
        await cockpit.press("enter")
        await cockpit.sees("nothing matches")
        await cockpit.press("l")
        await cockpit.goes_to("LogPage")
        await cockpit.sees("Logs of all pods", "following 5 pods")


async def test_a_log_that_is_followed_says_when_its_cluster_is_silent(tmp_path: Path) -> None:
    """No line and no error comes from a server that does not answer: that looks like a quiet service."""
    live = stage(log=LOG_LINES)
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("Pods ─ 2/5")
        await cockpit.press("1", "l", "F")
        await cockpit.sees("setting PAYMENT_ROUTES is missing")
        assert "lines may be missing" not in cockpit.text
        known = live.pods_view
        live.pods_view = replace(known, source=replace(known.source, state="stale"))
        await cockpit.sees("stale, as of ", "lines may be missing")
        live.pods_view = known
        await eventually(lambda: "lines may be missing" not in cockpit.text)
