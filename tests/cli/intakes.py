"""`cockpit listen` in a process of its own for tests, and what an Alertmanager would send to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO, Any

import httpx

from tests.cli.forking import Running, begun
from tests.cli.shell import Shell

TOKEN = "sesame-sesame"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class Listening:
    """A `cockpit listen` in a process of its own."""

    url: str
    port: int
    process: Running | subprocess.Popen[bytes]
    log: IO[str]

    def post(self, body: Any, name: str = "alertmanager", **headers: str) -> httpx.Response:
        """Send something with the token, unless told otherwise."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(f"{self.url}/{name}", content=sent, headers=HEADERS | headers, timeout=30)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Ask it to end; its exit code, and what it said on stderr."""
        self.process.send_signal(number)
        return self.process.wait(30), self.log.read()


@contextmanager
def listening(shell: Shell, *more: object, token: str = TOKEN) -> Iterator[Listening]:
    """An intake for the shell's record."""
    words = ["listen", "--port", "0", *(("--token-env", "INTAKE") if token else ()), *map(str, more)]
    (said, says), (logged, logs) = os.pipe(), os.pipe()
    with (
        open(os.devnull, "rb") as nothing, open(said) as lines, open(logged) as log,
        begun(words, shell.folder, shell.env(INTAKE=token), [nothing.fileno(), says, logs]) as process,
    ):  # fmt: skip
        for end in (says, logs):
            os.close(end)
        try:
            line = lines.readline()
            assert line.startswith("READY http://127.0.0.1:"), (line, log.read())
            url = line.split()[1]
            yield Listening(url, int(url.rpartition(":")[2]), process, log)
        finally:
            process.terminate()
            process.wait(30)


def alert(name: str = "HighLatency", minutes: float = 12, status: str = "firing", **labels: str) -> dict[str, Any]:
    """An alert that has fired for so long."""
    began = (datetime.now(UTC) - timedelta(minutes=minutes)).replace(microsecond=0)
    return {
        "status": status, "labels": {"alertname": name, "service": "shop", **labels}, "startsAt": began.isoformat(),
        "annotations": {"summary": "p95 is 3.1 s"}, "fingerprint": f"{name.lower()}00000000"[:16],
    }  # fmt: skip


def alerts(*said: dict[str, Any]) -> dict[str, Any]:
    return {"version": "4", "alerts": list(said)}
