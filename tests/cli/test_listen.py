"""`cockpit listen` as a process: guarded, patient only so far, ended cleanly; and what commands do with what came."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import eventually

from tests.alertmanagers import fire
from tests.cli.intakes import TOKEN, alert, alerts, listening
from tests.cli.shell import Shell
from tests.postgres import running
from tests.shop import program, shop, step


def test_what_was_sent_is_proposed_and_declared_from(shell: Shell) -> None:
    shop(shell.folder, step("look", program("true")), alerts={"severities": {"critical": "P0"}})
    with listening(shell) as intake:
        high = alert(severity="critical")
        assert intake.post(alerts(high)).status_code == 202
        said = shell("incident", "proposals").ok().out
        assert "shop  HighLatency fires since" in said
        assert "; P0 is proposed: the alert says severity critical, which `alerts.severities` calls P0\n" in said
        (proposal,) = shell("incident", "proposals", "--json").ok().json
        (told,) = proposal["alerts"]
        assert proposal["severity"]["level"] == "P0"
        assert (proposal["service"], told["fingerprint"], told["origin"]) == (
            "shop",
            "highlatency00000",
            "alertmanager",
        )
        shell("incident", "start", "--from", "nothing-such").wrong("'nothing-such': no alert of this record fires")
        shell("incident", "start").wrong("Missing argument 'NAME'", "--from ALERT")
        shell("incident", "start", "--from", "last").ok()
        shown = shell("incident", "show", "--json").ok().json
        assert (shown["name"], shown["detected_by"]) == ("high-latency", "monitoring")
        assert shown["severity"] is None, "a person sets it"
        assert datetime.fromisoformat(shown["detected"]) == datetime.fromisoformat(high["startsAt"])
        assert "no alert proposes an incident" in shell("incident", "proposals").ok().out, "settled for everybody"
        assert intake.post(alerts(alert("Second"), high)).json()["recorded"] == 1
        assert "alert Second fires: p95 is 3.1 s" in shell("incident", "timeline").ok().out


def test_an_alert_of_another_service_is_declared_there(shell: Shell) -> None:
    """Also where several are configured, none is named, or the alert's is not among them."""
    path = shell.folder / "cockpit.yaml"
    path.write_text("version: 1\nservices:\n  shop: {}\n  pay: {}\n")
    with listening(shell) as intake:
        bare = alert("Bare") | {"labels": {"alertname": "Bare"}}
        intake.post(alerts(alert("A", service="pay"), alert("B", service="unheard-of"), bare))
    shell("incident", "start", "--from", "a000").ok()
    shell("incident", "start", "--from", "b000").ok()
    assert "(no service)  Bare fires since" in shell("incident", "proposals", "--service", "shop").ok().out
    shell("incident", "start", "--from", "bare").wrong("several services; choose one with --service: shop, pay")
    shell("incident", "start", "--from", "bare", "--service", "shop").ok()
    services = {
        each["name"]: each["service"] for each in shell("incident", "list", "--json", "--service", "pay").ok().json
    }
    assert services == {"a": "pay", "b": "unheard-of", "bare": "shop"}, "who declares says whose it is"


def test_it_ends_after_answering_and_says_each_request_in_a_line_without_secrets(shell: Shell) -> None:
    with listening(shell) as intake:
        intake.post(alerts(alert()))
        intake.post(alerts(alert()), Authorization="Bearer wrong-wrong")
        intake.post({"token": TOKEN}, "nowhere")
        code, said = intake.end()
    lines = said.splitlines()
    assert (code, len(lines)) == (0, 3), said
    assert "alertmanager from 127.0.0.1: 202 1 recorded" in lines[0]
    assert ": 401 not authorized" in lines[1]
    assert ": 404 there is no such intake" in lines[2]
    assert TOKEN not in said
    assert "wrong-wrong" not in said


def test_a_record_that_others_hold_asks_to_come_again(shell: Shell) -> None:
    with listening(shell) as intake:
        assert intake.post(alerts(alert("First"))).status_code == 202
        with closing(sqlite3.connect(shell.journal, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = intake.post(alerts(alert()))
            assert (answer.status_code, "another program holds" in answer.json()["error"]) == (503, True)
            assert int(answer.headers["retry-after"]) > 0
            other.execute("ROLLBACK")
        assert intake.post(alerts(alert())).status_code == 202


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--host", "0.0.0.0"), ("nothing guards the intake", "--token-env NAME")),
        (("--token-env", "NO_SUCH"), ("--token-env", "gives nothing")),
        (("--read-only",), ("without --read-only",)),
        (("--port", "99999"), ("99999",)),
        (("--proxy", "10.0.0.1"), ("can be reached from elsewhere by the proxy", "--token-env NAME")),
        (("--proxy", "the-proxy"), ("'the-proxy' is no address; write it like 10.1.2.3",)),
    ],
)
def test_what_cannot_stand_is_refused(shell: Shell, args: tuple[str, ...], words: tuple[str, ...]) -> None:
    shell("listen", *args).wrong(*words)


def test_a_runbook_that_is_broken_is_said_at_the_start(shell: Shell) -> None:
    shop(shell.folder)
    shell("listen", "--port", "0").wrong("shop.yaml:6")


def test_a_port_that_is_taken_is_named(shell: Shell) -> None:
    with listening(shell) as intake:
        shell("listen", "--port", intake.port).failed(str(intake.port), "give --port")


def test_a_mapping_that_is_wrong_is_named_with_its_line(shell: Shell) -> None:
    (shell.folder / "own.yaml").write_text("title: Own\nfields:\n  name: x\n")
    (shell.folder / "cockpit.yaml").write_text("version: 1\nintake:\n  own: {file: own.yaml}\n")
    shell("listen", "--check").wrong("own.yaml:1: `example` is missing; add it")


