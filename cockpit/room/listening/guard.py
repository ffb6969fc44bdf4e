"""Who may send: somebody who shows the token, or who signed the body. Compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cockpit.signal.intake.mapping import Signature

Verdict = Literal["yes", "no", "by the body"]


@dataclass(frozen=True, slots=True, repr=False)
class Guard:
    """What a sender must show; without token and secret anybody may send.

    Attributes:
        token: as a bearer token, or as the password of basic authentication whoever the user is.
        secret: with which a body is signed as `signature` says.
    """

    token: str = ""
    secret: str = ""
    signature: Signature | None = None

    @property
    def is_open(self) -> bool:
        """Whether anybody may send."""
        return not (self.token or self.secret)

    def admits(self, headers: Mapping[str, str]) -> Verdict:
        """Whether somebody may send, by the headers alone; `by the body` where the signature must tell."""
        if self.is_open:
            return "yes"
        given = _shown(headers.get("authorization", ""))
        if self.token and given and hmac.compare_digest(given, _bytes(self.token)):
            return "yes"
        signs = self.secret and self.signature and headers.get(self.signature.header.lower())
        return "by the body" if signs else "no"

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether one of the signatures in the header is of this body."""
        if not self.secret or self.signature is None:
            return False
        right = hmac.new(_bytes(self.secret), body, hashlib.sha256).hexdigest().encode()
        given = [each.strip() for each in headers.get(self.signature.header.lower(), "")[:2000].split(",")]
        prefix = self.signature.prefix
        signed = [each.removeprefix(prefix).lower().encode() for each in given if each.startswith(prefix)]
        return any(hmac.compare_digest(each, right) for each in signed)


def _shown(header: str) -> bytes:
    """The bytes of the token of an `Authorization` header; empty where it has none."""
    scheme, _, given = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return given.strip().encode("latin-1", "replace")  # as which headers are read, whatever they were written in
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(given, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _bytes(secret: str) -> bytes:
    """A secret as it was given; what is no UTF-8 in the environment comes back as it was there."""
    return secret.encode(errors="surrogateescape")
