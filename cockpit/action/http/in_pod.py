"""A request from inside a pod, by the curl or wget that its image has: where a cluster's names resolve."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from cockpit.action.http.answer import Answer
from cockpit.action.http.exchange import Exchange, OverHttp
from cockpit.action.live import Live
from cockpit.action.model import Outcome

_STATUS = re.compile(r"^\s*HTTP/[\d.]+ (\d{3})", re.MULTILINE)
_NOT_THERE = (126, 127)
_NEVER_SENT = (3, 5, 6, 7, 35, 60)
"""curl's exit codes before it has sent anything: a wrong URL, no name, no connection, no trust."""


@dataclass(frozen=True, slots=True)
class InPod:
    """Where a program can be executed in a pod.

    Args:
        name: the pod's.
        run: executes a program with its words; gives its exit status and what it wrote. Raises KubeError.
    """

    name: str
    run: Callable[[Sequence[str]], Awaitable[tuple[int, str]]]


def curl(method: str, url: str, headers: Mapping[str, str], body: str, timeout: float) -> tuple[str, ...]:
    """The words of curl: silent but for errors, with the answer's headers."""
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    how = ["-I"] if method == "HEAD" else ["-i", "-X", method]
    data = ["--data-raw", body] if body else []
    return ("curl", "-sS", *how, "--max-time", f"{timeout:g}", *given, *data, "--", url)


def wget(method: str, url: str, headers: Mapping[str, str], body: str, timeout: float) -> tuple[str, ...]:
    """The words of wget, also of busybox's, which can only GET and POST."""
    given = [f"--header={name}: {value}" for name, value in headers.items()]
    data = [f"--post-data={body}"] if method == "POST" else []
    return ("wget", "-q", "-S", "-O", "-", "-T", f"{timeout:.0f}", *given, *data, "--", url)


@dataclass(frozen=True, slots=True)
class Inside(OverHttp):
    """The execution of a request from inside a pod."""

    pod: InPod
    exchange: Exchange

    async def run(self, live: Live) -> Outcome:
        """Send it once, and write what came."""
        sent = self.exchange
        words = (sent.method, sent.url, sent.headers, sent.body, sent.timeout)
        live.say(f"{sent.method} from {self.pod.name}")
        live.sent = sent.changes
        started = live.clock.monotonic()
        status, output = await self.pod.run(curl(*words))
        if status in _NOT_THERE and sent.method in ("GET", "POST"):
            status, output = await self.pod.run(wget(*words))
        found = _STATUS.findall(output)
        live.sent = sent.changes and not found and status not in (*_NOT_THERE, *_NEVER_SENT)
        if status in _NOT_THERE:
            return Outcome("failed", status, f"{self.pod.name} has neither curl nor wget; use via: service-proxy")
        if not found:
            said = " ".join(output.split())[-300:] or f"it ended with exit status {status}"
            return sent.lost(said, live, status or 1)
        head, body = _parts(output)
        answer = Answer(int(found[-1]), body.encode(), seconds=live.clock.monotonic() - started, headers=head)
        return await answer.told(sent.expected, live, sent.masking)


def _parts(output: str) -> tuple[dict[str, str], str]:
    """The headers of the last answer and its body; wget writes its headers indented, with no blank line behind."""
    lines = output.splitlines()
    at = max(number for number, line in enumerate(lines) if _STATUS.match(line))
    head: dict[str, str] = {}
    for number, line in enumerate(lines[at + 1 :], at + 1):
        name, colon, value = line.strip().partition(": ")
        if not colon or not re.fullmatch(r"[\w-]+", name):
            return head, "\n".join(lines[number + (not line.strip()) :])
        head[name.lower()] = value
    return head, ""
