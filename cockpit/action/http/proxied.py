"""A request through the API server to a service, whose name only the cluster knows (`kubectl get --raw …/proxy/`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cockpit.action.http.answer import MOST_BODY, UNREACHABLE, Answer
from cockpit.action.http.exchange import Exchange, OverHttp
from cockpit.action.live import Live
from cockpit.action.model import Outcome
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.inside.service_proxy import proxy_path


@dataclass(frozen=True, slots=True)
class Proxied(OverHttp):
    """The execution of a request through the API server. Its body is JSON, as the API server's own are."""

    access: Access
    namespace: str
    exchange: Exchange

    async def run(self, live: Live) -> Outcome:
        """Send it once, and write what came."""
        sent = self.exchange
        path, query = proxy_path(sent.url, self.namespace)
        content: Any = json.loads(sent.body) if sent.body else None
        live.say(f"{sent.method} through {self.access.context}")
        live.sent = sent.changes
        started = live.clock.monotonic()
        try:
            got = await self.access.call(
                sent.method, path, query=query, body=content, accept="*/*", timeout=sent.timeout, most=MOST_BODY
            )
            body, whole = got.body[:MOST_BODY], len(got.body) <= MOST_BODY
            answer = Answer(got.status, body, whole, live.clock.monotonic() - started, got.headers)
        except KubeError as error:
            if error.status is None:
                return sent.lost(str(error), live, UNREACHABLE)
            # A status of 300 and more comes as an error, and may be just what was expected.
            seconds = live.clock.monotonic() - started
            answer = Answer(error.status, error.message.encode(), seconds=seconds)
        live.sent = False
        return await answer.told(sent.expected, live, sent.masking)
