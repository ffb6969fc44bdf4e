"""PagerDuty: pages, acknowledges and resolves by the Events API v2, and with a token writes notes by the REST API.

The documents: https://developer.pagerduty.com/docs/events-api-v2-overview ("Send an Alert Event") and the schemas of
https://github.com/PagerDuty/api-schema (reference/events-v2, reference/REST). The message's id is the `dedup_key` of
its page: sent again, it adds to the same alert and calls nobody twice.

With a token and a `service`, a target that PagerDuty knows, as a team by the name of its escalation policy or as people
by its handles, is paged itself; every other is paged by the integration's own policy, and so is everybody while
PagerDuty's people cannot be read: no page waits for a look into a list.

Options: `target`, `handles` and `severity` of a page; `target` of an acknowledgement, resolution or note, empty for
every page of the incident that is still open.
"""

from __future__ import annotations

from typing import Any

from cockpit.clock import Clock
from cockpit.config import PagerdutyConfig
from cockpit.incident.kinds import Message
from cockpit.message.channel import Again, ChannelError, Occasion, Reference
from cockpit.message.http import Answer, Api
from cockpit.message.pagerduty.direct import Direct, Whom
from cockpit.message.pagerduty.rest import INCIDENT, PagerdutyRest
from cockpit.message.pages import details, gravity, line, open_pages, whole

_SEVERITIES = {1: "critical", 2: "error", 3: "warning", 4: "info"}
_SUMMARY, _TEXT, _KEY = 1024, 40_000, 255
"""Characters of a summary (longer ones are refused), of the text (an event may have 512 KB), of a dedup_key."""


class PagerdutyChannel:
    """One integration of a PagerDuty service.

    Args:
        near: reach nothing but this machine.
    """

    again: Again = "same"
    reaches = True
    pace = 0.5
    """120 events a minute for each integration (developer.pagerduty.com, "Events API v2 Overview")."""

    def __init__(self, name: str, config: PagerdutyConfig, clock: Clock, *, near: bool) -> None:
        self.name = name
        self.deeds = frozenset({"page", "acknowledge", "resolve"} | ({"note"} if config.token else set()))
        self._clock = clock
        self._routing_key = config.routing_key
        self._events = _EventsApi("PagerDuty", config.events_url, clock, near=near)
        self._rest = PagerdutyRest(config, clock, near=near) if config.token else None
        self._direct = Direct(self._rest, config.service) if self._rest and config.service else None

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        """Page, or answer every open page of the incident; raises ChannelError."""
        if message.deed == "page":
            return await self._page(message, occasion)
        keys = open_pages(message, occasion)
        if not keys:
            return Reference("no page of this incident is open", repeated=True)
        if message.deed == "note":
            return await self._note(keys, message)
        done = "acknowledged" if message.deed == "acknowledge" else "resolved"
        for key in keys:
            if key.startswith(INCIDENT):
                await self._need_rest().answer(key, done)
            else:
                await self._enqueue({"event_action": message.deed, "dedup_key": key})
        return Reference(f"{done} {len(keys)} {'page' if len(keys) == 1 else 'pages'}", " ".join(keys))

    async def _page(self, message: Message, occasion: Occasion) -> Reference:
        whom, said = await self._whom(message)
        if whom is not None and self._direct is not None:
            return await self._direct.page(whom, message, occasion)
        event: dict[str, Any] = {
            "event_action": "trigger",
            "dedup_key": message.message[:_KEY],
            "payload": self._payload(message, occasion),
            "client": "Incident Cockpit",
        }
        if occasion.link:
            event |= {
                "client_url": occasion.link,
                "links": [{"href": occasion.link, "text": occasion.label or "incident"}],
            }
        answer = await self._enqueue(event)
        given = answer.get("dedup_key")
        key = given if isinstance(given, str) and given and not any(map(str.isspace, given)) else event["dedup_key"]
        return Reference(f"PagerDuty alert {key}{said}", key)

    async def _whom(self, message: Message) -> tuple[Whom | None, str]:
        """Who is paged by name; where nobody is, what to tell people of it."""
        if self._direct is None:
            return None, ""
        try:
            whom = await self._direct.whom(message)
        except ChannelError as error:
            return None, f", by its own policy: {error.reason}"
        return whom, "" if whom else f", by its own policy: it knows no {message.options.get('target') or 'target'}"

    def _payload(self, message: Message, occasion: Occasion) -> dict[str, Any]:
        payload = {
            "summary": line(message.title or message.text, _SUMMARY) or "Incident",
            "source": occasion.service or occasion.name or "incident-cockpit",
            "severity": _SEVERITIES[gravity(message, occasion)],
            "timestamp": self._clock.now().isoformat(timespec="milliseconds"),
            "component": occasion.service,
            "class": "drill" if occasion.drill else "incident",
            "group": message.options.get("target", ""),
            "custom_details": details(message, occasion) | {"text": whole(message.text, _TEXT)},
        }
        return {name: value for name, value in payload.items() if value}

    async def _enqueue(self, event: dict[str, Any]) -> Answer:
        key = await self._events.secret(self._routing_key)
        answer = await self._events.call("POST", "/v2/enqueue", json={"routing_key": key, **event})
        if answer.get("status") != "success":
            reason = "PagerDuty's answer is none of its own; a proxy may stand between, or it was cut off"
            raise ChannelError(reason, retryable=True, uncertain=True)
        return answer

    async def _note(self, keys: list[str], message: Message) -> Reference:
        rest = self._need_rest()
        noted = [await rest.note(key, message) for key in keys]
        return Reference("; ".join(dict.fromkeys(each for each, _ in noted)), " ".join(id for _, id in noted if id))

    def _need_rest(self) -> PagerdutyRest:
        if self._rest is None:
            raise ChannelError("PagerDuty wants a `token` for that; give it one under `channels:`", retryable=False)
        return self._rest

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """Sent again, it is recognised by its key."""
        return await self.send(message, occasion)

    async def close(self) -> None:
        """Let connections go."""
        await self._events.close()
        if self._rest is not None:
            await self._rest.close()


class _EventsApi(Api):
    """What the Events API answers: 400 has `message` and a list of `errors`."""

    def refused(self, answer: Answer, after: float = 0.0, *, said: str = "") -> ChannelError:
        """The list says which field is wrong, which the message does not."""
        errors = answer.get("errors")
        if not said and isinstance(errors, list) and errors:
            said = "; ".join([str(answer.get("message") or answer.get("status") or "refused"), *map(str, errors)])
        return super().refused(answer, after, said=said)
