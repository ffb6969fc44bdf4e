"""What every request stands on: the desk it decides at, and the rules that several of them share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from cockpit.config import PageTarget
from cockpit.incident import kinds
from cockpit.incident.checklists import Checklist
from cockpit.incident.entry import Draft
from cockpit.incident.policies import Policy
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.incident.timeline import Timeline
from cockpit.room.messages.places import Places
from cockpit.room.refusal import Refusal
from cockpit.runbook.model import Step
from cockpit.text import clean, redact

if TYPE_CHECKING:
    from cockpit.message.templates.template import Rendered

NOTHING: Mapping[str, str] = {}

__all__ = [
    "Announcement", "Compose", "Desk", "OpenBlanks", "Refusal", "Request", "Write", "handle", "must_be_declared",
    "must_not_be_closed", "must_not_be_merged", "optional", "severity_of", "worded",
]  # fmt: skip


class Announcement(Struct, frozen=True):
    """What is told to others at one moment of the incident, and which audiences are told nothing, each with why."""

    messages: tuple[kinds.Message, ...]
    untold: tuple[tuple[str, str], ...] = ()


class Compose(Protocol):
    """Renders the messages that fit the incident as it is."""

    def __call__(self, state: State, fields: Mapping[str, str], audiences: Collection[str]) -> Announcement:
        """The messages.

        Args:
            state: what they speak of.
            fields: what fills the blanks of their templates, by name.
            audiences: who is told; none: whom the policy wants told now.

        Raises:
            OpenBlanks: something must be filled in first.
            Refusal: it cannot be done.
        """


class OpenBlanks(Refusal):
    """Blanks of templates must be filled before anybody is told; `blanks` has each with a hint."""

    def __init__(self, why: str, blanks: tuple[tuple[str, str], ...]) -> None:
        super().__init__(why)
        self.blanks = blanks


class Write(Protocol):
    """Gives words for a message that no announcement tells."""

    def __call__(
        self, audience: str, state: State, template: str = "", fields: Mapping[str, str] = NOTHING,
        telling: Collection[str] = (),
    ) -> Rendered | None:  # fmt: skip
        """What `audience` hears next of the incident as it is, by the template that fits or the one that is named, with
        `fields` for its blanks, while the audiences `telling` are told in the same act; None where there is none, or
        where a blank is open."""


LONGEST = 64 * 1024
"""Bytes of UTF-8 in one text of an entry; what is longer is a file."""


class Desk(Struct, frozen=True):
    """What a request may look at while it decides: who asks, when, and what the house knows."""

    incident: str
    now: datetime
    actor: str
    role: str | None
    policy: Policy | None
    policy_name: str = ""
    service: str = ""
    target: kinds.Target | None = None
    checklists: Sequence[Checklist] = ()
    label: str = ""
    timeline: Timeline | None = None
    """The record itself, for requests that are about an entry of it."""
    compose: Compose | None = None
    """Renders announcements; None where there are no templates."""
    write: Write | None = None
    """Words for messages that no announcement tells; None where there are no templates."""
    targets: Mapping[str, PageTarget] = field(default_factory=dict)
    """Whom `page` reaches."""
    places: Places = field(default_factory=Places)
    """What the channels can do besides telling."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """E-mail addresses of responders, by handle, as far as they are known."""
    steps: Mapping[str, Step] = field(default_factory=dict)
    """The runbook's steps by id."""

    def draft(
        self, payload: kinds.Payload, *, at: datetime | None = None, actor: str = "", role: str | None = None
    ) -> Draft:
        """An entry to be, occurred now or at `at`, by who asks, or by `actor` in `role`."""
        return Draft(
            incident=self.incident,
            kind=payload.kind,
            payload=payload.fields(),
            occurred=at or self.now,
            actor=actor or self.actor,
            role=role if actor else self.role,
            schema=payload.schema_version,
        )


class Request(Protocol):
    """A command, parsed."""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The entries that it becomes; raises Refusal."""


def worded(text: str, what: str) -> str:
    """`text` as it may be stored: cleaned and redacted; raises Refusal when nothing is left, or it is too long."""
    text = optional(text, what)
    if not text:
        raise Refusal(f"{what} is empty; say it in words")
    return text


def optional(text: str, what: str = "the text") -> str:
    """`text` as it may be stored, or nothing; raises Refusal when it is longer than LONGEST."""
    size = len(text) if len(text) > LONGEST else len(text.encode(errors="replace"))
    if size > LONGEST:
        raise Refusal(
            f"{what} has {size // 1024} KB, more than {LONGEST // 1024}; put it into a file and `attach FILE`"
        )
    return redact(clean(text, keep_newlines=True)).strip()


def handle(text: str) -> str:
    """A responder's handle as the record keeps it: with its @, without spaces or controls; raises Refusal."""
    name = text.strip().removeprefix("@")
    if not name or not all(c.isalnum() or c in "._-+" for c in name) or len(name) > 64:
        raise Refusal(f"'{clean(text)[:40]}' is no handle; write it like @alice (letters, digits, . _ -)")
    return f"@{name}"


def must_be_declared(state: State) -> None:
    """Raises Refusal where nothing was declared, or what was goes on in another incident."""
    must_not_be_merged(state)
    if state.declared is None:
        raise Refusal("no incident is declared here; start one with `incident start NAME` (D in the cockpit)")


def must_not_be_merged(state: State) -> None:
    """Raises Refusal where the incident goes on in another one."""
    if state.merged_into:
        into = state.statuses[-1].text if state.statuses else "merged"
        raise Refusal(f"this incident was {into}: write there")


def must_not_be_closed(state: State) -> None:
    """Raises Refusal where nothing was declared, or all is over."""
    must_be_declared(state)
    if state.status is Status.CLOSED:
        raise Refusal("the incident is closed; `incident reopen WHY` opens it again")


def severity_of(text: str, policy: Policy | None) -> str:
    """A severity as the policy writes it: `p1` is P1, `sev1` is SEV-1; raises Refusal naming the levels there are."""
    given = clean(text).strip().upper()
    levels = list(policy.levels) if policy else []
    plain = {level.replace("-", ""): level for level in levels}
    if not levels and given:
        return given[:16]
    if given.replace("-", "") not in plain:
        raise Refusal(f"'{clean(text)[:20]}' is no severity of this policy; it has {', '.join(levels)}")
    return plain[given.replace("-", "")]
