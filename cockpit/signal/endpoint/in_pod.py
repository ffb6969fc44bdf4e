"""An endpoint asked from inside a ready pod of the service, by whichever program its image has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from cockpit.clock import Clock
from cockpit.config import EndpointConfig
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.inside.ports import Program, connecting, fetching
from cockpit.kube.inside.remote import output_of
from cockpit.kube.inside.web import NOT_THERE, STATUS, not_understood, parts, took_inside
from cockpit.kube.logs.ending import default_container
from cockpit.signal.cluster.source import ClusterSource
from cockpit.signal.endpoint.answer import MOST, Answer, judged
from cockpit.signal.endpoint.check import Check, short
from cockpit.signal.endpoint.greeting import GREETINGS
from cockpit.signal.endpoint.proxied import NOT_OPEN
from cockpit.signal.endpoint.tcp import address, greeted
from cockpit.signal.endpoint.tcp import connecting as connecting_words
from cockpit.text import safe
from cockpit.values import replace

EXEC = "the exec into the pod"
_MARGIN = 5.0
"""Seconds that the API server and the node may take on top of the program's own limit."""


class InPod:
    """Asks from a pod. A program that was found is asked for first the next time.

    Args:
        wanted: an endpoint with `http` or `tcp`.
    """

    def __init__(self, wanted: EndpointConfig, clock: Clock, cluster: ClusterSource) -> None:
        self._wanted = wanted
        self._clock = clock
        self._cluster = cluster
        self._greeting = GREETINGS.get(wanted.speaks or "")
        self.asked = f"{wanted.method} {safe(wanted.http)}" if wanted.http else connecting_words(wanted)
        self.place = f"a ready pod of {cluster.plan.selector}"
        self._pod = self._container = self._program = ""

    async def ask(self) -> Check:
        """Ask once, by at most as many programs as there are."""
        access = self._cluster.access
        if access is None:
            return NOT_OPEN
        if not (pod := self._chosen()):
            mend = "`via: service-proxy` or direct needs no pod"
            return Check("unknown", f"no pod of {self._cluster.plan.selector} is ready to ask from", mend=mend)
        try:
            if pod != self._pod:
                self._container = await default_container(access, self._cluster.plan.namespace, pod)
                self._pod, self.place = pod, f"pod {pod}"
            return await self._asked(access, pod)
        except KubeError as error:
            return Check("unknown", short(f"{pod} could not be asked: {error.message}"), mend=error.mend)
        except TimeoutError:
            return Check("unknown", f"{pod} did not carry it out in time", mend="see v, Sources")

    def _chosen(self) -> str:
        """A ready pod, the same as long as it is ready; empty when none is."""
        ready = sorted(row.name for row in self._cluster.pods.values() if row.ready_bool)
        return self._pod if self._pod in ready else next(iter(ready), "")

    async def _asked(self, access: Access, pod: str) -> Check:
        missing: list[str] = []
        for program in sorted(self._programs(), key=lambda each: each.name != self._program):
            began = self._clock.monotonic()
            async with asyncio.timeout(self._wanted.timeout + _MARGIN):
                status, output = await output_of(
                    access, self._cluster.plan.namespace, pod, self._container, program.words
                )  # fmt: skip
            if status in NOT_THERE or not_understood(status, output):
                missing.append(program.name)
                continue
            self._program = program.name
            return self._came(status, output, self._clock.monotonic() - began)
        mend = "use `via: service-proxy` or direct, or a pod that has one"
        return Check("unknown", f"{pod} has none of {_listed(missing)}", mend=mend)

    def _programs(self) -> Iterator[Program]:
        wanted = self._wanted
        if wanted.http:
            headers = {name: value for name, value in wanted.headers.items() if isinstance(value, str)}
            return fetching(wanted.method, wanted.http, headers, wanted.timeout)
        host, port = address(wanted.tcp or "")
        greeting = self._greeting
        return connecting(host, port, wanted.timeout, *((greeting.says, greeting.reads) if greeting else ()))

    def _came(self, status: int, output: str, whole: float) -> Check:
        """What the program said.

        Args:
            whole: seconds with the way to the pod: what it took at most, where the program does not say it itself.
        """
        output, inside = took_inside(output)
        check = self._judged(status, output, whole if inside is None else inside)
        return check if inside is not None or check.latency is None else replace(check, besides=EXEC)

    def _judged(self, status: int, output: str, latency: float) -> Check:
        if self._wanted.http and (found := STATUS.search(output)):
            head, body = parts(output)
            raw, answered = body.encode(), int(found[1])
            location = head.get("location", "") if 300 <= answered < 400 else ""
            return judged(self._wanted, Answer(answered, raw[:MOST], len(raw) <= MOST, latency, location))
        if status == 0 and self._greeting and output:
            return greeted(self._greeting, output.encode("utf-8", "replace"), latency)
        if status == 0 and not self._wanted.http and not self._greeting:
            return Check("ok", latency=latency, came="connected")
        return Check("failing", _reason(status, output, self._wanted.timeout))

    async def close(self) -> None:
        """Nothing is open between two checks."""


def _reason(status: int, output: str, timeout: float) -> str:
    """Why, in the program's own words as far as it has any; 124 is how `timeout` ends, 28 how curl does."""
    lines = [line for line in output.splitlines() if line.strip()]
    said = short(lines[-1]) if lines else ""
    for words, plain in (
        ("connection refused", "the connection was refused"),
        ("timed out", f"no answer within {timeout:g} s"),
        ("could not resolve", "its name does not resolve there"),
        ("bad address", "its name does not resolve there"),
        ("name or service not known", "its name does not resolve there"),
    ):
        if words in output.lower():
            return plain
    if status in (124, 143):
        return f"no answer within {timeout:g} s"
    return f"it did not answer: {said}" if said else "it did not answer"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))
