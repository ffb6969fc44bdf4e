"""PagerDuty pages a person or a team by name: an incident of the REST API, assigned to whoever the target names.

The documents: https://developer.pagerduty.com/api-reference, "Create an Incident", "List escalation policies", "List
users". An open incident with the same `incident_key` makes PagerDuty refuse a second one: the message's id is the key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from cockpit.incident.kinds import Message
from cockpit.message.channel import ChannelError, Occasion, Reference
from cockpit.message.http import Answer
from cockpit.message.pagerduty.rest import INCIDENT, PagerdutyRest, items
from cockpit.message.pages import details, gravity, line, whole

_TITLE, _DETAILS, _PEOPLE = 1024, 40_000, 5
"""Characters of a title and of the details, and people whom one page is assigned to."""


class Whom(Struct, frozen=True):
    """Who is paged: a team by its escalation policy's id, else people by theirs; `name` is for people."""

    name: str
    policy: str = ""
    people: tuple[str, ...] = ()


class Direct:
    """Pages by name.

    Args:
        service: the id of the service on which the incident is made.
    """

    def __init__(self, rest: PagerdutyRest, service: str) -> None:
        self._rest = rest
        self._service = service

    async def whom(self, message: Message) -> Whom | None:
        """The team that is called as the page's target, else the people of its handles; None where PagerDuty knows
        neither. Raises ChannelError."""
        target = message.options.get("target", "")
        if word := max(_plain(target).split("-"), key=len):  # a name may have another sign between its words
            answer = await self._rest.call("GET", "/escalation_policies", params={"query": word, "limit": "100"})
            for each in items(answer, "escalation_policies"):
                if _plain(each.get("name") or each.get("summary")) == _plain(target):
                    return Whom(target, policy=str(each.get("id", "")))
        handles = message.options.get("handles", "").split()[:_PEOPLE]
        found = {handle: id for handle in handles if (id := await self._person(handle.removeprefix("@")))}
        return Whom(" ".join(found), people=tuple(dict.fromkeys(found.values()))) if found else None

    async def _person(self, handle: str) -> str:
        """Somebody's id by the address, the part of it before the @, or the name; empty where several have it."""
        answer = await self._rest.call("GET", "/users", params={"query": handle, "limit": "100"})
        return _unique(items(answer, "users"), handle)

    async def page(self, whom: Whom, message: Message, occasion: Occasion) -> Reference:
        """Make the incident, once; raises ChannelError."""
        made: dict[str, Any] = {
            "type": "incident",
            "title": line(message.title or message.text, _TITLE) or "Incident",
            "service": {"id": self._service, "type": "service_reference"},
            "incident_key": message.message,
            "urgency": "high" if gravity(message, occasion) <= 2 else "low",
            "body": {"type": "incident_body", "details": _details(message, occasion)},
        }
        if whom.policy:
            made["escalation_policy"] = {"id": whom.policy, "type": "escalation_policy_reference"}
        else:
            made["assignments"] = [{"assignee": {"id": id, "type": "user_reference"}} for id in whom.people]
        if known := await self._known(message.message):
            return Reference(f"PagerDuty has paged {whom.name}", known, repeated=True)
        try:
            return _made(await self._rest.call("POST", "/incidents", json={"incident": made}), whom)
        except ChannelError as error:
            if "dedup key" not in error.reason or not (known := await self._known(message.message)):
                raise
            return Reference(f"PagerDuty has paged {whom.name}", known, repeated=True)

    async def _known(self, key: str) -> str:
        """The open incident that an attempt before made; empty where there is none."""
        answer = await self._rest.call("GET", "/incidents", params={"incident_key": key, "limit": "1"})
        found = items(answer, "incidents")
        return f"{INCIDENT}{found[0].get('id')}" if found else ""


def _made(answer: Answer, whom: Whom) -> Reference:
    id, number = answer.get("incident", "id"), answer.get("incident", "incident_number")
    if not id:
        raise ChannelError("PagerDuty's answer names no incident; a proxy may stand between", retryable=True)
    return Reference(f"PagerDuty incident #{number} for {whom.name}", f"{INCIDENT}{id}")


def _unique(users: Sequence[Mapping[str, Any]], handle: str) -> str:
    wanted = _plain(handle)
    for by in (_address, _local, _name):
        ids = {str(each.get("id", "")) for each in users if by(each) == wanted}
        if ids:
            return ids.pop() if len(ids) == 1 else ""
    return ""


def _address(user: Mapping[str, Any]) -> str:
    return _plain(user.get("email"))


def _local(user: Mapping[str, Any]) -> str:
    return _plain(str(user.get("email") or "").partition("@")[0])


def _name(user: Mapping[str, Any]) -> str:
    return _plain(user.get("name"))


def _plain(name: Any) -> str:
    """`Database Team` is `database-team`."""
    return "-".join(str(name or "").replace("_", " ").casefold().split())


def _details(message: Message, occasion: Occasion) -> str:
    known = [f"{name}: {value}" for name, value in details(message, occasion).items()]
    return whole("\n".join([message.text, "", *known, occasion.link]), _DETAILS)
