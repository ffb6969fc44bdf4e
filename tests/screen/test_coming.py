"""What is on its way, slow, or old: said as what it is, and neither as ok nor as unknown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import NOW, SIGNALS, Stage, signal, source, stage, staged, story

from cockpit.room.views.rollout import Around, Reference, RolloutView
from cockpit.room.views.signals import PodsView, SignalView, SourceView
from cockpit.screen.rollout.rows import around_rows
from cockpit.screen.sources.rows import source_rows
from cockpit.screen.terminal.glyphs import UNICODE
from cockpit.values import replace

pytestmark = pytest.mark.anyio

ASKED = source("prometheus", "prom", "loading", as_of=None)


def coming(count: int) -> list[SignalView]:
    """Signals that were never read."""
    return [
        signal(
            f"s{n}", f"Signal {n}", "percent", None, "unknown", "> 5", reason="not read yet", at=None, part="signals"
        )
        for n in range(count)
    ]


REFUSED = replace(coming(1)[0], id="refused", reason="the query was refused")
UNBOUND = replace(coming(1)[0], id="unbound", reason="no query is configured for it", part="")


@pytest.mark.parametrize(
    ("signals", "asked", "title"),
    [
        (coming(9), ASKED, "2 Signals ─ loading"),
        (coming(9), source("prometheus", "prom"), "2 Signals ─ loading"),
        ([*SIGNALS[3:5], *coming(3)], ASKED, "2 Signals ─ 3 loading"),
        ([*SIGNALS[:1], *coming(3)], source("prometheus", "prom"), "2 Signals ─ 1 breached · 3 loading"),
        ([*SIGNALS[3:5], REFUSED], source("prometheus", "prom"), "2 Signals ─ 1 unknown"),
        ([*SIGNALS[3:5], UNBOUND, *coming(2)], ASKED, "2 Signals ─ 1 unknown · 2 loading"),
    ],
)  # fmt: skip
async def test_what_was_not_read_yet_is_loading(
    tmp_path: Path, signals: Sequence[SignalView], asked: SourceView, title: str
) -> None:
    live = stage(signal_views=tuple(signals), signals_from=asked)
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path, size=(120, 40)) as cockpit:
        seen = await cockpit.sees(title)
        assert ("loading," in seen) == any(each.unread and each.part for each in signals)


async def test_what_cannot_be_had_is_unknown_also_before_it_was_ever_read(tmp_path: Path) -> None:
    gone = source("prometheus", "prom", "unreachable", as_of=None, detail="http://prom:9090 cannot be reached")
    live = stage(signal_views=tuple(coming(2)), signals_from=gone)
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path, size=(120, 40)) as cockpit:
        await cockpit.sees("2 Signals ─ 2 unknown · prometheus unreachable")


def slow(state: str, **more: object) -> Stage:
    pods = stage().pods_view
    fresh = source("pods", "k8s", state, detail="prod-eu is slow: its last answer took 30 s", **more)
    return stage(pods_view=replace(pods, source=fresh) if state == "live" else PodsView(fresh, (), None, ()))


async def test_a_slow_cluster_is_said_in_its_pane(tmp_path: Path) -> None:
    live = slow("live", took=30.0)
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path, size=(120, 40)) as cockpit:
        await cockpit.sees("slow: 30 s · 2/5 ready")


async def test_and_before_anything_came(tmp_path: Path) -> None:
    live = slow("loading", as_of=None, since=NOW - timedelta(seconds=20))
    async with staged(tmp_path, live, entries=story()) as war, flown(war, tmp_path, size=(120, 40)) as cockpit:
        await cockpit.sees("loading pods, 20s …", "its last answer took 30 s")


def test_what_is_not_watched_is_not_said_to_be_read() -> None:
    limited = Reference("config map", "late", "unwatched", detail="only 20 of its 33 config maps are")
    view = RolloutView(source("rollout", ""), stage().pods_view, around=Around((limited,)))
    told = " ".join(span.text for row in around_rows(view, NOW, 120) for span in row.spans)
    assert "not watched: only 20 of its 33 config maps are" in told


@pytest.mark.parametrize(("took", "words"), [(0.018, "18 ms"), (9.5, "9.5 s"), (30.2, "30.2 s")])
def test_what_an_answer_took_is_told_in_a_fitting_unit(took: float, words: str) -> None:
    row, *_ = source_rows(source("pods", "k8s", took=took), NOW, 100, UNICODE)
    assert "".join(span.text for span in row.spans).rstrip().endswith(f" {words}")


@pytest.mark.parametrize(
    ("state", "as_of", "words"),
    [
        ("live", 2, "live for 60m     as of"),
        ("stale", 43, "stale                  as of 02:10:17Z, 43s ago"),
        ("forbidden", 43, "forbidden              as of"),
        ("unreachable", None, "unreachable for 60m      nothing known yet"),
        ("loading", None, "loading for 60m"),
    ],
)  # fmt: skip
def test_a_source_has_one_age(state: str, as_of: int | None, words: str) -> None:
    at = None if as_of is None else NOW - timedelta(seconds=as_of)
    row, *_ = source_rows(source("pods", "k8s", state, as_of=at, since=NOW - timedelta(hours=1)), NOW, 100, UNICODE)
    told = "".join(span.text for span in row.spans)
    assert " ".join(words.split()) in " ".join(told.split())
