"""Permission by role: what each role may do in the cockpit, who is alone and may all, and breaking the glass.

The rules, which are advice among people (the cluster's own RBAC decides what it lets anybody do):

- `roles:` of the configuration says what a role may do. A role that is not named there may everything; without the
  section everybody may.
- Who holds several roles may what any of them may. Who holds none is held to `observer`, where that is named.
- Who was started with `--role observer` only looks, until he takes a role.
- Who is alone may everything: no other handle holds a role, and none is at the incident by the shared record. While
  that is away, nobody is known to be.
- Taking a role, and accepting one, is always allowed: a team may not lock itself out.
- Whoever may not do a deed may do it all the same with a reason, for that one deed: the record says so before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from cockpit.config import Config, Deed
from cockpit.incident import kinds
from cockpit.incident.state import State
from cockpit.incident.terms import OBSERVER, TO_DO, Role, Status
from cockpit.room import requests
from cockpit.room.refusal import Refusal
from cockpit.room.requests.desk import Request, worded
from cockpit.room.requests.in_place import resolves
from cockpit.values import replace

ALL_THE_SAME = "`--break-glass WHY` does it all the same, and the record says so"
"""What a refused deed that can be done all the same is told with."""

_OF_RISK: Mapping[str, Deed] = {"read-only": "read", "changing": "change", "destructive": "destroy"}


class NotPermitted(Refusal):
    """The roles of whoever asks do not let him do it; it can be done all the same with a reason. `why` is that and who
    may, without how to do it from a command line."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; {ALL_THE_SAME}")
        self.why = why


class Permission(Struct, frozen=True):
    """What the configuration lets each role do, by the role's name, and where in the file it says so."""

    may: Mapping[str, frozenset[Deed]] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Config) -> Permission:
        """As `roles:` of a configuration has it."""
        may: dict[str, frozenset[Deed]] = {name: frozenset(role.may) for name, role in config.roles.items()}
        return cls(may, {name: Path(config.where("roles", name)).name for name in may})

    def lets(self, role: str, deed: Deed) -> bool:
        """Whether `role` may do it. An observer only looks, also where nothing is configured."""
        if role == OBSERVER and role not in self.may:
            return deed == "read"
        return role not in self.may or deed in self.may[role]


class Asking(Struct, frozen=True):
    """Who asks, in which incident.

    Args:
        handle: who.
        given: the role that the cockpit or command was started with.
        state: the incident, with who holds which role.
        others: the handles that are at it by the shared record.
    """

    permission: Permission
    handle: str
    given: str | None
    state: State
    others: frozenset[str] = frozenset()

    @property
    def held(self) -> tuple[str, ...]:
        """The roles of whoever asks: those that the record gives him, and the one that he speaks in."""
        held = tuple(role.value for role in self.state.roles_of(self.handle))
        given = self.given if self.given not in (None, OBSERVER, *held) else None
        return (*held, given) if given else held

    @property
    def observes(self) -> bool:
        """Whether he said himself that he only looks, and has taken no role since."""
        return self.given == OBSERVER and not self.held

    @property
    def alone(self) -> bool:
        """Whether nobody else is known to respond."""
        return not (self.others | set(self.state.roles.values())) - {self.handle}

    def forbidden(self, deed: Deed) -> str:
        """Why he may not do it, and who may; empty where he may."""
        permission, held = self.permission, self.held
        if not self.observes and self.alone:
            return ""
        if not held and not self.observes and OBSERVER not in permission.may:
            return ""
        if any(permission.lets(role, deed) for role in held or (OBSERVER,)):
            return ""
        as_what = f"as {' and '.join(held)}" if held else "as an observer" if self.observes else "without a role"
        where = permission.where.get(held[0] if held else OBSERVER, "")
        place = f" (roles in {where})" if where else ""
        return f"{as_what} you may not {TO_DO[deed]}{place}; {self._who_may(deed)}"

    def _who_may(self, deed: Deed) -> str:
        """`@bob (ops) may`, else which role would, which anybody may take."""
        able = [role for role in Role if self.permission.lets(role, deed)]
        holders = [f"{self.state.roles[role]} ({role.value})" for role in able if role in self.state.roles]
        if holders:
            return f"{', '.join(holders)} may"
        named = [role.value for role in able if role.value in self.permission.may] or [role.value for role in able]
        if not named:
            return "no role may"
        return f"{named[0]} may, and nobody holds it: `role {named[0]} {self.handle}` takes it"

    def broken_glass(self, request: Request) -> list[kinds.BreakGlass]:
        """The entries of a request that its asker may not do, and does all the same; none where he may.

        Raises:
            NotPermitted: he may not, and gave no reason.
            Refusal: he only looks.
        """
        wanted = list(deeds(request, self.state))
        if (
            self.observes
            and not wanted
            and not isinstance(request, (requests.TakeRole, requests.Accept, requests.Decline))
        ):
            raise Refusal("as an observer you look, and write nothing; `role ROLE HANDLE` takes a role")
        return [glass for deed, part in wanted if (glass := self._glass(deed, part))]

    def _glass(self, deed: Deed, part: Any) -> kinds.BreakGlass | None:
        why = self.forbidden(deed)
        if not why:
            return None
        if not part.break_glass.strip():
            raise NotPermitted(why)
        what = str(getattr(part, "severity", "") or getattr(part, "other", ""))
        return kinds.BreakGlass(deed=deed, what=what, why=worded(part.break_glass, "the reason"))


def deed_of_risk(risk: str) -> Deed:
    """What somebody must be let do who runs a step of that risk."""
    return _OF_RISK[risk]


def deeds(request: Request, state: State) -> Iterator[tuple[Deed, Request]]:
    """What of `request` a role must be let do, each with the part of it that does so. Declaring is everybody's."""
    for part in getattr(request, "parts", (request,)):
        if isinstance(part, requests.SetSeverity):
            yield "severity", part
        elif isinstance(part, (requests.Close, requests.Merge)):
            yield "close", part
        elif resolves(part) and state.status is not Status.RESOLVED:
            yield "resolve", part


def breaking(request: Request, why: str) -> Request:
    """`request`, done all the same, for that reason."""
    changed: Any = request
    if hasattr(request, "parts"):
        return replace(changed, parts=tuple(breaking(part, why) for part in changed.parts))  # type: ignore[no-any-return]
    return replace(changed, break_glass=why) if hasattr(request, "break_glass") else request
