"""The board over a living cluster and a Prometheus: what it shows, what it tells, what it survives."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from conftest import eventually
from replay import answering, kubeconfig, serving, status
from simcluster import NAME, NAMESPACE, living
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from cockpit.clock import SystemClock
from cockpit.config import (
    ClusterConfig,
    Config,
    PrometheusConfig,
    ServiceConfig,
    ServiceKubernetes,
)
from cockpit.kube.listing import patience
from cockpit.runbook.model import Source, Threshold
from cockpit.signal import board as board_module
from cockpit.signal.board import Board
from cockpit.signal.changes import (
    Change,
    PodCrashing,
    PodsRecovered,
    RolloutBegan,
    RolloutFinished,
    SourceBack,
    SourceLost,
    ThresholdChanged,
)
from cockpit.signal.cluster import crashes
from cockpit.signal.cluster import source as cluster_module

pytestmark = pytest.mark.anyio
LINE = Source(file="runbook.yaml", line=1)


def threshold(id: str, breach: str | None = "> 5", **more: Any) -> Threshold:
    given = {"id": id, "title": id.replace("-", " "), "unit": "percent", "source": LINE, **more}
    return Threshold.model_validate(given | ({"breach": breach} if breach else {}))


def configured(
    kubeconfig_path: Path | None = None,
    prometheus: str = "",
    *,
    namespace: str = NAMESPACE,
    deployment: str | None = NAME,
    interval: float = 0.1,
) -> Config:
    where = ServiceKubernetes(cluster="prod", namespace=namespace, selector=f"app={NAME}", deployment=deployment)
    service = ServiceConfig(
        kubernetes=where if kubeconfig_path else None,
        prometheus="main" if prometheus else None,
    )
    return Config(
        kubernetes={"prod": ClusterConfig(context="prod-eu", kubeconfig=kubeconfig_path)},
        prometheus={"main": PrometheusConfig(url=prometheus or "http://x", interval=interval)},
        services={NAME: service},
    )


@asynccontextmanager
async def watching(config: Config, *thresholds: Threshold) -> AsyncIterator[tuple[Board, list[Change]]]:
    board, changes = Board(NAME, config, thresholds, SystemClock()), list[Change]()
    board.listen(changes.append)
    await board.start()
    try:
        yield board, changes
    finally:
        await board.stop()


def of(kind: type, changes: list[Change]) -> list[Any]:
    return [change for change in changes if isinstance(change, kind)]


class Number:
    """A Prometheus in which every query gives one number."""

    def __init__(self, value: object) -> None:
        self.value = value
        self.answer: Response | None = None

    async def __call__(self, request: Request) -> Response:
        if self.answer:
            return self.answer
        past = request.url.path.endswith("query_range")
        marks = re.findall(r'"cockpit_signal", "([^"]*)"', unquote_plus((await request.body()).decode()))
        elements = [
            {"metric": {"cockpit_signal": mark} if mark else {}, "value": [time.time(), str(self.value)]}
            for mark in ["", *marks]
        ]
        data = {"resultType": "matrix", "result": []} if past else {"resultType": "vector", "result": elements}
        return JSONResponse({"status": "success", "data": data})


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graces and waits a fraction as long, so that no test waits for long."""
    monkeypatch.setattr(cluster_module, "GRACE", 2.0)  # opening takes a second where eight programs run
    monkeypatch.setattr(board_module, "_TICK", 0.05)
    monkeypatch.setattr(crashes, "GATHER", 0.1)
    monkeypatch.setattr(patience, "FIRST_BACKOFF", 0.02)


