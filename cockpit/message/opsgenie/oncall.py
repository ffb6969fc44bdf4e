"""Who is on call by a schedule of Opsgenie, with their telephone numbers. The service ends on 5 April 2027.

The documents: https://docs.opsgenie.com/docs/who-is-on-call-api, .../user-api and .../contact-api. The key needs to
read the configuration; contacts are left out where it may not.
"""

from __future__ import annotations

from typing import Any

from cockpit.clock import Clock
from cockpit.config import OpsgenieConfig
from cockpit.message.channel import ChannelError
from cockpit.message.oncall.person import OnCallPerson, first, handle_of, told
from cockpit.message.opsgenie.api import OpsgenieApi, part

_PEOPLE = 40
"""People who are looked up: two requests each."""


class OpsgenieOnCall:
    """Who is on call, as one Opsgenie of the configuration says."""

    def __init__(self, name: str, config: OpsgenieConfig, clock: Clock, *, near: bool) -> None:
        self.name = name
        self._schedule = config.schedule or ""
        self._api = OpsgenieApi(config, clock, near=near)

    async def on_call(self) -> tuple[OnCallPerson, ...]:
        """Who is on call now; raises ChannelError."""
        asked = {"scheduleIdentifierType": "name", "flat": "true"}
        answer = await self._api.call("GET", f"/v2/schedules/{part(self._schedule)}/on-calls", params=asked)
        recipients = answer.get("data", "onCallRecipients")
        if not isinstance(recipients, list):
            raise ChannelError(f"Opsgenie does not say who is on call in {self._schedule}", retryable=True)
        people = [await self._person(each) for each in recipients[:_PEOPLE] if isinstance(each, str)]
        return first(people)

    async def _person(self, address: str) -> OnCallPerson:
        """Somebody by the address that Opsgenie knows them by."""
        user = await self._data(f"/v2/users/{part(address)}")
        contacts = await self._data(f"/v2/users/{part(address)}/contacts")
        name = told(user.get("fullName")) if isinstance(user, dict) else ""
        email = told(address)
        return OnCallPerson(name or email, handle_of(email), _phone(contacts), email, told(self._schedule))

    async def _data(self, path: str) -> Any:
        """What stands there; None where the key may not see it."""
        try:
            return (await self._api.call("GET", path)).get("data")
        except ChannelError as error:
            if error.retryable:
                raise
            return None

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()


def _phone(contacts: Any) -> str:
    """A number to call, else one for text messages."""
    listed = [each for each in contacts if isinstance(each, dict)] if isinstance(contacts, list) else []
    for method in ("voice", "sms"):
        for each in listed:
            status = each.get("status")
            enabled = status.get("enabled", True) if isinstance(status, dict) else True
            if each.get("method") == method and enabled:
                return told(each.get("to"))
    return ""
