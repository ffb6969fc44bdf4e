"""The `statuspage` channel: an incident on a page of Atlassian Statuspage, created once and then updated.

Fields and limits are those of the Statuspage API v1, https://developer.statuspage.io (Incidents, Rate Limiting).
"""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.config import StatuspageConfig
from cockpit.incident.kinds import Message
from cockpit.message.channel import Again, ChannelError, Occasion, Reference
from cockpit.message.http import Answer, Api
from cockpit.text import clean

LONGEST_NAME, LONGEST_BODY = 255, 25_000
"""Characters of an incident's name and of an update's body that the API takes."""
_LISTED = 100
"""Incidents on one page of the list, the most there can be."""

_TAG = re.compile(r"<(?=[A-Za-z/!?])")

PageStatus = Literal["investigating", "identified", "monitoring", "resolved"]

_STATUSES: dict[str, PageStatus] = {
    "watching": "investigating",
    "investigating": "investigating",
    "identified": "identified",
    "mitigating": "identified",
    "monitoring": "monitoring",
    "resolved": "resolved",
    "closed": "resolved",
}
_IMPACTS = {
    "none": "",
    "minor": "degraded_performance",
    "major": "partial_outage",
    "critical": "major_outage",
}
"""Each impact, and what it makes of the components that a message names no status for; none leaves them."""
_COMPONENT_STATUSES = ("operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance")


class _GoneError(ChannelError):
    """What was asked for is not there (any more)."""


class _PageApi(Api):
    """The API, with the two answers of its own: 420 is as good as 429, and 404 may be the incident's."""

    def refused(self, answer: Answer, after: float = 0.0, *, said: str = "") -> ChannelError:
        if answer.status == 420:
            return super().refused(Answer(429, answer.body, answer.text), after, said=said or "its rate limit")
        error = super().refused(answer, after, said=said)
        return _GoneError(error.reason, retryable=False) if answer.status == 404 else error


class StatuspageChannel:
    """Tells on one page. The first message of an incident creates the page's incident, the later ones update it.

    A message's options: `impact` (none, minor, major, critical), `components` (ids, by spaces, or `none`; else the
    service's of the configuration), `component-status` (else what the impact makes of them; operational when it is
    resolved), `notify` (yes or no: whether subscribers are told; else the configuration's `notify`).

    The page's incident carries the ids of its messages as metadata, by which one of unknown outcome is found again.
    """

    again: Again = "find"
    pace = 1.0
    reaches = True
    deeds = frozenset({"tell", "resolve"})

    def __init__(self, name: str, config: StatuspageConfig, clock: Clock, *, near: bool = False) -> None:
        self.name = name
        self._config = config
        self._api = _PageApi("Statuspage", config.url, clock, near=near)

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        """Create or update the page's incident.

        Raises:
            ChannelError: it was not taken, or nobody knows. Where somebody deleted the page's incident, a new one is
                made only when a person wants the message to be tried again.
        """
        incident = self._incident(message, occasion)
        if known := occasion.remote("tell", "resolve") or await self._settled(occasion):
            try:
                return _reference(await self._call("PATCH", f"/{known}", json={"incident": incident}))
            except _GoneError:
                if not occasion.asked:
                    raise ChannelError(
                        f"the page's incident {known} is not there any more: somebody deleted it; "
                        "retry the message to make a new one, or leave it",
                        retryable=False,
                    ) from None
        return _reference(await self._call("POST", "", json={"incident": {"name": _name(message), **incident}}))

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """The page's incident that holds `message`: by its metadata, or by an update of the same words.

        Raises:
            ChannelError: the page could not be asked.
        """
        if known := occasion.remote("tell", "resolve"):
            try:
                one = await self._call("GET", f"/{known}")
            except _GoneError:
                return None
            _reference(one)  # what is no incident says nothing of the message
            candidates = [one]
        else:
            candidates = await self._listed()
        found = next((each for each in candidates if _holds(each, message, occasion)), None)
        return _reference(found, repeated=True) if found else None

    async def _settled(self, occasion: Occasion) -> str:
        """The id of our incident on the page where only a person knows that a message arrived there; empty where the
        page has none. Raises ChannelError."""
        if not occasion.earlier or not occasion.incident:
            return ""
        ours = (
            each for each in await self._listed() if each.get("metadata", "cockpit", "incident") == occasion.incident
        )
        return next((_reference(each).remote for each in ours), "")

    async def _listed(self) -> list[Answer]:
        """The page's last incidents; raises ChannelError."""
        listed = await self._call("GET", "", params={"limit": str(_LISTED)})
        if not isinstance(listed.body, list):
            raise _unreadable()
        return [Answer(200, each, "") for each in listed.body]

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()

    async def _call(self, method: str, path: str, **parts: Any) -> Answer:
        token = await self._api.secret(self._config.token)
        where = f"/v1/pages/{quote(self._config.page, safe='')}/incidents{quote(path)}"
        return await self._api.call(method, where, headers={"Authorization": f"OAuth {token}"}, **parts)

    def _incident(self, message: Message, occasion: Occasion) -> dict[str, Any]:
        """What is asked of the page's incident. Whether subscribers are notified is always said, as the API's own
        default is that they are."""
        status = _status(message, occasion)
        fields: dict[str, Any] = {
            "status": status,
            "body": _body(message),
            "deliver_notifications": self._notifies(message),
            "metadata": {"cockpit": _marks(message, occasion)},
        }
        if impact := _one_of(message, "impact", tuple(_IMPACTS)):
            fields["impact_override"] = impact
        ids = self._components(message, occasion)
        if ids:
            fields["component_ids"] = ids
            if standing := _component_status(message, status):
                fields["components"] = dict.fromkeys(ids, standing)
        return fields

    def _components(self, message: Message, occasion: Occasion) -> list[str]:
        """The ids of the components that the message is about."""
        named = message.options.get("components")
        if named is None:
            return self._config.components.get(occasion.service, [])
        return [] if named == "none" else named.split()

    def _notifies(self, message: Message) -> bool:
        said = _one_of(message, "notify", ("yes", "no"))
        return said == "yes" if said else self._config.notify