async def test_a_bad_release_is_told_as_a_story(tmp_path: Path) -> None:
    async with living(tmp_path) as alive, watching(configured(tmp_path / "kubeconfig")) as (board, changes):
        assert board.freshness("pods").state == "loading"
        await eventually(lambda: board.freshness("pods").state == board.freshness("rollout").state == "live")
        assert [row.ready for row in board.pods.values()] == ["1/1"] * 3
        assert board.deployment is not None
        assert board.freshness("signals").state == "off"
        assert not [each for each in changes if not isinstance(each, SourceLost | SourceBack)]  # slow machines lose it
        alive.release("1.4.2-crash")
        await eventually(lambda: of(PodCrashing, changes))
        [crashing] = of(PodCrashing, changes)
        await eventually(lambda: len(board.revisions) == 2)
        alive.release("1.4.1")
        await eventually(lambda: of(PodsRecovered, changes) and of(RolloutFinished, changes))
    assert [type(change) for change in changes].count(PodCrashing) == 1
    assert (crashing.reason, crashing.release, crashing.revision) == ("CrashLoopBackOff", "1.4.2-crash", 2)
    began = of(RolloutBegan, changes)
    assert [(change.revision, change.release, change.change_cause) for change in began] == [
        (2, "1.4.2-crash", "release 1.4.2-crash"),
        (3, "1.4.1", "release 1.4.1"),
    ]
    [finished] = of(RolloutFinished, changes)
    assert (finished.revision, finished.release) == (3, "1.4.1")


async def test_subscribers_are_called_seldom_and_versions_grow(tmp_path: Path) -> None:
    calls = 0

    def called() -> None:
        nonlocal calls
        calls += 1

    async with living(tmp_path, replicas=10) as alive, watching(configured(tmp_path / "kubeconfig")) as (board, _):
        stop = board.subscribe(called)
        await eventually(lambda: board.freshness("pods").state == "live")
        before, calls, versions = asyncio.get_running_loop().time(), 0, dict(board.versions)
        alive.release("1.4.3")
        await eventually(lambda: all(row.image == "1.4.3" for row in board.pods.values()))
        spent = asyncio.get_running_loop().time() - before
        assert 1 <= calls <= spent * 10 + 2
        assert board.versions["pods"] > versions["pods"] + 10
        stop()
        calls = 0
        alive.release("1.4.4")
        await eventually(lambda: all(row.image == "1.4.4" for row in board.pods.values()))
        assert calls == 0


async def test_forbidden_parts_say_so_and_the_others_go_on(tmp_path: Path) -> None:
    async with living(tmp_path, token="viewer"), watching(configured(tmp_path / "kubeconfig")) as (board, changes):
        await eventually(lambda: board.freshness("pods").state == "live")
        await eventually(lambda: board.freshness("rollout").state == "forbidden")
        assert "deployments" in board.freshness("rollout").detail
        assert "auth can-i" in board.freshness("rollout").mend
        assert len(board.pods) == 3
        [lost] = await eventually(lambda: of(SourceLost, changes))  # type: ignore[misc]
    assert lost.source == "rollout in prod-eu"


async def test_a_wrong_token_a_dead_server_and_no_kubeconfig(tmp_path: Path) -> None:
    async with living(tmp_path, token="wrong"), watching(configured(tmp_path / "kubeconfig")) as (board, _):
        await eventually(lambda: board.freshness("pods").state == "unauthorized")
        assert "kubectl --context prod-eu auth whoami" in board.freshness("pods").mend
    async with watching(configured(kubeconfig(tmp_path, "http://127.0.0.1:1"))) as (board, changes):
        await eventually(lambda: board.freshness("pods").state == "unreachable")
        assert "cannot be reached" in board.freshness("pods").detail
        [lost] = await eventually(lambda: of(SourceLost, changes))  # type: ignore[misc]
        assert lost.source == "Kubernetes prod-eu"
    async with watching(configured(tmp_path / "nowhere")) as (board, _):
        await eventually(lambda: board.freshness("pods").state == "error")
        assert board.freshness("rollout").state == board.freshness("usage").state == "error"
        assert "there is no kubeconfig" in board.freshness("pods").detail


async def test_a_server_that_dies_leaves_stale_rows_and_comes_back(tmp_path: Path) -> None:
    async with living(tmp_path) as alive, watching(configured(tmp_path / "kubeconfig")) as (board, changes):
        await eventually(lambda: board.freshness("pods").state == "live")
        alive.cluster.trouble.answer = 503
        alive.cluster.trouble.cut_watches()
        await eventually(lambda: board.freshness("pods").state == "stale")
        assert len(board.pods) == 3
        assert board.freshness("pods").as_of is not None
        await eventually(lambda: of(SourceLost, changes))
        alive.cluster.trouble.answer = None
        await eventually(lambda: of(SourceBack, changes))
        assert board.freshness("pods").state == "live"
    assert [type(change) for change in changes] == [SourceLost, SourceBack]


