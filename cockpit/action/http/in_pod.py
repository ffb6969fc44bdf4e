"""A request from inside a pod, by the curl or wget that its image has: where a cluster's names resolve."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from cockpit.action.http.answer import Answer
from cockpit.action.http.exchange import Exchange, OverHttp
from cockpit.action.live import Live
from cockpit.action.model import Outcome
from cockpit.kube.inside.web import NOT_THERE, STATUS, curl, not_understood, parts, wget

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
        if status in NOT_THERE and sent.method in ("GET", "POST"):
            status, output = await self.pod.run(wget(*words))
            if not STATUS.search(output) and not_understood(status, output):
                status, output = await self.pod.run(wget(*words, busybox=True))
        found = STATUS.findall(output)
        live.sent = sent.changes and not found and status not in (*NOT_THERE, *_NEVER_SENT)
        if status in NOT_THERE:
            return Outcome("failed", status, f"{self.pod.name} has neither curl nor wget; use via: service-proxy")
        if not found:
            said = " ".join(output.split())[-300:] or f"it ended with exit status {status}"
            return sent.lost(said, live, status or 1)
        head, body = parts(output)
        answer = Answer(int(found[-1]), body.encode(), seconds=live.clock.monotonic() - started, headers=head)
        return await answer.told(sent.expected, live, sent.masking)
