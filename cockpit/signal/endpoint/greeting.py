"""Greetings that prove what listens on a port, without credentials and without changing anything.

Sources: Redis' inline commands (redis.io/docs/latest/develop/reference/protocol-spec), AMQP 0-9-1 section 4.2.2, and
PostgreSQL's SSLRequest (postgresql.org/docs/current/protocol-message-formats.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from cockpit.signal.endpoint.check import Verdict, short

Judged = tuple[Verdict, str]


class Greeting(Struct, frozen=True):
    """What is said, and what the answer means.

    Attributes:
        says: the bytes that are sent.
        reads: how many bytes of the answer are enough.
        judge: what the first of them mean; they may be fewer when the other side hung up.
    """

    says: bytes
    reads: int
    judge: Callable[[bytes], Judged]


def _redis(answer: bytes) -> Judged:
    if answer.startswith((b"+PONG", b"-NOAUTH", b"-NOPERM", b"-DENIED")):
        return "ok", ""
    if answer.startswith((b"-LOADING", b"-MASTERDOWN", b"-BUSY")):
        return "failing", f"Redis says {_words(answer)}"
    return "failing", f"no Redis answered: {_words(answer)}"


def _amqp(answer: bytes) -> Judged:
    """A method frame on channel 0 with Connection.Start, or the header of the version that the server would have."""
    if answer[:3] == b"\x01\x00\x00" and b"\x00\x0a\x00\x0a" in answer[:16]:
        return "ok", ""
    if answer.startswith(b"AMQP"):
        return "failing", "it speaks another version of AMQP than 0-9-1"
    return "failing", f"no AMQP answered: {_words(answer)}"


def _postgresql(answer: bytes) -> Judged:
    """One letter: with TLS (S) or without (N); an error where it speaks an older protocol."""
    if answer[:1] in (b"S", b"N"):
        return "ok", ""
    return "failing", f"no PostgreSQL answered: {_words(answer)}"


def _words(answer: bytes) -> str:
    return short(answer.decode("utf-8", "replace")) or "nothing"


GREETINGS: Mapping[str, Greeting] = {
    "redis": Greeting(b"PING\r\n", 5, _redis),
    "amqp": Greeting(b"AMQP\x00\x00\x09\x01", 11, _amqp),
    "postgresql": Greeting(b"\x00\x00\x00\x08\x04\xd2\x16\x2f", 1, _postgresql),
}
"""By the name that the configuration gives the protocol."""