def test_the_check_reads_each_example_and_says_how_to_send_it(shell: Shell) -> None:
    done = shell("listen", "--check", "--token-env", "INTAKE", env={"INTAKE": TOKEN}).ok()
    assert "/alertmanager  Alertmanager, guarded by a token; its example is read as: ExampleAlert firing" in done.out
    assert "$ALERT_TRANSITION" in done.out
    assert TOKEN not in done.out
    curl = next(line for line in done.out.splitlines() if line.endswith("/alertmanager -H @-"))
    if shutil.which("curl"):
        with listening(shell) as intake:
            command = curl.replace("http://127.0.0.1:9094", intake.url)
            sent = subprocess.run(["sh", "-c", command], env=shell.env(INTAKE=TOKEN), capture_output=True, text=True)
            assert '"recorded":1' in sent.stdout, sent
    names = [each["name"] for each in shell("listen", "--check", "--json").ok().json]
    assert names == ["alertmanager", "datadog", "grafana", "pagerduty"]


def test_on_machines_that_share_a_record_what_one_took_another_declares(tmp_path: Path) -> None:
    with running() as server:
        dsn, shells = server.database(), list[Shell]()
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            shop(tmp_path / name, step("look", program("true")))
            shells.append(Shell(tmp_path / name, {"COCKPIT_RECORD": dsn}))
        here, there = shells
        with listening(here) as intake:
            intake.post(alerts(alert()))
            assert soon(lambda: "HighLatency fires since" in there("incident", "proposals").ok().out)
            there("incident", "start", "--from", "last").ok()
            assert soon(lambda: "high-latency" in here("incident", "list").ok().out)
            intake.post(alerts(alert("Second")))
            assert soon(lambda: "Second fires" in there("incident", "timeline").ok().out)
        assert len(there("incident", "list", "--json").ok().json) == 1


def soon(fact: Callable[[], bool]) -> bool:
    """Whether something becomes true within half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.1)
    return False


@asynccontextmanager
async def delivering(folder: Path, url: str) -> AsyncIterator[str]:
    """A real Alertmanager that sends what fires to `url`; skips where none is installed."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        pytest.skip("no Alertmanager is installed (Debian: prometheus-alertmanager)")
    (folder / "token").write_text(TOKEN)
    hook = {"url": f"{url}/alertmanager", "http_config": {"authorization": {"credentials_file": str(folder / "token")}}}
    route = {"receiver": "cockpit", "group_wait": "0s", "group_interval": "1s", "group_by": ["..."]}
    config = folder / "alertmanager.yml"
    config.write_text(json.dumps({"route": route, "receivers": [{"name": "cockpit", "webhook_configs": [hook]}]}))
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        program, f"--config.file={config}", f"--storage.path={folder / 'am'}", "--cluster.listen-address=",
        f"--web.listen-address=127.0.0.1:{port}", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient() as client:

            async def is_ready() -> bool:
                try:
                    return (await client.get(f"http://127.0.0.1:{port}/-/ready")).status_code == 200
                except httpx.HTTPError:
                    return False

            await eventually(is_ready)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.anyio
async def test_a_real_alertmanager_delivers_to_it_and_polling_knows_the_same(shell: Shell, tmp_path: Path) -> None:
    """Its API cuts the start at milliseconds, its webhook does not: it is one alert all the same."""
    with listening(shell) as intake:
        async with delivering(tmp_path, intake.url) as url:
            main = {"source": "main", "match": {"service": "shop"}}
            shop(
                shell.folder,
                step("look", program("true")),
                alertmanager={"main": {"url": url}},
                service={"alertmanager": main},
            )
            await fire(
                url, {"alertname": "PodCrashLooping", "service": "shop", "severity": "critical"}, summary="crashes"
            )

            async def proposed() -> Any:
                done = await asyncio.to_thread(shell, "incident", "proposals", "--json")
                return done.json

            (proposal,) = await eventually(proposed)  # type: ignore[misc]
            assert proposal["alerts"][0]["name"] == "PodCrashLooping"
            said = await asyncio.to_thread(shell, "alerts")
            assert "no incident is open: `cockpit incident start --from" in said.ok().out
            fingerprint = proposal["alerts"][0]["fingerprint"]
            (await asyncio.to_thread(shell, "incident", "start", "--from", fingerprint)).ok()
            timeline = await asyncio.to_thread(shell, "incident", "timeline", "--json")
            assert [entry["kind"] for entry in timeline.json if entry["kind"] == "detected"] == ["detected"]


@pytest.mark.anyio
async def test_what_only_the_alertmanager_knows_can_be_declared_from(shell: Shell, tmp_path: Path) -> None:
    """Where neither a cockpit nor an intake ran."""
    from tests.alertmanagers import alertmanager

    async with alertmanager("simulated", tmp_path) as url:
        main = {"source": "main", "match": {"service": "shop"}}
        shop(
            shell.folder,
            step("look", program("true")),
            alertmanager={"main": {"url": url}},
            service={"alertmanager": main},
        )
        await fire(url, {"alertname": "HighErrorRate", "service": "shop", "severity": "P1"}, summary="errors")
        declared = await asyncio.to_thread(shell, "incident", "start", "errors", "--from", "last")
        said = "P1 is proposed: HighErrorRate says severity P1; cockpit incident severity P1 sets it"
        assert said in declared.ok().out
        assert (await asyncio.to_thread(shell, "incident", "show", "--json")).json["severity"] is None
        shown = await asyncio.to_thread(shell, "incident", "show", "--json")
        assert (shown.json["name"], shown.json["detected_by"]) == ("errors", "monitoring")
