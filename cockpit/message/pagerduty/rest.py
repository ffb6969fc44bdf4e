"""PagerDuty's REST API: answers and notes for an incident, and who is on call with their telephone numbers.

The documents: https://developer.pagerduty.com/api-reference (incidents, notes, oncalls, contact methods). A token
needs the scopes incidents.read, incidents.write, oncalls.read and users.contact_methods.read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.config import PagerdutyConfig
from cockpit.incident.kinds import Message
from cockpit.message.channel import ChannelError
from cockpit.message.http import Answer, Api
from cockpit.message.oncall.person import OnCallPerson, first, handle_of, instant, told
from cockpit.message.pages import note_text

INCIDENT = "incident/"
"""Before an incident's id where a page has that for its key, since the Events API knows nothing of it."""
_NOTE = 25_000
"""Characters of a note."""
_PAGES, _PAGE, _PEOPLE = 5, 100, 40
"""On-calls that are read, and people whose telephone numbers are asked for: one request each."""


class PagerdutyRest:
    """The REST API of one account.

    Args:
        near: reach nothing but this machine.
    """

    def __init__(self, config: PagerdutyConfig, clock: Clock, *, near: bool) -> None:
        self._config = config
        self._api = Api("PagerDuty", config.url, clock, near=near)

    async def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, json: Any = None
    ) -> Answer:
        """Send one request; raises ChannelError."""
        if self._config.token is None:
            raise ChannelError("PagerDuty's REST API wants a `token` under `channels:`", retryable=False)
        headers = {
            "Accept": "application/vnd.pagerduty+json;version=2",
            "Authorization": f"Token token={await self._api.secret(self._config.token)}",
            "From": self._config.sender or "",
        }
        return await self._api.call(method, path, params=params, json=json, headers=headers)

    async def note(self, key: str, message: Message) -> tuple[str, str]:
        """Add a note to the incident of the page with that `dedup_key`, once. Gives what to tell people, and the
        note's id; raises ChannelError."""
        id = key.removeprefix(INCIDENT) if key.startswith(INCIDENT) else await self._of(key)
        if not id:
            return "PagerDuty has no incident for the page any more", ""
        path = f"/incidents/{quote(id, safe='')}/notes"
        content = note_text(message, _NOTE)
        for each in items(await self.call("GET", path), "notes"):
            if str(each.get("content", "")).rstrip() == content:
                return "the note was there", str(each.get("id", ""))
        made = await self.call("POST", path, json={"note": {"content": content}})
        return "noted", str(made.get("note", "id") or "")

    async def _of(self, key: str) -> str:
        """The id of the incident of that `dedup_key`; empty where there is none."""
        answer = await self.call("GET", "/incidents", params={"incident_key": key, "limit": "1"})
        return next((str(each.get("id", "")) for each in items(answer, "incidents")), "")

    async def answer(self, key: str, status: str) -> None:
        """Make an incident that was paged by name `acknowledged` or `resolved`. One that is resolved stays so; raises
        ChannelError."""
        path = f"/incidents/{key.removeprefix(INCIDENT)}"
        if (await self.call("GET", path)).get("incident", "status") in (status, "resolved"):
            return
        await self.call("PUT", path, json={"incident": {"type": "incident_reference", "status": status}})

    async def on_call(self, policy: str | None) -> tuple[OnCallPerson, ...]:
        """Who is on call now by escalation policy `policy` (its id), or by any; raises ChannelError."""
        listed = sorted(await self._listed(policy), key=_level)
        reached: dict[str, tuple[str, str]] = {}
        for each in listed:
            user = _table(each, "user")
            id = str(user.get("id", ""))
            if id and id not in reached and len(reached) < _PEOPLE:
                reached[id] = await self._reached(id, user)
        return first([_person(each, reached) for each in listed])

    async def _listed(self, policy: str | None) -> list[dict[str, Any]]:
        """The on-calls; `earliest` leaves those out who come later."""
        found: list[dict[str, Any]] = []
        asked = {"include[]": "users", "earliest": "true", "limit": str(_PAGE)}
        asked |= {"escalation_policy_ids[]": policy} if policy else {}
        for page in range(_PAGES):
            answer = await self.call("GET", "/oncalls", params={**asked, "offset": str(page * _PAGE)})
            found += items(answer, "oncalls")
            if answer.get("more") is not True:
                break
        return found

    async def _reached(self, id: str, user: Mapping[str, Any]) -> tuple[str, str]:
        """A person's telephone number and address; without the numbers where the token may not see them."""
        email = told(user.get("email"))
        try:
            methods = items(await self.call("GET", f"/users/{quote(id, safe='')}/contact_methods"), "contact_methods")
        except ChannelError as error:
            if error.retryable:
                raise
            return "", email
        kinds = {"phone_contact_method": 0, "sms_contact_method": 1}
        known = [(kinds[each["type"]], each) for each in methods if str(each.get("type")) in kinds]
        phones = [each for _, each in sorted(known, key=lambda pair: pair[0])]
        mails = [told(each.get("address")) for each in methods if each.get("type") == "email_contact_method"]
        return (_phone(phones[0]) if phones else ""), email or next(iter(mails), "")

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()


class PagerdutyOnCall:
    """Who is on call, as one PagerDuty of the configuration says."""

    def __init__(self, name: str, config: PagerdutyConfig, clock: Clock, *, near: bool) -> None:
        self.name = name
        self._policy = config.escalation_policy
        self._rest = PagerdutyRest(config, clock, near=near)

    async def on_call(self) -> tuple[OnCallPerson, ...]:
        """Who is on call now; raises ChannelError."""
        return await self._rest.on_call(self._policy)

    async def close(self) -> None:
        """Let connections go."""
        await self._rest.close()


def items(answer: Answer, name: str) -> list[dict[str, Any]]:
    """The list of that name; raises ChannelError where the answer has none."""
    found = answer.get(name)
    if not isinstance(found, list):
        raise ChannelError(f"PagerDuty's answer has no {name}; a proxy may stand between", retryable=True)
    return [each for each in found if isinstance(each, dict)]


_NO_LEVEL = 1000


def _level(each: Mapping[str, Any]) -> int:
    """Who is called first has 1."""
    level = each.get("escalation_level")
    return level if isinstance(level, int) else _NO_LEVEL


def _table(each: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name; an empty one where there is none."""
    found = each.get(name)
    return found if isinstance(found, dict) else {}


def _phone(method: Mapping[str, Any]) -> str:
    """`+1 5550100`: PagerDuty keeps the country's code apart."""
    code, number = method.get("country_code"), told(str(method.get("address", "")))
    return f"+{code} {number}" if isinstance(code, int) and number else number


def _person(each: Mapping[str, Any], reached: Mapping[str, tuple[str, str]]) -> OnCallPerson:
    user = _table(each, "user")
    phone, email = reached.get(str(user.get("id", "")), ("", told(user.get("email"))))
    rota = told(_table(each, "escalation_policy").get("summary")) or told(_table(each, "schedule").get("summary"))
    rota = f"{rota}, level {_level(each)}" if _level(each) < _NO_LEVEL else rota
    name = told(user.get("name")) or told(user.get("summary")) or email
    return OnCallPerson(name, handle_of(email), phone, email, rota, instant(each.get("end")))
