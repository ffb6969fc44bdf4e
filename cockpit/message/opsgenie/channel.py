"""Opsgenie: pages as alerts, acknowledges, closes and notes them. Atlassian ends the service on 5 April 2027.

The document: https://docs.opsgenie.com/docs/alert-api, with its limits of each field. The message's id is the alert's
alias: while the alert is open, the same alias adds to its count and makes no second one. Requests are taken with 202
and done a moment later; whether one failed is asked once, at once.

Options: `target` and `severity` of a page; `target` of an acknowledgement, resolution or note, empty for every page of
the incident that is still open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cockpit.clock import Clock
from cockpit.config import OpsgenieConfig
from cockpit.incident.kinds import Message
from cockpit.message.channel import Again, ChannelError, Occasion, Reference
from cockpit.message.http import Answer
from cockpit.message.opsgenie.api import OpsgenieApi, part
from cockpit.message.pages import details, gravity, line, note_text, open_pages, whole

_ALIAS, _MESSAGE, _DESCRIPTION, _NOTE, _TAG, _ENTITY = 512, 130, 15_000, 25_000, 50, 512
"""Characters that the fields may have."""
_SOURCE = "Incident Cockpit"
_DEEDS: Mapping[str, tuple[str, str]] = {"acknowledge": ("acknowledge", "acknowledged"), "resolve": ("close", "closed")}


class OpsgenieChannel:
    """One API integration of Opsgenie.

    Args:
        near: reach nothing but this machine.
    """

    again: Again = "same"
    pace = 0.0
    reaches = True
    deeds = frozenset({"page", "acknowledge", "resolve", "note"})

    def __init__(self, name: str, config: OpsgenieConfig, clock: Clock, *, near: bool) -> None:
        self.name = name
        self._team = config.team
        self._api = OpsgenieApi(config, clock, near=near)

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        """Page, or answer every open page of the incident; raises ChannelError."""
        if message.deed == "page":
            return await self._page(message, occasion)
        aliases = open_pages(message, occasion)
        if not aliases:
            return Reference("no page of this incident is open", repeated=True)
        if message.deed == "note":
            said = [await self._note(alias, message) for alias in aliases]
            return Reference("; ".join(dict.fromkeys(said)))
        action, done = _DEEDS[message.deed]
        for alias in aliases:
            await self._done(alias, action)
        return Reference(f"{done} {len(aliases)} {'alert' if len(aliases) == 1 else 'alerts'}", " ".join(aliases))

    async def _page(self, message: Message, occasion: Occasion) -> Reference:
        alias = message.message[:_ALIAS]
        tags = ["incident", occasion.label, "drill" if occasion.drill else ""]
        alert = {
            "message": line(message.title or message.text, _MESSAGE) or "Incident",
            "alias": alias,
            "description": whole("\n\n".join(part for part in (message.text, occasion.link) if part), _DESCRIPTION),
            "responders": [{"name": self._team, "type": "team"}] if self._team else [],
            "tags": [line(tag, _TAG) for tag in tags if tag],
            "details": details(message, occasion),
            "entity": line(occasion.service, _ENTITY),
            "source": _SOURCE,
            "priority": f"P{gravity(message, occasion)}",
        }
        answer = await self._api.call(
            "POST", "/v2/alerts", json={name: value for name, value in alert.items() if value}
        )
        return Reference(f"Opsgenie {await self._became(answer, 'the alert')}", alias)

    async def _done(self, alias: str, action: str) -> None:
        """Acknowledge or close an alert; one that is not there any more is as it should be."""
        answer = await self._api.call("POST", _path(alias, action), params=_BY_ALIAS, json={"source": _SOURCE})
        await self._became(answer, action, gone=True)

    async def _note(self, alias: str, message: Message) -> str:
        note = note_text(message, _NOTE)
        listed = await self._api.call("GET", _path(alias, "notes"), params=_BY_ALIAS)
        notes = listed.get("data")
        if isinstance(notes, list) and any(isinstance(each, dict) and each.get("note") == note for each in notes):
            return "the note was there"
        body = {"note": note, "source": _SOURCE}
        answer = await self._api.call("POST", _path(alias, "notes"), params=_BY_ALIAS, json=body)
        await self._became(answer, "the note")
        return "noted"

    async def _became(self, answer: Answer, what: str, *, gone: bool = False) -> str:
        """What became of a request that was taken, where it is known already; raises ChannelError if it failed."""
        id = str(answer.get("requestId") or "")
        found: Any = await self._status(id) if id else None
        if not isinstance(found, dict) or found.get("isSuccess", found.get("success")) is not False:
            alert = found.get("alertId") if isinstance(found, dict) else None
            return f"alert {alert}" if alert else f"took request {line(id, 60)}"
        said = line(str(found.get("status") or "no reason given"), 200)
        if gone and ("not exist" in said or "already" in said.lower()):
            return said
        reason = f"Opsgenie took the request and did not do it: {what}: {said}; see the message and the configuration"
        raise ChannelError(reason, retryable=False)

    async def _status(self, id: str) -> Any:
        """What is known of a request; None where Opsgenie cannot say yet: the request itself was taken."""
        try:
            return (await self._api.call("GET", f"/v2/alerts/requests/{part(id)}")).get("data")
        except ChannelError:
            return None

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """Sent again, it is recognised by its alias."""
        return await self.send(message, occasion)

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()


_BY_ALIAS = {"identifierType": "alias"}


def _path(alias: str, action: str) -> str:
    return f"/v2/alerts/{part(alias)}/{action}"
