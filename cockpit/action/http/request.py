"""A request, prepared: what is sent where, with nothing that is secret, and what stands against it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from cockpit.action.http.answer import Expected
from cockpit.action.http.direct import Direct
from cockpit.action.http.exchange import Exchange
from cockpit.action.http.in_pod import InPod, Inside
from cockpit.action.http.proxied import Proxied
from cockpit.action.kubernetes.reading import Heading, kubectl, request_line
from cockpit.action.masking import Masking
from cockpit.action.model import VERIFY_TIMEOUT, Never, Plan, Risk, Situation
from cockpit.action.quoting import joined
from cockpit.incident.ids import new_id
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.inside.service_proxy import proxy_path
from cockpit.kube.inside.web import curl
from cockpit.runbook.parameters import Values
from cockpit.runbook.risk import risk_of_method
from cockpit.text import MASK, redact
from cockpit.values import replace

TIMEOUT = 10.0
"""Seconds of silence after which an answer counts as lost, unless the step says otherwise."""
_MARGIN = 20.0

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SECRET_HEADER = re.compile(r"auth|cookie|token|key|secret|signature|passw|session", re.I)


@dataclass(frozen=True, slots=True)
class Http:
    """Sends one request.

    Args:
        url: filled, its parameters percent-encoded.
        via: from this machine, through the API server to a service, or from inside a pod.
        namespace: of the service, for `service-proxy`.
        expect: the status that is success; None: any below 400.
        expect_body: a regular expression that the body must hold.
        values: the parameters' values, for those that are secret.
        in_pod: where `pod` sends it from.
        timeout: seconds of silence; None: the step's, else the usual.
        mitigates: it is there to make things better, so that resolving asks whether it stays.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    via: Literal["direct", "service-proxy", "pod"] = "direct"
    namespace: str = ""
    expect: int | None = None
    expect_body: str = ""
    values: Values = field(default_factory=lambda: Values({}))
    in_pod: InPod | None = None
    timeout: float | None = None
    heading: Heading = field(default_factory=lambda: Heading("HTTP"))
    mitigates: bool = False

    @property
    def needs_cluster(self) -> bool:
        """Whether it is sent through the cluster."""
        return self.via != "direct"

    async def prepare(self, access: Access | None, situation: Situation) -> Plan:
        """The plan; nothing is sent."""
        refusals = tuple(self._wrong())
        plan = replace(self._blank(), refusals=refusals)
        if refusals:
            return plan
        if self.via == "direct":
            return replace(plan, execution=Direct(self._exchange()))
        if access is None:
            return replace(plan, refusals=("the cluster is not open",))
        plan = replace(plan, context=access.context, server=access.server, namespace=self.namespace)
        return self._proxied(plan, access, situation) if self.via == "service-proxy" else self._inside(plan, situation)

    def _blank(self) -> Plan:
        heading = self.heading
        return Plan(
            run=new_id(),
            title=heading.title,
            risk=self._risk,
            command=self._curl(),
            execution=Never(),
            step=heading.step,
            request=self._request(),
            server=self._origin(),
            object=f"endpoint/{urlsplit(self.url).hostname or ''}",
            mitigates=self.mitigates,
            beyond="it goes to no cluster that is marked `drill: true`" if self.via == "direct" else "",
            checks=heading.checks,
            timeout=self._limit + _MARGIN,
            verify_timeout=VERIFY_TIMEOUT,
        )

    @property
    def _risk(self) -> Risk:
        return self.heading.risk or risk_of_method(self.method)

    @property
    def _limit(self) -> float:
        given = self.heading.timeout if self.timeout is None else self.timeout
        return TIMEOUT if given is None else given

    @property
    def _masking(self) -> Masking:
        return Masking.of(self.values)

    def _sent_headers(self) -> dict[str, str]:
        """Those given; a body that is JSON is called so."""
        named = {name.lower() for name in self.headers}
        typed = {"Content-Type": "application/json"} if _is_json(self.body) and "content-type" not in named else {}
        return {**typed, **self.headers}

    def _wrong(self) -> Iterator[str]:
        """What stands against it, whatever the network says."""
        try:
            parts = urlsplit(self.url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good or re.search(r"[\x00-\x20\x7f]", self.url):
            yield f"`{self._hidden(self.url)[:80]}` is no address of http or https"
        for name, value in self.headers.items():
            if not _HEADER.fullmatch(name) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value) or not value.isascii():
                yield f"the header {self._hidden(name)[:60]} has characters that no header can have"
        if self.expect_body and not _compiles(self.expect_body):
            yield f"{self.expect_body} is no regular expression; correct the runbook"

    def _exchange(self) -> Exchange:
        expected = Expected(self.expect, self.expect_body)
        headers, changes = self._sent_headers(), self._risk in ("changing", "destructive")
        return Exchange(self.method, self.url, headers, self.body, expected, self._masking, self._limit, changes)

    def _proxied(self, plan: Plan, access: Access, situation: Situation) -> Plan:
        """Through the API server, which takes no headers of ours and JSON alone."""
        extra = [name for name in self.headers if name.lower() not in ("accept", "content-type")]
        if extra or (self.body and not _is_json(self.body)):
            what = f"the header {extra[0]}" if extra else "a body that is no JSON"
            return replace(plan, refusals=(f"{what} cannot go through the API server; use via: pod, or direct",))
        try:
            path, query = proxy_path(self.url, self.namespace)
        except KubeError as error:
            return replace(plan, refusals=(str(error),))
        line = self._hidden(request_line(self.method, path, query))
        raw = kubectl(situation, self.namespace, "get", "--raw", line.partition(" ")[2])
        return replace(
            plan,
            command=raw if self.method == "GET" else self._curl(),
            request=line + (f" {self._hidden(self.body)}" if self.body else ""),
            execution=Proxied(access, self.namespace, self._exchange()),
        )

    def _inside(self, plan: Plan, situation: Situation) -> Plan:
        """From inside a pod, where words are seen by all that look at its processes."""
        if self.in_pod is None:
            return replace(plan, refusals=("it is sent from inside a pod, and none was chosen: select a pod first",))
        words = curl(self.method, self.url, self._sent_headers(), self.body, self._limit)
        if any(self._masking.text(word) != word for word in words):
            why = "a secret would be a word of a command in the pod, which others can read; use via: direct"
            return replace(plan, refusals=(why,))
        shown = self._hidden(kubectl(situation, self.namespace, "exec", self.in_pod.name, "--", *words))
        return replace(
            plan, command=shown, object=f"pod/{self.in_pod.name}", execution=Inside(self.in_pod, self._exchange())
        )

    def _origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def _request(self) -> str:
        """What is sent, line by line, with masks."""
        headers = [f"{name}: {self._header(name, value)}" for name, value in self._sent_headers().items()]
        body = ["", self._hidden(self.body)] if self.body else []
        return "\n".join([f"{self.method} {self._hidden(self.url)}", *headers, *body])

    def _curl(self) -> str:
        sent = self._sent_headers()
        headers = {name: self._header(name, value) for name, value in sent.items()}
        return joined(
            curl(self.method, self.url, sent, self.body, self._limit),
            curl(self.method, self._hidden(self.url), headers, self._hidden(self.body), self._limit),
        )

    def _header(self, name: str, value: str) -> str:
        """A header's value as it may be seen: of one that lets somebody in, nothing but the names of parameters."""
        masked = self._masking.text(value)
        return redact(masked) if masked != value or not _SECRET_HEADER.search(name) else MASK

    def _hidden(self, text: str) -> str:
        return redact(self._masking.text(text))


def _is_json(body: str) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