def _status(message: Message, occasion: Occasion) -> PageStatus:
    if message.deed == "resolve":
        return "resolved"
    return _STATUSES.get(message.standing or occasion.status, "investigating")


def _name(message: Message) -> str:
    title = clean(message.title) or "Service disruption"
    return title if len(title) <= LONGEST_NAME else title[: LONGEST_NAME - 1] + "…"


def _body(message: Message) -> str:
    """The words as they stand: the page takes HTML in a body, so what would begin a tag is escaped."""
    body = _TAG.sub("&lt;", clean(message.text, keep_newlines=True))
    if len(body) > LONGEST_BODY:
        raise ChannelError(
            f"Statuspage takes {LONGEST_BODY:,} characters and the message has {len(body):,}; shorten it, tell again",
            retryable=False,
        )
    return body


def _component_status(message: Message, status: PageStatus) -> str:
    if said := _one_of(message, "component-status", _COMPONENT_STATUSES):
        return said
    return "operational" if status == "resolved" else _IMPACTS.get(message.options.get("impact", ""), "")


def _one_of(message: Message, option: str, known: tuple[str, ...]) -> str:
    """The value of an option; empty where the message does not name it."""
    value = message.options.get(option, "")
    if value and value not in known:
        reason = f"the message's {option} is {clean(value)[:40]!r}, and Statuspage knows {', '.join(known)}"
        raise ChannelError(reason, retryable=False)
    return value


def _marks(message: Message, occasion: Occasion) -> dict[str, Any]:
    """Whose incident it is, and which messages made it what it is."""
    earlier = [sent.message for sent, _ in occasion.earlier][-20:]
    return {
        "incident": occasion.incident,
        "label": occasion.label,
        "message": message.message,
        "messages": [*earlier, message.message],
    }


def _holds(answer: Answer, message: Message, occasion: Occasion) -> bool:
    """Whether the page's incident took `message`. The words alone count only where the incident is the same one."""
    marks = answer.get("metadata", "cockpit")
    if not isinstance(marks, dict):
        return False
    messages = marks.get("messages")
    if message.message in (marks.get("message"), *(messages if isinstance(messages, list) else ())):
        return True
    updates = answer.get("incident_updates")
    updates = updates if isinstance(updates, list) else []
    bodies = [str(each.get("body")).split() for each in updates if isinstance(each, dict)]
    same = marks.get("incident") == occasion.incident and bool(occasion.incident)
    earlier = {sent.text for sent, _ in occasion.earlier}
    return same and message.text not in earlier and _body(message).split() in bodies


def _reference(answer: Answer, *, repeated: bool = False) -> Reference:
    id = answer.get("id")
    if not isinstance(id, str) or not id:
        raise _unreadable()
    link = answer.get("shortlink")
    return Reference(clean(link) if isinstance(link, str) and link else f"incident {id}", remote=id, repeated=repeated)


def _unreadable() -> ChannelError:
    """An answer that is a success and not the API's, as of a proxy's login page."""
    said = "Statuspage answered with what is no incident; see its address under `channels:`"
    return ChannelError(said, retryable=True, uncertain=True)
