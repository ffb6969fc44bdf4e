"""The endpoints of a service: what is asked over HTTP or TCP, or read from a public status page, and what is well."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config.headers import Headers
from cockpit.config.jsonpath import JsonPath
from cockpit.config.values import Duration, FilePath, Name, Secret, Strict, Text, Url

Protocol = Literal["redis", "amqp", "postgresql"]
Way = Literal["direct", "service-proxy", "pod"]

_SPAN = re.compile(r"([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?")
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})):(\d{1,5})")
_LONGEST_LIST = 20


def _statuses(value: Any) -> Any:
    """`200`, `"200-299"`, or a list of those, as spans of HTTP statuses."""
    if isinstance(value, tuple):
        return value
    given = value if isinstance(value, list) else [value]
    found = [_SPAN.fullmatch(str(each)) if not isinstance(each, bool) else None for each in given]
    spans = [(int(each[1]), int(each[2] or each[1])) for each in found if each]
    if not spans or len(spans) < len(given) or len(spans) > _LONGEST_LIST or any(low > high for low, high in spans):
        raise PydanticCustomError("statuses", 'is no HTTP status; write 200, "200-299" or [200, 204]')
    return tuple(spans)


Statuses = Annotated[tuple[tuple[int, int], ...], BeforeValidator(_statuses)]


def _address(value: Any) -> Any:
    found = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if found is None or not 0 < int(found[2]) < 65536:
        raise PydanticCustomError("address", "is no address; write HOST:PORT, as redis:6379")
    return value


class BodyCheck(Strict):
    """What the beginning of a body must hold, as it stands."""

    contains: Text


class JsonCheck(Strict):
    """What one value of a JSON body must be."""

    path: JsonPath
    """Where it is, as `$.status` or `$.checks[0].state`."""
    equals: str | int | float | bool | None


class EndpointConfig(Strict):
    """Something whose answer is watched. What is asked changes nothing there.

    Attributes:
        http: the address that a GET (or HEAD) is sent to.
        tcp: HOST:PORT to which a connection is opened; `speaks` proves by a greeting without credentials what listens.
        statuspage: a public page of Atlassian Statuspage; `components` those of it that matter, none: all.
        via: from this machine; through the API server to the service that the host names; or from a ready pod, where
            only curl says how long the answer itself took, and busybox' wget follows redirects (the status is that of
            the first answer; its target cannot be known).
        headers: of the request; secrets come from elsewhere, and leave this machine only directly.
        expect: the statuses that are well.
        body, json: what the answer's body must hold, within its first 64 KiB.
        redirects: whether they are followed, to the same host alone.
        ca: certificates that are trusted instead of this machine's.
        interval: seconds between two checks; of a status page at least 60 unless told.
        timeout: seconds after which an answer counts as lost.
        warning: seconds of latency above which it is slow.
        failures: how many checks in a row must say so before its state changes.
    """

    http: Url | None = None
    tcp: Annotated[str, BeforeValidator(_address)] | None = None
    statuspage: Url | None = None
    via: Way = "direct"
    method: Literal["GET", "HEAD"] = "GET"
    headers: Headers = Field(default_factory=dict)
    expect: Statuses = ((200, 299),)
    body: BodyCheck | None = None
    json_: JsonCheck | None = Field(default=None, alias="json")
    redirects: bool = False
    ca: FilePath | None = None
    speaks: Protocol | None = None
    components: list[Text] = Field(default_factory=list)
    interval: Duration | None = None
    timeout: Duration = 5.0
    warning: Duration | None = None
    failures: int = Field(default=2, ge=1, le=20)

    @property
    def every(self) -> float:
        """Seconds between two checks."""
        return self.interval or (60.0 if self.statuspage else 15.0)

    @model_validator(mode="after")
    def _of_one_kind(self) -> EndpointConfig:
        given = [name for name in _KINDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise PydanticCustomError("endpoint", "needs exactly one of http, tcp and statuspage")
        for name, kinds in _ONLY.items():
            if name in self.model_fields_set and given[0] not in kinds:
                told = {"name": name.rstrip("_"), "kind": given[0], "kinds": " or ".join(kinds)}
                raise PydanticCustomError("endpoint", "has `{name}`, which belongs to `{kinds}` and not `{kind}`", told)
        return self

    @model_validator(mode="after")
    def _can_go_that_way(self) -> EndpointConfig:
        wrong = ""
        secrets = [name for name, value in self.headers.items() if isinstance(value, Secret)]
        if self.statuspage and self.via != "direct":
            wrong = "is a public page, which is read from this machine; remove `via`"
        elif self.tcp and self.via == "service-proxy":
            wrong = "cannot be connected to through the API server; use `via: pod`, or direct"
        elif self.via == "service-proxy" and self.headers:
            wrong = "has headers, which the API server does not hand on; use `via: pod`, or direct"
        elif self.via == "pod" and secrets:
            wrong = f"would show the secret of {secrets[0]} among the pod's processes; use `via: direct`"
        elif self.via != "direct" and (self.ca or self.redirects):
            wrong = "has `ca` or `redirects`, which only `via: direct` can follow"
        elif self.method == "HEAD" and (self.body or self.json_):
            wrong = "asks with HEAD, whose answer has no body; use GET, or remove `body` and `json`"
        if wrong:
            raise PydanticCustomError("endpoint", "{wrong}", {"wrong": wrong})
        return self


class EndpointSignal(Strict):
    """Where a threshold's value comes from, when it is how long an endpoint takes to answer."""

    endpoint: Name
    unit: Literal["seconds", "milliseconds"] = "seconds"


_KINDS = ("http", "tcp", "statuspage")
_HTTP = ("http",)
_ONLY: dict[str, tuple[str, ...]] = {
    "method": _HTTP, "headers": _HTTP, "expect": _HTTP, "body": _HTTP, "json_": _HTTP, "redirects": _HTTP,
    "ca": ("http", "statuspage"), "speaks": ("tcp",), "components": ("statuspage",),
}  # fmt: skip
"""The keys that only some kinds have."""
