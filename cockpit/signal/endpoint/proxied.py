"""An HTTP endpoint asked through the API server, which knows the service and its pods."""

from __future__ import annotations

from cockpit.clock import Clock
from cockpit.config import EndpointConfig
from cockpit.kube.errors import KubeError
from cockpit.kube.inside.service_proxy import proxy_path
from cockpit.signal.cluster.source import ClusterSource
from cockpit.signal.endpoint.answer import MOST, Answer, judged
from cockpit.signal.endpoint.check import Check, short
from cockpit.text import safe

NOT_OPEN = Check("unknown", "the cluster is not open", mend="see v, Sources")
_NOBODY = ("no endpoints available", "error trying to reach service", "no service port")
"""How the API server says that nobody answers behind a service (pkg/registry/core/service/storage, and its proxy)."""


class ProxiedHttp:
    """Asks a service through the API server.

    Args:
        wanted: an endpoint with `http`, whose host names the service.
    """

    def __init__(self, wanted: EndpointConfig, clock: Clock, cluster: ClusterSource) -> None:
        self._wanted = wanted
        self._clock = clock
        self._cluster = cluster
        self.asked = f"{wanted.method} {safe(wanted.http or '')}"
        self.place = f"the API server of {cluster.plan.context}"

    async def ask(self) -> Check:
        """Ask once."""
        wanted, access = self._wanted, self._cluster.access
        if access is None:
            return NOT_OPEN
        began = self._clock.monotonic()
        try:
            path, query = proxy_path(wanted.http or "", self._cluster.plan.namespace)
            came = await access.proxied(wanted.method, path, query, timeout=wanted.timeout, most=MOST)
        except KubeError as error:
            return self._refused(error)
        latency, whole = self._clock.monotonic() - began, len(came.body) <= MOST
        location = came.headers.get("location", "") if 300 <= came.status < 400 else ""
        return judged(wanted, Answer(came.status, came.body[:MOST], whole, latency, location))

    def _refused(self, error: KubeError) -> Check:
        """What the API server itself said: that nobody answers is an answer, that it was not asked is none."""
        said = short(error.message)
        if error.status == 503 and any(words in error.message for words in _NOBODY):
            return Check("failing", said, mend="look at its pods: none of them takes connections")
        if error.status == 404:
            return Check("failing", said, mend="check the service's name, or who deleted it")
        if error.kind == "forbidden":
            mend = f"ask for `get services/proxy` in {self._cluster.plan.namespace}, or use `via: pod`"
            return Check("unknown", said, mend=mend)
        return Check("unknown", said, mend=error.mend)

    async def close(self) -> None:
        """Nothing is open between two checks."""
