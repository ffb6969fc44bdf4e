"""`cockpit message list`, `retry`, `settle`, `copy`: what did not arrive, what may have, and who says so."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.cli.shell import Shell

CONFIGURATION = """\
version: 1
channels:
  hook: {{type: slack, webhook: {{env: HOOK}}}}
  paper: {{type: file, path: {folder}/messages.txt}}
audiences:
  customers: [hook]
  support: [paper]
"""


class Hook:
    """A webhook that takes a request whole, and then does as it is told: answers, or says nothing."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.taken: list[bytes] = []
        self.answer: bytes | None = None
        self.hangs = False
        self._held: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}/services/T/B/sesame"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            text = b""
            while b"\r\n\r\n" not in text or len(text.partition(b"\r\n\r\n")[2]) < _length(text):
                text += connection.recv(65536)
            self.taken.append(text)
            self._held.append(connection)
            if self.hangs:
                continue
            if self.answer:
                connection.sendall(self.answer)
            connection.close()


def _length(request: bytes) -> int:
    lines = request.lower().split(b"\r\n")
    return next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), 0)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A webhook that breaks off."""
    hook = Hook()
    yield hook
    hook.socket.close()


@pytest.fixture
def told(shell: Shell, hook: Hook) -> Shell:
    """A shell with an incident, whose customers are reached by the webhook."""
    (shell.folder / "cockpit.yaml").write_text(CONFIGURATION.format(folder=shell.folder))
    shell.environ["HOOK"] = hook.url
    return shell.declared()


def states(shell: Shell) -> list[str]:
    return [each["state"] for each in shell("message", "list", "--json").ok().json]


def test_one_that_may_have_arrived_is_settled_by_a_person(told: Shell, hook: Hook) -> None:
    """The request was taken and no answer came: it is not sent again until somebody says that it was lost."""
    told("message", "send", "--yes").failed("nobody knows whether it arrived", "cockpit message settle", "lost")
    ((listed,),) = (told("message", "list", "--json").ok().json,)
    (attempt,) = listed["attempts"]
    assert (listed["state"], attempt["state"], attempt["attempt"]) == ("unknown", "unknown", 1)
    assert "sesame" not in told("message", "list").ok().out
    told("message", "retry").wrong("nobody knows", "settle ID arrived|lost")
    assert len(hook.taken) == 1

    hook.answer = OK
    assert "sent by hook" in told("message", "settle", listed["message"], "lost").ok().out
    assert len(hook.taken) == 2
    assert states(told) == ["sent"]
    told("message", "settle", listed["message"], "arrived").wrong("that one was delivered")


def test_one_that_arrived_after_all(told: Shell, hook: Hook) -> None:
    told("message", "send", "--yes").failed("nobody knows")
    (listed,) = told("message", "list", "--waiting", "--json").ok().json
    assert told("message", "settle", listed["message"], "arrived").ok().out == "noted: it arrived\n"
    assert told("message", "list", "--waiting").ok().out == "every message was delivered\n"
    assert "as @alice found out" in told("incident", "timeline", "--json").ok().out
    assert len(hook.taken) == 1


def test_what_is_pasted_when_nothing_works(told: Shell) -> None:
    told("message", "send", "--yes").failed("nobody knows")
    (listed,) = told("message", "list", "--json").ok().json
    out = told("message", "copy", listed["message"]).ok().out
    assert out.startswith(f"To: customers\nSubject: {listed['title']}")
    assert listed["text"] in out
    told("message", "copy", "nothing").wrong("there is no message 'nothing'")


def test_one_that_was_being_sent_when_the_command_was_killed(told: Shell, hook: Hook) -> None:
    """Its beginning is in the record; whoever takes it up sends nothing, and asks."""
    hook.hangs = True
    argv = told.argv("message", "send", "--yes")
    process = subprocess.Popen(argv, cwd=told.folder, env=told.env(), stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not hook.taken and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert states(told) == ["sending"]
    assert told("message", "retry").ok().out.startswith("queued: ")  # the dead one's turn lasts for half a minute
    with closing(sqlite3.connect(told.journal)) as journal, journal:
        journal.execute("UPDATE leases SET until = 0")
    told("message", "retry").failed("nobody knows", "when the cockpit ended")
    assert states(told) == ["unknown"]
    assert len(hook.taken) == 1


def test_what_was_revoked_is_given_up_with_what_to_do(told: Shell, hook: Hook) -> None:
    hook.answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\nConnection: close\r\n\r\nno_service"
    told("message", "send", "--yes").failed("not delivered", "new webhook", "message retry")
    assert states(told) == ["given up"]
    out = told("message", "list").ok().out
    assert "hook: given up, attempt 1" in out
    assert "sesame" not in out
    hook.answer = OK
    assert "sent by hook" in told("message", "retry").ok().out


def test_a_refusal_for_now_names_the_next_try(told: Shell, hook: Hook) -> None:
    hook.answer = b"HTTP/1.1 429 Busy\r\nRetry-After: 30\r\nContent-Length: 12\r\nConnection: close\r\n\r\nrate_limited"
    told("message", "send", "--yes").failed("not delivered", "an open cockpit does so by itself")
    (listed,) = told("message", "list", "--json").ok().json
    assert (listed["state"], listed["attempts"][0]["next_try"]) == ("failed", listed["next_try"])
