"""`cockpit listen` and those who send too much, too slowly, too often, or what is no request; over real sockets."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing

import httpx
import pytest

from cockpit.room.listening.pace import BURST
from cockpit.room.listening.senders import PER_ADDRESS
from tests.cli.intakes import HEADERS, TOKEN, Listening, alert, alerts, listening
from tests.cli.shell import Shell


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
        intake.log.close()
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
