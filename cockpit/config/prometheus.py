"""A Prometheus, or what speaks its API (Mimir, Cortex, Thanos, VictoriaMetrics), and how one proves who asks."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config.values import Duration, Secret, Strict, Text, Url

_SECRET_HEADER = re.compile(r"(?i)auth|token|key|secret|cookie|password")
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
"""A header's name: a token of RFC 9110."""
HeaderText = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]([\x20-\x7e]{0,998}[\x21-\x7e])?$")]


def _how_given(value: Any) -> str:
    return "secret" if isinstance(value, dict | Secret) else "text"


HeaderValue = Annotated[
    Annotated[HeaderText, Tag("text")] | Annotated[Secret, Tag("secret")], Discriminator(_how_given)
]
"""What a header says: text, or where a secret comes from."""


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
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Sent with every request, such as `X-Scope-OrgID`, by which Mimir and Cortex know the tenant."""

    @model_validator(mode="after")
    def _one_proof(self) -> PrometheusConfig:
        if self.token and self.basic:
            raise PydanticCustomError("proof", "has both `token` and `basic`; one of them is sent, so remove the other")
        for name, value in self.headers.items():
            if isinstance(value, str) and _SECRET_HEADER.search(name):
                raise PydanticCustomError(
                    "literal_secret",
                    "must not hold the secret of `headers.{name}` itself; write where it comes from, as {env: NAME}",
                    {"name": name},
                )
        return self
