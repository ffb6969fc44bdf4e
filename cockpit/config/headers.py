"""Headers of requests: text, or where a secret comes from; what lets somebody in is never text."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, StringConstraints, Tag
from pydantic_core import PydanticCustomError

from cockpit.config.values import Secret

_SECRET = re.compile(r"auth|cookie|token|key|secret|signature|passw|session", re.I)
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
"""A header's name: a token of RFC 9110."""
HeaderText = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]([\x20-\x7e]{0,998}[\x21-\x7e])?$")]


def _how_given(value: Any) -> str:
    return "secret" if isinstance(value, dict | Secret) else "text"


HeaderValue = Annotated[
    Annotated[HeaderText, Tag("text")] | Annotated[Secret, Tag("secret")], Discriminator(_how_given)
]
"""What a header says."""


def _checked(value: Any) -> Any:
    """The value of a header that lets somebody in comes from elsewhere."""
    if not isinstance(value, dict):
        return value
    for name, given in value.items():
        if isinstance(given, str) and _SECRET.search(str(name)):
            raise PydanticCustomError(
                "literal_secret",
                "must not hold the secret itself; write where it comes from: {env: NAME}, {file: PATH} or "
                "{command: [PROGRAM, …]}",
            )
    return value


Headers = Annotated[dict[HeaderName, HeaderValue], BeforeValidator(_checked)]
"""The headers of a request, by name."""
