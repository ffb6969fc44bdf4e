"""Endpoints from the command line: `signals`, `doctor` and `runbook check`, as subprocesses against real sockets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml
from replay import answering, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.cli.shell import Shell
from tests.listeners import listening, refusing, silent

pytestmark = pytest.mark.anyio


async def handler(request: Request) -> Response:
    """A service that is well, and a gateway's status page with an incident."""
    if request.url.path == "/api/v2/summary.json":
        status = {"indicator": "major", "description": "Partial Outage"}
        return JSONResponse({"status": status, "incidents": [{"name": "Cards fail \x1b[31m"}], "components": []})
    return PlainTextResponse("fine")


def written(folder: Path, url: str, port: int) -> Path:
    endpoints = {
        "health": {"http": f"{url}/health", "interval": "1s", "body": {"contains": "fine"}},
        "cache": {"tcp": f"127.0.0.1:{refusing()}", "interval": "1s"},
        "queue": {"tcp": f"127.0.0.1:{port}", "interval": "1s"},
        "gateway": {"statuspage": url, "interval": "1s"},
    }
    path = folder / "cockpit.yaml"
    path.write_text(yaml.safe_dump({"services": {"shop": {"endpoints": endpoints}}}), encoding="utf-8")
    return path


async def test_signals_and_doctor_say_how_each_endpoint_stands(tmp_path: Path, shell: Shell) -> None:
    async with serving(answering(handler)) as url, listening(silent) as port:
        config = written(tmp_path, url, port)
        shown = await asyncio.to_thread(shell, "--config", config, "signals", "--once")
        data = await asyncio.to_thread(shell, "--config", config, "signals", "--once", "--json")
        doctor = await asyncio.to_thread(shell, "--config", config, "doctor")
    lines = [line.split() for line in shown.out.splitlines() if line.startswith("endpoint")]
    assert [(line[1], "failing" in line) for line in lines] == [
        ("cache", True), ("gateway", True), ("health", False), ("queue", False),
    ]  # fmt: skip
    assert "the connection was refused" in shown.out
    assert "its status page says Partial Outage: Cards fail" in shown.out
    assert "\x1b" not in shown.out
    found = {each["name"]: each for each in data.json["endpoints"]}
    assert (found["health"]["state"], found["health"]["came"]) == ("ok", "200 OK · fine")
    assert found["cache"]["latency"] is None
    assert found["queue"]["asked"].startswith("connect 127.0.0.1:")
    assert "endpoint cache" in doctor.out
    assert doctor.code == 1


def test_a_runbook_is_told_which_health_checks_nobody_looks_at(shell: Shell) -> None:
    book = shell.folder / "book.yaml"
    book.write_text(
        """\
title: Shop
service: shop
health_checks:
  - {id: health.web, title: The shop answers, action: {kind: http, url: 'http://shop/health'}, endpoint: health}
  - {id: health.cache, title: The cache answers, manual: Look at the cache}
  - {id: health.pods, title: The pods run, action: {kind: kubernetes, verb: get, resource: pods}}
scenarios:
  - id: down
    title: Down
    suggest_when: {endpoints: [health]}
    steps: [{id: down.look, title: Look, manual: Look at it}]
""",
        encoding="utf-8",
    )
    (checked,) = shell("runbook", "check", book, "--json").ok().json
    (unwatched,) = checked["unwatched"]
    assert unwatched.endswith("book.yaml:5: The cache answers")
    assert "health checks that no endpoint of cockpit.yaml answers" in shell("runbook", "check", book).ok().out
    book.write_text(book.read_text(encoding="utf-8").replace("endpoint: health}", "endpoint: A B}"), encoding="utf-8")
    assert ":4:" in shell("runbook", "check", book).err


async def test_the_doctor_misses_an_endpoint_that_a_health_check_names(tmp_path: Path, shell: Shell) -> None:
    book = {"title": "Shop", "service": "shop", "scenarios": [
        {"id": "down", "title": "Down", "steps": [{"id": "down.look", "title": "Look", "manual": "Look"}]}
    ], "health_checks": [{"id": "health.web", "title": "It answers", "manual": "Look", "endpoint": "web"}]}  # fmt: skip
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "shop.yaml").write_text(yaml.safe_dump(book), encoding="utf-8")
    config = tmp_path / "cockpit.yaml"
    made = {"runbooks": ["./runbooks"], "services": {"shop": {"runbook": "shop"}}}
    config.write_text(yaml.safe_dump(made), encoding="utf-8")
    doctor = await asyncio.to_thread(shell, "--config", config, "doctor")
    assert "health checks name endpoints that are not configured: It answers" in doctor.out
