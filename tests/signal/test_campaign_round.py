"""A short round of the campaign over the sources, and its checker, which must see what it looks for;
`make campaign ARGS="--only sources"` plays long rounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.kube.pods.row import PodRow
from cockpit.room.views.signals import PodsView, SignalView, SourceView
from cockpit.values import replace
from tests.campaign.sources.checking import PARTS, Picture, Wires, check, equal
from tests.campaign.sources.rounds import PATIENCE, play
from tests.campaign.sources.truth import Course, Truth
from tests.campaign.sources.wire import Instead
from tests.postgres import running

FAULTS = [("kube", "half-open"), ("prom", "corrupt"), ("alerts", "refused"), ("database", "cut in mid-line")]


def test_the_picture_is_true_or_marked_whatever_happens_to_the_wires(tmp_path: Path) -> None:
    """And it is the whole truth again once they are mended, without anybody doing anything."""
    with running() as server:
        found = play(server, tmp_path, "a round of the suite", FAULTS, 2.0)
    assert found.problems == []
    assert set(found.faults) == {f"{wire} {fault}" for wire, fault in FAULTS}
    assert found.looks > 10
    assert found.keys


NOW = datetime.now(UTC)


def source(name: str, state: str = "live", age: float = 0.0, **more: str) -> SourceView:
    return SourceView(name, name, state, NOW - timedelta(minutes=1), NOW - timedelta(seconds=age), **more)


ROW = PodRow("1", "payment-1", "production", "Running", ready_count=1, containers=1, image="1.4.1")
SIGNAL = SignalView("queue", "Queue", "count", 3.0, "ok", at=NOW)


def truth() -> Truth:
    """One pod and one number, which were otherwise until a minute ago."""
    found = Truth()
    pod, queue = Course[tuple[str, int, int, str] | None](None), Course[float | None](9.0)
    pod._steps.append((NOW.timestamp() - 60, ("payment-1", 1, 0, "1.4.1")))
    queue._steps.append((NOW.timestamp() - 60, 3.0))
    found.pods["1"], found.gauges["queue"] = pod, queue
    return found


def seen(picture: Picture) -> list[str]:
    return check(picture, truth(), Wires(), NOW.timestamp() - 300, PATIENCE)


def good() -> Picture:
    sources = {name: source(name) for name in PARTS}
    return Picture(NOW.timestamp(), PodsView(sources["pods"], (ROW,)), (SIGNAL,), sources)


def a_pod_is_missing(picture: Picture) -> Picture:
    return replace(picture, pods=PodsView(picture.pods.source))


def a_pod_is_as_it_was_never(picture: Picture) -> Picture:
    return replace(picture, pods=PodsView(picture.pods.source, (PodRow("1", "payment-1", "production", "x"),)))


def a_pod_is_not_there(picture: Picture) -> Picture:
    other = PodRow("2", "payment-2", "production", "Running")
    return replace(picture, pods=PodsView(picture.pods.source, (ROW, other)))


def an_old_number_is_called_new(picture: Picture) -> Picture:
    return replace(picture, signals=(replace(SIGNAL, value=9.0),))


def a_number_counts_for_too_long(picture: Picture) -> Picture:
    return replace(picture, signals=(replace(SIGNAL, at=NOW - timedelta(seconds=30)),))


def a_breach_is_called_ok(picture: Picture) -> Picture:
    return replace(picture, signals=(replace(SIGNAL, value=None, reason="no answer"),))


def nothing_says_why(picture: Picture) -> Picture:
    return replace(picture, sources={**picture.sources, "pods": source("pods", "stale")})


def one_is_not_live_though_nothing_is_wrong(picture: Picture) -> Picture:
    stale = source("alertmanager", "stale", detail="no answer")
    return replace(picture, sources={**picture.sources, "alertmanager": stale})


def the_screen_says_nothing(picture: Picture) -> Picture:
    old = source("pods", "stale", 3.0, detail="no answer")
    return replace(picture, pods=PodsView(old, (ROW,)), screen="payment-1 Running")


LIES: list[tuple[Callable[[Picture], Picture], str]] = [
    (a_pod_is_missing, "is missing"),
    (a_pod_is_as_it_was_never, "was not so since"),
    (a_pod_is_not_there, "was not so since"),
    (an_old_number_is_called_new, "9.0 was not so"),
    (a_number_counts_for_too_long, "s old and counts"),
    (a_breach_is_called_ok, "no value, and yet ok"),
    (nothing_says_why, "nothing says why"),
    (one_is_not_live_though_nothing_is_wrong, "alertmanager: stale, "),
    (the_screen_says_nothing, "as if they were current"),
]


@pytest.mark.parametrize(("lie", "said"), LIES, ids=[lie.__name__ for lie, _ in LIES])
def test_the_checker_sees(lie: Callable[[Picture], Picture], said: str) -> None:
    assert seen(good()) == []
    assert said in "\n".join(seen(lie(good())))
    assert equal(lie(good()), truth())


def test_a_wire_answers_only_what_it_is_to_answer() -> None:
    instead = Instead(429, "/pods", 7)
    answer = instead.to(b"GET /api/v1/pods?watch=1 HTTP/1.1\r\n")
    assert answer is not None
    assert answer.startswith(b"HTTP/1.1 429 ")
    assert b"Retry-After: 7\r\n" in answer
    assert instead.to(b"GET /apis/apps/v1/deployments HTTP/1.1\r\n") is None
    assert instead.to(b"the rest of a body with /pods") is None
