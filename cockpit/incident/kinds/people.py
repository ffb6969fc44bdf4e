"""Who does what: roles, handovers, checklists, asks, pages, action items."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from cockpit.incident.kinds.payload import Payload
from cockpit.incident.terms import Role


class RoleChange(Payload):
    """A role is taken or given (`handle`), or released (no handle)."""

    kind = "role"
    free = ("why",)
    amends = ("why",)
    movable = True
    role: Role
    handle: str | None = None
    why: str | None = None
    over: str | None = None


class ChecklistItem(Payload):
    """A checklist item is ticked, opened again, or does not apply."""

    kind = "checklist"
    free = (
        "text",
        "why",
    )
    amends = ("why",)
    movable = True
    item: str
    state: Literal["done", "open", "not-applicable"]
    text: str = ""
    why: str = ""
    over: str | None = None


class Handover(Payload):
    """A role is offered to somebody, who accepts or declines; `brief` is what was handed over with it."""

    kind = "handover"
    free = ("brief", "why")
    handover: str
    role: Role
    giver: str = ""
    to: str
    state: Literal["offered", "accepted", "declined", "withdrawn"]
    brief: str = ""
    why: str = ""


class Ask(Payload):
    """Somebody is asked for something by a time; `number` is for people (A1), `ask` its identity."""

    kind = "ask"
    free = ("text", "answer")
    amends = ("answer", "text")
    movable = True
    ask: str
    number: int = Field(ge=1)
    handle: str
    state: Literal["opened", "acknowledged", "answered", "overdue", "withdrawn"] = "opened"
    text: str = ""
    due: datetime | None = None
    answer: str = ""


class BreakGlass(Payload):
    """Somebody did what his roles do not let him do, for a reason; the deed itself is the entry after it.

    `what` says more of the deed where there is more: the severity, the duplicate that was merged, the step; `run` is
    the run.
    """

    kind = "break-glass"
    free = ("what", "why")
    amends = ("why",)
    deed: Literal["read", "change", "destroy", "severity", "resolve", "close"]
    what: str = ""
    why: str
    run: str = ""


class Page(Payload):
    """A person or team was paged; `message` names the message that went out, empty where no channel reaches it."""

    kind = "page"
    free = ("text",)
    amends = ("text",)
    movable = True
    target: str
    handles: tuple[str, ...] = ()
    text: str = ""
    message: str = ""
    by_hand: str = ""
    """How somebody is reached by hand (a telephone number) where no channel does it."""


class ActionItem(Payload):
    """Something to do after the incident, tracked until it is done; the terms are the plan's (lines 554-557)."""

    kind = "action-item"
    free = ("text", "why")
    amends = ("text",)
    item: str
    number: int = Field(ge=1)
    state: Literal["open", "done", "dropped"] = "open"
    text: str = ""
    owner: str = ""
    due: date | None = None
    term: Literal["immediate", "short-term", "long-term"] = "short-term"
    why: str = ""
