"""The entry: one thing that happened, its envelope, its order and the chain that shows nobody changed it."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Self

from msgspec import Struct

from cockpit.values import replace

GENESIS = bytes(32)
"""What a writer's first entry names as its previous hash."""

SALT_BYTES = 16

_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def instant(text: str) -> datetime:
    """Read `YYYY-MM-DDTHH:MM:SS.ffffffZ`, the only form in which the record writes time.

    Raises:
        ValueError: it is not of that form.
    """
    if _STAMP.fullmatch(text):  # what `stamp` writes is read ten times faster so, twice for each entry of a record
        return datetime.fromisoformat(text)
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def stamp(at: datetime) -> str:
    """Write an aware instant in the record's form: UTC, microseconds, fixed width, so that text order is time order."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


class Recorded(Struct, frozen=True, order=True):
    """A hybrid logical clock reading (Kulkarni et al., 2014): UTC, and a counter where UTC did not move on."""

    at: datetime
    counter: int = 0

    def after(self, now: datetime) -> Recorded:
        """The next reading at wall time `now`: never at or before this one, though the machine's clock stepped back."""
        return Recorded(now) if now > self.at else Recorded(self.at, self.counter + 1)

    def __str__(self) -> str:
        return f"{stamp(self.at)}+{self.counter:06}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` wrote; raises ValueError."""
        at, _, counter = text.rpartition("+")
        return cls(instant(at), int(counter))


EARLIEST = Recorded(datetime.min.replace(tzinfo=UTC) + timedelta(days=1))
"""Before anything that was ever recorded."""


def canonical(value: object) -> bytes:
    """Encode JSON in the one form that is hashed: sorted keys, no spaces, UTF-8, no NaN.

    Raises:
        ValueError: NaN, an infinity, or text with a lone surrogate.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


class Draft(Struct, frozen=True):
    """What somebody wants recorded; the journal turns it into an entry."""

    incident: str
    kind: str
    payload: Mapping[str, Any]
    occurred: datetime
    actor: str
    role: str | None = None
    supersedes: str | None = None
    schema: int = 1


@dataclass(frozen=True)
class Entry:
    """One entry of a record, as DESIGN's table has it.

    `body` is the payload's canonical JSON; body and salt are None when the entry was redacted, and the digest
    then still holds the chain together. `previous` and `hash` are the writer's chain.
    """

    id: str
    incident: str
    kind: str
    schema: int
    occurred: datetime
    recorded: Recorded
    writer: str
    seq: int
    actor: str
    role: str | None
    supersedes: str | None
    body: bytes | None = field(repr=False)
    salt: bytes | None = field(repr=False)
    digest: bytes = field(repr=False)
    previous: bytes = field(repr=False)
    hash: bytes = field(repr=False)

    @property
    def order(self) -> tuple[datetime, Recorded, str, int]:
        """Where it stands in every copy of the record: occurred, recorded, writer, seq."""
        return (self.occurred, self.recorded, self.writer, self.seq)

    @cached_property
    def payload(self) -> Mapping[str, Any]:
        """The kind's fields, decoded when looked at; empty when redacted."""
        return {} if self.body is None else dict(json.loads(self.body))

    @property
    def redacted(self) -> bool:
        """Whether its payload was erased."""
        return self.body is None

    @property
    def late(self) -> timedelta:
        """How long after it occurred it was recorded; zero when it was recorded as it happened."""
        return max(self.recorded.at - self.occurred, timedelta())

    def envelope(self) -> bytes:
        """The bytes of everything but payload, salt and chain, as hashed."""
        fields = {name: getattr(self, name) for name in ("id", "incident", "kind", "schema", "writer", "seq")}
        fields |= {"actor": self.actor, "role": self.role, "supersedes": self.supersedes}
        return canonical(fields | {"occurred": stamp(self.occurred), "recorded": str(self.recorded)})

    def true_digest(self) -> bytes:
        """SHA-256(salt ‖ payload) of what is stored; of a redacted entry, the digest it kept."""
        if self.body is None or self.salt is None:
            return self.digest
        return hashlib.sha256(self.salt + self.body).digest()

    def true_hash(self) -> bytes:
        """SHA-256(previous ‖ envelope ‖ digest): what `hash` must be."""
        return hashlib.sha256(self.previous + self.envelope() + self.true_digest()).digest()


class Tail(Struct, frozen=True):
    """The end of a writer's chain: what the next entry continues."""

    writer: str
    seq: int = 0
    hash: bytes = GENESIS
    seen: Recorded = EARLIEST


def new_salt() -> bytes:
    """Random bytes that keep a digest from telling what a redacted payload was."""
    return secrets.token_bytes(SALT_BYTES)


def seal(draft: Draft, tail: Tail, *, id: str, now: datetime, salt: bytes | None = None) -> tuple[Entry, Tail]:
    """Make the entry that follows `tail` from `draft`, recorded at wall time `now`, and the tail after it.

    Args:
        salt: SALT_BYTES random bytes; new ones when none are given.

    Raises:
        ValueError: the payload cannot be written as JSON.
    """
    body, salt = canonical(dict(draft.payload)), new_salt() if salt is None else salt
    recorded = tail.seen.after(now)
    unsealed = Entry(
        id=id,
        incident=draft.incident,
        kind=draft.kind,
        schema=draft.schema,
        occurred=draft.occurred.astimezone(UTC),
        recorded=recorded,
        writer=tail.writer,
        seq=tail.seq + 1,
        actor=draft.actor,
        role=draft.role,
        supersedes=draft.supersedes,
        body=body,
        salt=salt,
        digest=hashlib.sha256(salt + body).digest(),
        previous=tail.hash,
        hash=b"",
    )
    entry = replace(unsealed, hash=unsealed.true_hash())
    return entry, Tail(tail.writer, entry.seq, entry.hash, recorded)