@pytest.mark.parametrize("mid_line", [False, True])
async def test_cut_watches_and_forgotten_history_are_no_news(tmp_path: Path, mid_line: bool) -> None:
    async with living(tmp_path) as alive, watching(configured(tmp_path / "kubeconfig")) as (board, changes):
        await eventually(lambda: board.freshness("pods").state == "live")
        alive.cluster.trouble.cut_watches(mid_line=mid_line)
        alive.cluster.trouble.expire()
        alive.release("1.4.3")
        await eventually(lambda: board.pods and all(row.image == "1.4.3" for row in board.pods.values()))
        await eventually(lambda: of(RolloutFinished, changes))
    assert of(SourceLost, changes) == []


async def test_a_namespace_or_deployment_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with living(tmp_path):
        async with watching(configured(tmp_path / "kubeconfig", namespace="prodution", deployment="nope")) as (
            board,
            _,
        ):
            await eventually(lambda: board.freshness("pods").state == "error")
            assert 'namespaces "prodution" not found' in board.freshness("pods").detail
            assert "there is no deployment nope" in board.freshness("rollout").detail
        async with watching(configured(tmp_path / "kubeconfig", deployment=None)) as (board, _):
            await eventually(lambda: board.freshness("pods").state == "live")
            assert board.freshness("rollout").state == "off"


async def test_a_threshold_crosses_and_comes_back() -> None:
    errors = Number(0.2)
    async with serving(answering(errors)) as server:
        thresholds = (
            threshold("error-rate", warning="> 1", query="q"),
            threshold("stuck"),
            threshold("free", None, query="f", unit="count"),
        )
        async with watching(configured(None, server), *thresholds) as (board, changes):
            assert board.freshness("pods").state == "off"
            await eventually(lambda: board.thresholds[0].state == "ok")
            errors.value = 12.4
            await eventually(lambda: board.thresholds[0].state == "breach")
            errors.value = "NaN"
            await eventually(lambda: board.thresholds[0].state == "unknown")
            assert "NaN" in board.thresholds[0].reason
            assert board.signals[0].value is None
            errors.value = 3
            await eventually(lambda: board.thresholds[0].state == "warning")
            errors.value = 0.2
            await eventually(lambda: board.thresholds[0].state == "ok")
            assert [(one.id, one.state, one.unbound) for one in board.readings()] == [
                ("error-rate", "ok", False),
                ("stuck", "unknown", True),
            ]
            assert [(one.id, one.unit) for one in board.signals] == [("error-rate", "percent"), ("free", "count")]
    told = [
        (c.before, c.after, c.value, c.bound)
        for c in of(ThresholdChanged, changes)
        if "unknown" not in (c.before, c.after)
    ]
    assert [step[:2] for step in told] in (
        [("ok", "breach"), ("breach", "warning"), ("warning", "ok")],
        [("ok", "breach"), ("warning", "ok")],  # when it was unknown for long enough to be told
    )
    assert told[0] == ("ok", "breach", 12.4, "> 5")


async def test_a_query_that_gives_nothing_for_long_is_told_and_a_lost_source_speaks_for_itself() -> None:
    errors = Number(12.4)
    async with serving(answering(errors)) as server:
        config = configured(None, server)
        async with watching(config, threshold("error-rate", query="q")) as (board, changes):
            await eventually(lambda: of(ThresholdChanged, changes))
            errors.value = "NaN"
            await eventually(lambda: len(of(ThresholdChanged, changes)) == 2)
            errors.value = 0.1
            await eventually(lambda: len(of(ThresholdChanged, changes)) == 3)
            errors.answer = PlainTextResponse("", 502)
            await eventually(lambda: of(SourceLost, changes))
            assert board.thresholds[0].state == "unknown"
            errors.answer = None
            await eventually(lambda: of(SourceBack, changes) and board.thresholds[0].state == "ok")
    assert [(c.before, c.after) for c in of(ThresholdChanged, changes)] == [
        ("unknown", "breach"),
        ("breach", "unknown"),
        ("unknown", "ok"),
    ]
    assert [c.source for c in changes if isinstance(c, SourceLost | SourceBack)] == ["Prometheus main"] * 2


