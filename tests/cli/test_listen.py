"""`cockpit listen` as a process: guarded, patient only so far, ended cleanly; and what commands do with what came."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import eventually

from cockpit.room.listening.pace import BURST
from cockpit.room.listening.senders import PER_ADDRESS
from tests.alertmanagers import fire
from tests.cli.shell import Shell
from tests.postgres import running
from tests.shop import program, shop, step

TOKEN = "sesame-sesame"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class Listening:
    """A `cockpit listen` in a process of its own."""

    url: str
    port: int
    process: subprocess.Popen[str]

    def post(self, body: Any, name: str = "alertmanager", **headers: str) -> httpx.Response:
        """Send something with the token, unless told otherwise."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(f"{self.url}/{name}", content=sent, headers=HEADERS | headers, timeout=30)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Ask it to end; its exit code, and what it said on stderr."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@contextmanager
def listening(shell: Shell, *more: object, token: str = TOKEN) -> Iterator[Listening]:
    """An intake for the shell's record."""
    argv = shell.argv("listen", "--port", 0, *(("--token-env", "INTAKE") if token else ()), *more)
    process = subprocess.Popen(
        argv, cwd=shell.folder, env=shell.env(INTAKE=token), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("READY http://127.0.0.1:"), (line, process.stderr and process.stderr.read())
        url = line.split()[1]
        yield Listening(url, int(url.rpartition(":")[2]), process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=30)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def alert(name: str = "HighLatency", minutes: float = 12, status: str = "firing", **labels: str) -> dict[str, Any]:
    """An alert that has fired for so long."""
    began = (datetime.now(UTC) - timedelta(minutes=minutes)).replace(microsecond=0)
    return {
        "status": status, "labels": {"alertname": name, "service": "shop", **labels}, "startsAt": began.isoformat(),
        "annotations": {"summary": "p95 is 3.1 s"}, "fingerprint": f"{name.lower()}00000000"[:16],
    }  # fmt: skip


def alerts(*said: dict[str, Any]) -> dict[str, Any]:
    return {"version": "4", "alerts": list(said)}


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
        intake.post(alerts(alert("A", service="pay"), alert("B", service="unheard-of")))
    shell("incident", "start", "--from", "a000").ok()
    shell("incident", "start", "--from", "b000").ok()
    services = {
        each["name"]: each["service"] for each in shell("incident", "list", "--json", "--service", "pay").ok().json
    }
    assert services == {"a": "pay", "b": "unheard-of"}


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


def test_a_body_of_ten_megabytes_is_refused_and_not_read(shell: Shell) -> None:
    """Whether its length is told or not; and what comes next is answered."""
    with listening(shell) as intake:
        head = f"POST /alertmanager HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n".encode()
        for length, body in (
            (b"Content-Length: 10485760\r\n\r\n", b""),
            (b"Transfer-Encoding: chunked\r\n\r\n", CHUNKS),
        ):
            with closing(socket.create_connection(("127.0.0.1", intake.port), 10)) as sender:
                sender.sendall(head + length + body)
                answer = sender.recv(4096)
            assert answer.startswith(b"HTTP/1.1 413 "), answer
        assert intake.post(alerts(alert())).status_code == 202


CHUNKS = b"20000\r\n" + b"x" * 0x20000 + b"\r\n"
CHUNKS = CHUNKS * 9
"""More than a megabyte, and no end of it."""


def test_who_drips_is_hung_up_on(shell: Shell) -> None:
    """A head, and a body, that never end; meanwhile others are answered."""
    slow = (
        b"POST /alertmanager HTTP/1.1\r\nHost:",
        b"POST /alertmanager HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sesame-sesame\r\nContent-Length: 9\r\n\r\n{",
    )
    code = (
        "from cockpit.room.listening import app, serving\n"
        "app.BODY_TIME = serving.HEAD_TIME = 1.0\n"
        "import sys; from cockpit.cli.root import run; sys.exit(run(sys.argv[1:]))"
    )
    argv = [shell.argv()[0], "-c", code, "listen", "--port", "0", "--token-env", "INTAKE"]
    process = subprocess.Popen(
        argv, cwd=shell.folder, env=shell.env(INTAKE=TOKEN), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().split()[1]
        port = int(url.rpartition(":")[2])
        senders = [socket.create_connection(("127.0.0.1", port), 30) for _ in range(20)]
        for number, sender in enumerate(senders):
            sender.sendall(slow[number % 2])
        answer = httpx.post(f"{url}/alertmanager", json=alerts(alert()), headers=HEADERS, timeout=30)
        assert answer.status_code == 202
        for number, sender in enumerate(senders):
            said = sender.recv(4096)
            assert said == b"" if number % 2 == 0 else said.startswith(b"HTTP/1.1 408 "), said
            sender.close()
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_one_address_cannot_hold_all_connections(shell: Shell) -> None:
    """Those of it that say nothing are ended, the longest first; others, and its own deliveries, are answered."""
    with listening(shell) as intake, ExitStack() as held:
        silent = [held.enter_context(connected(intake.port)) for _ in range(PER_ADDRESS + 10)]
        assert [each.recv(1) for each in silent[:10]] == [b""] * 10
        assert intake.post(alerts(alert())).status_code == 202, "for which another silent one was ended"
        assert silent[10].recv(1) == b""
        for each in silent[-3:]:
            each.sendall(b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n")
            assert each.recv(4096).startswith(b"HTTP/1.1 200 ")
        _, said = intake.end()
    (line,) = [each for each in said.splitlines() if "connections" in each]
    assert line == f"127.0.0.1 has {PER_ADDRESS} connections, as many as it may: those that say nothing are ended"


def test_who_is_being_answered_is_not_ended_and_others_find_room(shell: Shell) -> None:
    head = f"POST /alertmanager HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nExpect: 100-continue\r\n"
    with listening(shell) as intake, ExitStack() as held:
        slow = [held.enter_context(connected(intake.port)) for _ in range(PER_ADDRESS)]
        for each in slow:
            each.sendall(f"{head}Content-Length: 9\r\n\r\n".encode())
            assert each.recv(4096).startswith(b"HTTP/1.1 100 ")
        with connected(intake.port) as late:
            assert late.recv(4096).startswith(b"HTTP/1.1 503 ")
        body = json.dumps(alerts(alert())).encode()
        with connected(intake.port, "127.0.0.2") as other:
            length = f"Content-Length: {len(body)}\r\n\r\n".encode()
            other.sendall(head.replace("Expect: 100-continue\r\n", "").encode() + length + body)
            assert other.recv(4096).startswith(b"HTTP/1.1 202 ")
        for each in slow:
            each.sendall(b"{}       ")
            assert each.recv(4096).startswith(b"HTTP/1.1 400 ")


def connected(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 20, (source, 0))


def test_only_of_a_proxy_that_was_named_is_it_believed_who_sends(shell: Shell) -> None:
    """Each sender behind it has a pace of his own."""
    said = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    with listening(shell) as intake:
        assert intake.post(alerts(alert()), **said).status_code == 202
        _, log = intake.end()
    assert "alertmanager from 127.0.0.1: 202" in log
    with listening(shell, "--proxy", "127.0.0.0/8") as intake:
        with httpx.Client(timeout=30, headers=HEADERS) as client:

            def post(sender: str) -> int:
                return client.post(f"{intake.url}/nowhere", headers={"X-Forwarded-For": sender}).status_code

            assert 429 in [post("198.51.100.1, 203.0.113.7") for _ in range(BURST * 2)]
            assert post("203.0.113.8") == 404
            assert post("2001:db8::1") == 404
            assert post("\x1b[31mwho") == 404
        _, log = intake.end()
    assert "nowhere from 203.0.113.7: 429" in log
    assert "nowhere from 2001:db8::/64: 404" in log
    assert "\x1b" not in log


def test_it_answers_though_nobody_reads_what_it_says(shell: Shell) -> None:
    with listening(shell) as intake:
        assert intake.process.stderr is not None
        intake.process.stderr.close()
        assert intake.post(alerts(alert())).status_code == 202
        assert intake.post(alerts(alert())).status_code == 200
        intake.process.terminate()
        intake.process.wait(30)


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/9\r\n\r\n",
        b"\x16\x03\x01\x00\xf1\x01\x00",  # somebody who speaks TLS
        b"POST /alertmanager HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST /alertmanager HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /alertmanager HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"POST /%0a%1b[31m%e2%80%ae HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\nContent-Length: 0\r\n\r\n",
        b"GET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    ],
)
def test_what_is_no_request_gets_an_answer_and_writes_no_log(intakes: Listening, said: bytes) -> None:
    """Whoever can connect could fill a disk with it; and no byte of it commands a terminal."""
    with connected(intakes.port) as sender:
        sender.sendall(said)
        sender.shutdown(socket.SHUT_WR)
        assert sender.recv(4096)[:9] in (b"HTTP/1.1 ", b"")
    assert intakes.post(alerts(alert())).status_code in (200, 202)


@pytest.fixture(scope="module")
def intakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """One intake that is sent all of it; what it said at its end is of requests alone."""
    with listening(Shell(tmp_path_factory.mktemp("intake"))) as intake:
        yield intake
        _, said = intake.end()
    lines = said.splitlines()
    assert all(re.fullmatch(r"20\S+ \S+Z .* from 127\.0\.0\.1: \d+ .* \(\d+ ms\)", line) for line in lines), said
    assert "\x1b" not in said


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
        await fire(url, {"alertname": "HighErrorRate", "service": "shop"}, summary="errors")
        (await asyncio.to_thread(shell, "incident", "start", "errors", "p1", "--from", "last")).ok()
        shown = await asyncio.to_thread(shell, "incident", "show", "--json")
        assert (shown.json["name"], shown.json["detected_by"]) == ("errors", "monitoring")
