"""Pods as the server prints them: the same columns as the pods themselves give, at once, and never in their way."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import eventually
from hypothesis import given
from hypothesis import strategies as st
from replay import Recorded, answering, kubeconfig, serving, status
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.kube.listing.lister import Lister
from cockpit.kube.pods.fault import CANNOT_START, CRASHING, FAULT, PASSING, WELL
from cockpit.kube.pods.printed import printed_pods, show_printed
from cockpit.kube.pods.row import PodRow, pod_row
from cockpit.kube.pods.table import PodTable
from cockpit.text import clean

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PATH = "/api/v1/namespaces/production/pods"
COLUMNS = ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node")


def table(*lines: tuple[object, ...]) -> bytes:
    columns = [{"name": name} for name in COLUMNS]
    return json.dumps({"columnDefinitions": columns, "rows": [{"cells": list(line)} for line in lines]}).encode()


def line(state: str, ready: str = "0/1", restarts: object = 0, age: str = "41m") -> PodRow:
    [made] = printed_pods(table(("p", ready, state, restarts, age, "<none>", None)), "production", NOW)
    return made


def test_a_recorded_table_gives_what_the_recorded_pods_give(shared: Path) -> None:
    recorded = Recorded(shared / "kubernetes-recordings")
    whole = {row.name: row for row in (pod_row(json.dumps(one).encode()) for one in recorded.body("08")["items"])}
    printed = printed_pods(json.dumps(recorded.body("11")).encode(), "production", NOW)
    assert len(printed) == len(whole)
    for row in printed:
        for field in ("ready", "status", "restarts", "ip", "node", "crash_reason", "ready_bool", "gravity"):
            assert getattr(row, field) == getattr(whole[row.name], field), field
        assert row.partial
        assert row.uid == row.name


@pytest.mark.parametrize(
    ("made", "reason", "gravity"),
    [
        (line("Running", "1/1"), "", WELL),
        (line("Running", "0/1"), "", PASSING),
        (line("Completed"), "", WELL),
        (line("ContainerCreating"), "", PASSING),
        (line("CrashLoopBackOff", restarts="7 (2m30s ago)"), "CrashLoopBackOff", CRASHING),
        (line("Init:ErrImagePull"), "ImagePullBackOff", CANNOT_START),
        (line("Evicted"), "Evicted", FAULT),
        (line("Terminating", "1/1"), "", PASSING),
    ],
)
def test_a_status_is_a_fault_or_none(made: PodRow, reason: str, gravity: int) -> None:
    assert (made.reason, made.gravity) == (reason, gravity)


def test_restarts_and_ages_are_read_as_they_are_printed() -> None:
    made = line("CrashLoopBackOff", restarts="7 (2m30s ago)", age="5d3h")
    assert (made.restarts, made.last_restart) == (7, NOW - timedelta(seconds=150))
    assert made.created == NOW - timedelta(days=5, hours=3)
    assert line("Running", restarts="many", age="<unknown>").created is None
    assert made.restarts_lately is None


def test_what_is_no_table_of_pods_is_refused() -> None:
    for bad in (b"{}", b"[", b'{"columnDefinitions": [{"name": "Name"}], "rows": []}'):
        with pytest.raises(msgspec.DecodeError):
            printed_pods(bad, "production", NOW)


@given(st.lists(st.lists(st.none() | st.integers() | st.text(max_size=12) | st.booleans(), max_size=9), max_size=5))
def test_whatever_is_printed_gives_rows_that_have_a_name(lines: list[list[Any]]) -> None:
    rows = printed_pods(table(*(tuple(each) for each in lines)), "production", NOW)
    assert len(rows) <= len(lines)
    assert all(row.name and clean(row.name) == row.name and clean(row.status) == row.status for row in rows)


async def test_a_long_list_shows_what_is_printed_until_the_pods_are_read(tmp_path: Path) -> None:
    names, shown = [f"p{number}" for number in range(7)], asyncio.Event()

    async def handler(request: Request) -> Response:
        query = request.query_params
        if "as=Table" in request.headers["accept"]:
            assert query["includeObject"] == "None"
            return Response(table(*((name, "1/1", "Running", 0, "41m", "", "") for name in [*names, "gone"])))
        if "watch" in query:
            return status(403, "Forbidden", "no watch")
        start = int(query.get("continue", 0))
        if start:
            await shown.wait()
        more = {"continue": str(start + 2)} if start + 2 < len(names) else {}
        items = [{"metadata": {"name": name, "uid": f"uid-{name}"}} for name in names[start : start + 2]]
        return JSONResponse({"metadata": {"resourceVersion": "7", **more}, "items": items})

    async with serving(answering(handler)) as server:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, server), SystemClock())
        pods = PodTable(SystemClock())

        async def preview() -> None:
            await show_printed(access, PATH, {}, "production", pods)

        made = Lister(access, PATH, {}, pod_row, SystemClock(), lambda: None, table=pods, preview=preview)
        task = asyncio.create_task(made.run())
        await eventually(lambda: len(pods.rows) == 8)
        assert {row.name for row in pods.rows.values() if row.partial} == {*names[2:], "gone"}
        assert not made.complete
        shown.set()
        await eventually(lambda: made.complete)
        assert sorted(pods.rows) == [f"uid-{name}" for name in names]
        assert pods.tally.pods == 7
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await access.close()


@pytest.mark.parametrize(
    "answer", [status(406, "NotAcceptable", "only JSON"), PlainTextResponse("{"), JSONResponse({"items": []})]
)
async def test_a_server_that_prints_nothing_is_in_nobodys_way(tmp_path: Path, answer: Response) -> None:
    asked: list[str] = []

    async def handler(request: Request) -> Response:
        asked.append(request.headers["accept"])
        return answer

    async with serving(answering(handler)) as server:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, server), SystemClock())
        pods = PodTable(SystemClock())
        await show_printed(access, PATH, {}, "production", pods)
        await access.close()
    assert asked == ["application/json;as=Table;v=v1;g=meta.k8s.io"]
    assert not pods.rows
