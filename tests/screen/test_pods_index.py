"""The pods' places: however they change, the same as if all were filtered and sorted anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screen.staged import NOW, START, pod, source

from cockpit.kube.table import Table
from cockpit.room.views.signals import PodRow, PodsView, ReplicaSetRow, Usage
from cockpit.screen.filtering import pod_filter
from cockpit.screen.panes.pods_cells import Look, Widths, cpu_cell, memory_cell, restarts
from cockpit.screen.panes.pods_index import SORTS, Order, PodIndex
from cockpit.screen.panes.pods_rows import PodRows
from cockpit.screen.spans import Span, fit, middle, width_of
from cockpit.screen.terminal.glyphs import UNICODE

REVISIONS = {"7599565f95": 43, "5dc9b45b44": 42}
NAMES = [f"{revision}-{suffix}" for revision in (*REVISIONS, "other") for suffix in ("aa", "bb", "cc", "dd")]
FILTERS = ("", "!", "7599", "/aa$|bb$/", "app=web", "app!=web", "!node-a", "rev 42")

rows = st.builds(
    lambda name, uid, gravity, age, restarts, node, app: pod(
        name, "1", uid=f"{name}{uid}", gravity=gravity, reason="Broken" if gravity > 1 else "", node=node,
        created=START - timedelta(seconds=age), restarts=restarts, labels={"app": app}, restarts_lately=restarts // 2,
    ),
    st.sampled_from(NAMES), st.integers(0, 1), st.integers(0, 8), st.integers(0, 3), st.integers(0, 3),
    st.sampled_from(["node-a", "node-b"]), st.sampled_from(["web", "db"]),
)  # fmt: skip
pictures = st.lists(rows, max_size=12, unique_by=lambda row: row.name)


def usages(picture: Sequence[PodRow]) -> dict[str, Usage]:
    return {row.name: Usage(len(row.uid) * row.gravity % 3, row.gravity, NOW) for row in picture if row.gravity % 2}


def seen(picture: Sequence[PodRow], used: Mapping[str, Usage] | None = None) -> PodsView:
    return PodsView(source("pods", "k8s"), picture, usage=used or {})


def laid_out(index: PodIndex) -> list[PodRow]:
    return [index[place] for place in range(len(index))]


@given(st.lists(st.tuples(pictures, st.sampled_from(SORTS), st.sampled_from(FILTERS)), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_places_kept_are_places_made_anew(steps: list[tuple[list[PodRow], str, str]]) -> None:
    index = PodIndex()
    for picture, sort, typed in steps:
        order, used = Order(sort, pod_filter(typed), REVISIONS), usages(picture)
        index.take(seen(picture, used), order)
        fresh = PodIndex()
        fresh.take(seen(picture, used), order)
        assert laid_out(index) == laid_out(fresh)
        assert index.total == len(picture)
        assert index.groups() == fresh.groups()
        for place, row in enumerate(laid_out(index)):
            assert index.place(row.name) == place


@given(st.lists(rows, min_size=30, max_size=40), st.data())
@settings(max_examples=60, deadline=None)
def test_a_few_changes_among_many_are_settled_one_by_one(given_rows: list[PodRow], data: st.DataObject) -> None:
    """So few that nothing is sorted anew, the pods still stand as if it were."""
    named = [msgspec.structs.replace(row, name=f"{row.name}{n}", uid=str(n)) for n, row in enumerate(given_rows)]
    order = Order(data.draw(st.sampled_from(SORTS)), pod_filter(data.draw(st.sampled_from(FILTERS))), REVISIONS)
    index, fresh = PodIndex(), PodIndex()
    index.take(seen(named, used := usages(named)), order)
    changed = named.copy()
    changed[3] = msgspec.structs.replace(named[3], gravity=8, reason="Broken", restarts=9)
    del changed[7]
    changed.append(data.draw(rows))
    index.take(seen(changed, used), order)
    fresh.take(seen(changed, used), order)
    assert laid_out(index) == laid_out(fresh)


@given(st.lists(pictures, min_size=2, max_size=5), st.sampled_from(SORTS))
@settings(max_examples=60, deadline=None)
def test_where_the_changes_are_known_only_they_are_looked_at(steps: list[list[PodRow]], sort: str) -> None:
    """As from a live board: one table that goes on changing, and which of its rows did."""
    table, index, order = Table[PodRow](), PodIndex(), Order(sort, pod_filter(""), REVISIONS)
    for picture in steps:
        for row in picture:
            table.put(row)
        table.keep_only({row.uid for row in picture})
        live = {"by_uid": table.rows, "version": table.version, "changed_since": table.changed_since}
        index.take(PodsView(source("pods", "k8s"), tuple(table.rows.values()), **live), order)
        fresh = PodIndex()
        fresh.take(seen(list(table.rows.values())), order)
        assert laid_out(index) == laid_out(fresh)
        assert [index.place(row.name) for row in laid_out(fresh)] == list(range(len(fresh)))


def test_the_gravest_stand_first_and_revisions_newest_first() -> None:
    picture = [pod("5dc9b45b44-z", "1"), pod("7599565f95-a", "2", gravity=8), pod("7599565f95-b", "2", gravity=4)]
    picture.append(pod("other-x", "3", gravity=8))
    index = PodIndex()
    index.take(seen(picture), Order("faults", pod_filter(""), REVISIONS))
    assert [row.name.removeprefix("payment-service-") for row in laid_out(index)] == [
        "7599565f95-a", "other-x", "7599565f95-b", "5dc9b45b44-z",
    ]  # fmt: skip
    index.take(seen(picture), Order("revision", pod_filter(""), REVISIONS))
    assert index.groups() == [(43, 0), (42, 2), (0, 3)]


@given(pictures.filter(bool), st.sampled_from(SORTS), st.integers(20, 140))
@settings(max_examples=80, deadline=None)
def test_every_line_is_found_by_its_pod_and_none_is_wider_than_the_pane(
    picture: list[PodRow], sort: str, width: int
) -> None:
    widths = Widths()
    index = PodIndex(widths.note)
    index.take(seen(picture), Order(sort, pod_filter(""), REVISIONS))
    revisions = [ReplicaSetRow(hash, hash, revision=n, revision_hash=hash) for hash, n in REVISIONS.items()]
    view = PodsView(source("pods", "k8s"), picture, revisions=revisions)
    lines = PodRows(index, widths, view, Look(width, NOW, UNICODE, "payment-service"))
    shown = [lines[at] for at in range(len(lines))]
    assert [row.key for row in shown if row.key] == [row.name for row in laid_out(index)]
    for at, row in enumerate(shown):
        assert not row.key or (lines.place(row.key) == at and width_of(row.spans) <= max(width, 40))
    assert sum(not row.key for row in shown) >= len(index.groups())


@pytest.mark.parametrize(
    ("count", "lately", "at_least", "says"),
    [(0, 0, False, "0"), (7, 5, False, "7↑5"), (7, 0, False, "7"), (7, 5, True, "7↑5+"), (7, 0, True, "7↑?"),
     (3, None, False, "3"), (0, 0, True, "0")],
)  # fmt: skip
def test_restarts_say_how_many_were_lately(count: int, lately: int | None, at_least: bool, says: str) -> None:
    row = pod("a-b", "1", restarts=count, restarts_lately=lately, lately_at_least=at_least)
    assert restarts(row, "↑") == says


@pytest.mark.parametrize(
    ("used", "limit", "asked", "says", "tone"),
    [(0.42, 0.5, 0.2, "0.42/0.5", "warn"), (0.48, 0.5, None, "0.48/0.5", "bad"), (0.1, 0.5, None, "0.10/0.5", None),
     (0.3, None, 0.25, "0.30~0.25", None), (12.6, 16.0, None, "13/16", None), (0.1, None, None, "0.10", None),
     (None, 1.0, None, "-", "quiet")],
)  # fmt: skip
def test_cpu_stands_against_its_limit(
    used: float | None, limit: float | None, asked: float | None, says: str, tone: str | None
) -> None:
    assert cpu_cell(used, limit, asked) == (says, tone)


def test_memory_stands_against_its_limit_in_one_unit() -> None:
    mi = 1024**2
    assert memory_cell(310 * mi, 512 * mi, None) == ("310/512Mi", None)
    assert memory_cell(500 * mi, 512 * mi, None).tone == "bad"
    assert memory_cell(3200 * mi, 12 * 1024 * mi, None).text == "3.1/12Gi"
    assert memory_cell(90 * mi, None, 64 * mi).text == "90~64Mi"
    assert memory_cell(90 * mi, None, None).text == "90Mi"


@given(st.text(max_size=300), st.integers(1, 60))
def test_a_long_name_keeps_its_end(text: str, width: int) -> None:
    assert width_of([Span(middle(text, width))]) == width
    name = "a" * 247 + "-x7k2p"
    if width > 12:
        assert middle(name, width).endswith("-x7k2p")
        assert "…" in middle(name, width)
    assert middle("short", 9) == fit("short", 9)
