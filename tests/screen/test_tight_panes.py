"""Panes at 80 columns: their titles say all that stands ill, in less words, and no row leaves out why."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import SIGNALS, Stage, signal, source, stage, staged, story
from screen.test_endpoints import seen as endpoints_seen
from screen.test_pods_pane import known
from screen.test_signals_pane import FULL, MORE
from screen.test_states import GONE as GONE_PODS
from screen.test_states import everything
from scribe.story import at

from cockpit.values import replace

pytestmark = pytest.mark.anyio

PENDING = replace(SIGNALS[3], id="restarts", pending=True)
GONE = source("postgresql", "pg", "unreachable", detail="10.20.0.9:5432 refused the connection")
WELL = (signal("memory", "Memory", "percent", 61.0, "ok", "> 80"),)


@pytest.mark.parametrize(
    ("live", "title"),
    [
        (stage(), "2 ─ 2 breached · 1 warn · 1 ?"),
        (stage(signal_views=[*SIGNALS, PENDING]), "2 ─ 2 breached · 2 warn · 1 ?"),
        (stage(signal_views=SIGNALS[:2]), "2 Signals ─ 2 breached"),
        (stage(signal_views=SIGNALS[2:3]), "2 Signals ─ 1 warning"),
        (stage(signal_views=WELL, more_sources={"database": GONE}), "2 Signals ─ all ok · 1 lost"),
        (stage(signal_views=FULL, more_sources=MORE), "2 ─ 2 breached · 2 warn · 2 ?"),
    ],
)
async def test_the_title_of_the_signals_says_every_state_whole(tmp_path: Path, live: Stage, title: str) -> None:
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees(f" {title} ─")


async def test_the_title_of_the_signals_takes_what_fails_for_a_breach_where_there_is_no_room(tmp_path: Path) -> None:
    live = endpoints_seen()
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees(" 2 ─ 3 bad · 1 warn · 1 ? ─")


async def test_the_title_of_the_pods_names_the_gravest_and_counts_the_rest(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(pods_view=known()), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees(" 1 Pods ─ 3/5 ready · 1 CrashLoop +5 ─")


async def test_the_title_of_the_pods_says_first_since_when_it_is_only_believed(tmp_path: Path) -> None:
    live = everything(GONE_PODS)
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path) as cockpit:
        seen = await cockpit.sees(" 1 Pods ─ as of 02:09:00Z · 2/5 ready ─", " 2 ─ as of 02:09:00Z · 6 ? ─")
        assert "? Error rate    unknown, 2m old" in seen
        assert "nothing suggested: pods, rollout and 3 more unknown now (v says why)" in seen
        assert "10.20.0.1:6443 did not answer" in " ".join(line[46:-1].strip() for line in seen.splitlines())


async def test_what_is_unknown_says_why(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        seen = await cockpit.sees("Throughput", "no such series")
        assert "? Database con… no such series" in seen


async def test_what_nothing_reads_says_so_beside_a_source_that_is_lost(tmp_path: Path) -> None:
    unbound = signal("chargebacks", "Chargebacks", "count", None, "unknown", "> 0", reason="unbound: no query", at=None)
    lost = source("prometheus", "prom", "stale", detail="it did not answer", as_of=at("9:00"))
    live = stage(signal_views=[*SIGNALS, unbound], signals_from=lost)
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees(" unbound: no query")


async def test_what_the_pods_are_sorted_by_is_in_the_picture(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(pods_view=known()), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("1 Pods")
        for by, value in (("cpu", "0.49/0.5"), ("memory", "498/512Mi"), ("node", "node-a")):
            assert value not in cockpit.text
            while f"by {by} " not in cockpit.text:
                await cockpit.press("o")
            assert value in cockpit.text, by
            assert "OOMKilled" in cockpit.text


async def test_a_long_filter_leaves_room_for_how_many_serve(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(pods_view=known()), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("f")
        await cockpit.type("-l app in (payment-service),!canary")
        await cockpit.sees("of 9 · 3/5 ready ─")
        await cockpit.press("enter", "o", "o", "o", "o", "o", "o")
        await cockpit.settles()
        await cockpit.sees("of 9 · 3/5 ready ─")


async def test_what_is_wrong_with_a_filter_is_said_whole_where_it_is_typed(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(pods_view=known()), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.press("f")
        await cockpit.type("-l app in (")
        await cockpit.sees("`app in (` is no label selector, as in: -l app=web", "filter not understood · 3/5 ready ─")
        await cockpit.press("enter")
        await cockpit.sees("`app in (` is no label selector", "filter pods")
        await cockpit.press("backspace", "backspace", "backspace", "backspace", "backspace")
        await cockpit.sees("words · /regex/ · app=web")


async def test_a_reason_that_would_be_cut_gives_way_to_how_old_it_is(tmp_path: Path) -> None:
    """The reason of a source that is lost stands whole below the lines."""
    why = "http://prometheus.monitoring:9090 cannot be reached: the connection was refused"
    lost = [replace(each, value=None, state="unknown", reason=why, at=at("9:00")) for each in SIGNALS]
    live = stage(signal_views=lost, signals_from=source("prometheus", "prom", "stale", detail=why, as_of=at("9:00")))
    for size, age in (((80, 24), "unknown, 2m old"), ((120, 40), "unknown as of 02:09:00Z")):
        async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path, size) as cockpit:
            seen = await cockpit.sees(age)
            assert "http://prom…" not in seen


async def test_the_last_cell_of_a_course_is_what_is_now(tmp_path: Path) -> None:
    """A mean over the last quarter of an hour would hide that it began a minute ago."""
    began = (*([0.2] * 58), 12.0, 12.4)
    views = [signal("errors", "Error rate", "percent", 12.4, "breach", "> 5", breach_level=5.0, history=began)]
    async with staged(tmp_path, stage(signal_views=views), entries=story()) as war, flown(war, tmp_path) as cockpit:
        seen = await cockpit.sees("Error rate")
        assert "█ >5" in seen


async def test_how_many_signals_are_out_of_view_is_said(tmp_path: Path) -> None:
    views = [signal(f"s{n}", f"Signal {n}", "percent", 1.0, "ok", "> 5") for n in range(12)]
    async with staged(tmp_path, stage(signal_views=views), entries=story()) as war, flown(war, tmp_path) as cockpit:
        await cockpit.sees("─ 4 more below ─╯")
        await cockpit.press("2", "G")
        await cockpit.sees("─ 4 more above ─╯")
        await cockpit.press("z")
        await cockpit.sees("Signal 0 ", "Signal 11 ")
        assert "more" not in cockpit.text
