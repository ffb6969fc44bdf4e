"""The whole schema of the file, also of the parts that this version validates and then refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config.lines import Document, Location
from cockpit.config.model import Config, ServiceConfig
from cockpit.config.values import Duration, Name, Strict, Url


class Endpoint(Strict):
    """Something whose answer is watched."""

    http: Url | None = None
    tcp: str | None = Field(default=None, pattern=r"^[^\s:]+:\d{1,5}$")
    statuspage: Url | None = None
    via: Literal["direct", "service-proxy", "pod"] = "direct"
    expect: int = Field(default=200, ge=100, le=599)
    timeout: Duration = 3.0

    @model_validator(mode="after")
    def _one_kind(self) -> Endpoint:
        if sum(each is not None for each in (self.http, self.tcp, self.statuspage)) != 1:
            raise PydanticCustomError("endpoint", "needs exactly one of http, tcp and statuspage")
        return self


class ServiceSchema(ServiceConfig):
    """A service, with what is not available yet."""

    endpoints: dict[Name, Endpoint] = Field(default_factory=dict)


class Schema(Config):
    """A whole file, with what is not available yet."""

    services: dict[Name, ServiceSchema] = Field(default_factory=dict)  # type: ignore[assignment]  # wider


_OF_A_SERVICE = {"endpoints": "endpoint checks"}


def not_available(document: Document) -> Iterator[tuple[Location, str]]:
    """Where the file asks for what this version does not do, with what that is. The file has been validated."""
    for name, service in document.value.get("services", {}).items():
        for key, what in _OF_A_SERVICE.items():
            if key in service:
                yield ("services", name, key), what