async def test_a_breach_that_began_before_the_board_has_its_true_beginning() -> None:
    begin = time.time() - 600

    async def handler(request: Request) -> Response:
        if request.url.path.endswith("query_range"):
            values = [[begin + 15 * n, "0.1" if n < 8 else "9"] for n in range(40)]
            data: dict[str, Any] = {"resultType": "matrix", "result": [{"metric": {}, "values": values}]}
        else:
            data = {"resultType": "scalar", "result": [time.time(), "9"]}
        return JSONResponse({"status": "success", "data": data})

    async with serving(answering(handler)) as server:
        config = configured(None, server, interval=15.0)
        async with watching(config, threshold("error-rate", query="q", **{"for": "1m"})) as (board, changes):
            [change] = await eventually(lambda: of(ThresholdChanged, changes))  # type: ignore[misc]
            assert board.thresholds[0].since == change.at
    assert (change.before, change.after) == ("unknown", "breach")
    assert change.at.timestamp() == pytest.approx(begin + 15 * 12, abs=0.01)


@pytest.mark.parametrize(
    "answer", [PlainTextResponse("{"), JSONResponse({"items": 5}), status(429, "TooManyRequests", "slow down")]
)
async def test_answers_that_make_no_sense_are_an_error_and_stopping_is_clean(tmp_path: Path, answer: Response) -> None:
    async def handler(_: Request) -> Response:
        return answer

    async with (
        serving(answering(handler)) as server,
        watching(configured(kubeconfig(tmp_path, server))) as (board, _),
    ):
        await eventually(lambda: board.freshness("pods").state == "error")
        assert board.freshness("pods").detail


async def test_it_stops_at_once_while_nothing_answers(tmp_path: Path) -> None:
    held = asyncio.Event()

    async def handler(_: Request) -> Response:
        held.set()
        await asyncio.sleep(30)
        return Response()

    async with serving(answering(handler)) as server:
        async with watching(configured(kubeconfig(tmp_path, server), server)) as (board, _):
            await eventually(held.is_set)
            assert board.freshness("pods").state == "loading"
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("board")]


async def test_a_defect_in_a_source_is_shown_and_spares_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("cockpit.signal.prometheus.source.PrometheusSource.run", broken)
    async with living(tmp_path), watching(configured(tmp_path / "kubeconfig", "http://127.0.0.1:1")) as (board, _):
        await eventually(lambda: board.freshness("pods").state == "live")
        assert "ZeroDivisionError" in board.freshness("signals").detail


async def test_a_defect_in_what_is_told_is_said_and_stops_neither_the_picture_nor_what_else_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: object, __: object) -> list[Change]:
        raise ZeroDivisionError

    errors = Number(0.2)
    async with serving(answering(errors)) as server:
        board = Board(NAME, configured(None, server), (threshold("error-rate", query="q"),), SystemClock())
        await board.start()
        await eventually(lambda: board.thresholds[0].state == "ok")
        assert "cockpit" not in board.parts
        monkeypatch.setattr("cockpit.signal.thresholds.crossings.Crossings.settled", broken)
        shown, told = list[str](), list[Change]()
        board.subscribe(lambda: shown.append(board.thresholds[0].state))
        board.listen(told.append)
        errors.value = 12.4
        await eventually(lambda: "breach" in shown)
        await eventually(lambda: "cockpit" in board.parts)
        fresh = board.freshness("cockpit")
        assert fresh.state == "error"
        assert "ZeroDivisionError" in fresh.detail
        assert "report it" in fresh.mend
        monkeypatch.setattr("cockpit.signal.losses.Loss.step", lambda *_, **__: ["lost"])
        await eventually(lambda: "lost" in told)  # it ticks on
        await board.stop()


async def test_a_defect_in_who_listens_ends_no_source() -> None:
    errors = Number(12.4)

    def broken(_: Change) -> None:
        raise ZeroDivisionError

    async with serving(answering(errors)) as server:
        board = Board(NAME, configured(None, server), (threshold("error-rate", query="q"),), SystemClock())
        board.listen(broken)
        await board.start()
        await eventually(lambda: "cockpit" in board.parts)
        errors.value = 0.2
        await eventually(lambda: board.thresholds[0].state == "ok")
        assert board.freshness("signals").state == "live"
        await board.stop()
