"""A Prometheus, or what speaks its API (Mimir, Cortex, Thanos, VictoriaMetrics), and how one proves who asks."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config.headers import Headers
from cockpit.config.values import Duration, Secret, Strict, Text, Url


class BasicAuth(Strict):
    """A user and a password, as HTTP's Basic authentication takes them."""

    username: Text
    password: Secret


class PrometheusConfig(Strict):
    """One Prometheus."""

    url: Url
    interval: Duration = 15.0
    """Seconds between two readings."""
    token: Secret | None = None
    basic: BasicAuth | None = None
    headers: Headers = Field(default_factory=dict)
    """Sent with every request, such as `X-Scope-OrgID`, by which Mimir and Cortex know the tenant."""

    @model_validator(mode="after")
    def _one_proof(self) -> PrometheusConfig:
        if self.token and self.basic:
            raise PydanticCustomError("proof", "has both `token` and `basic`; one of them is sent, so remove the other")
        return self
