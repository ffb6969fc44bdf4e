"""One check of an endpoint: what came of it, in words for people."""

from __future__ import annotations

from typing import Literal, Protocol

from msgspec import Struct

from cockpit.signal.broken import LATE, NO_ROUTE, UNRESOLVED, why_broken
from cockpit.text import safe

Verdict = Literal["ok", "warning", "failing", "unknown"]
"""`unknown`: it could not be asked, or nobody can tell from what came."""

LONGEST = 200
"""Characters of what came that are kept."""

HERE = "this machine"
"""Where one asks from that asks directly."""

ELSEWHERE = "a name inside the cluster resolves only there: `via: service-proxy` or `via: pod`"


class Check(Struct, frozen=True):
    """What came of one check; all text is cleaned and holds no secret.

    Attributes:
        reason: why it is not ok; of a good one empty.
        latency: seconds until it answered; None when it did not, or nobody measured.
        besides: what the latency holds besides the answer, as `the exec`; empty when nothing.
        came: what came, in short.
        mend: what to do now.
    """

    verdict: Verdict
    reason: str = ""
    latency: float | None = None
    came: str = ""
    mend: str = ""
    besides: str = ""


class Asker(Protocol):
    """Asks one endpoint, in one way."""

    @property
    def asked(self) -> str:
        """What is asked, as `GET http://shop/health`; no secret is in it."""

    @property
    def place(self) -> str:
        """From where it was asked last, as `this machine`."""

    async def ask(self) -> Check:
        """Ask once; whatever goes wrong is part of what came. It may take as long as its timeout."""

    async def close(self) -> None:
        """Close what it holds open."""


def short(text: str) -> str:
    """The beginning of what came from outside, in one line, cleaned and redacted."""
    shown = " ".join(safe(text[: LONGEST * 4]).split())
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def broken(error: BaseException, timeout: float) -> Check:
    """The check of a connection that did not come about, or broke."""
    reason, mend = _why(error, timeout)
    return Check("failing", reason, mend=mend)


def _why(error: BaseException, timeout: float) -> tuple[str, str]:
    """Why, and what to do now."""
    why = why_broken(error)
    if why == LATE:
        return f"no answer within {timeout:g} s", ""
    mends = {UNRESOLVED: ELSEWHERE, NO_ROUTE: "check the network or VPN"}
    return why, mends.get(why, "")
