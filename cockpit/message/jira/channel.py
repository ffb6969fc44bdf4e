"""The `jira` channel: the incident's ticket, what is said on it, and an issue for each follow-up.

Jira Cloud and Data Center alike by their REST API version 2, whose texts are plain, https://developer.atlassian.com
(Issues, Issue comments, Issue links, Issue search, "Search After Write").
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.config import JiraConfig
from cockpit.incident.kinds import Message
from cockpit.message.channel import Again, ChannelError, Occasion, Reference
from cockpit.message.http import Answer, Api
from cockpit.message.jira.text import body, description, labels, marked, summary
from cockpit.text import clean

INDEXED = 30.0
"""Seconds after which the search of Jira Cloud is taken to know what was written: it is "eventually consistent", and
most changes show within seconds."""
_COMMENTS = 100
"""The last comments of a ticket that are looked through."""
_DONE = ("done", "resolved", "closed")


class _JiraApi(Api):
    """The API, whose refusals of a request remember which fields were wrong."""

    def refused(self, answer: Answer, after: float = 0.0, *, said: str = "") -> ChannelError:
        error = super().refused(answer, after, said=said)
        wrong = answer.get("errors")
        if answer.status != 400 or not isinstance(wrong, dict):
            return error
        return _WrongFieldsError(error.reason, frozenset(map(str, wrong)))


class _WrongFieldsError(ChannelError):
    """A 400 that names the fields."""

    def __init__(self, reason: str, fields: frozenset[str]) -> None:
        super().__init__(reason, retryable=False)
        self.fields = fields


class JiraChannel:
    """Makes the incident's ticket (deed `ticket`), comments on it (`tell`, `note`), makes an issue per action item that
    is linked to it (`follow-up`), and closes it (`resolve`: a comment, and the step of the workflow that leads to Done,
    Resolved or Closed where one is offered).

    A message's options: `labels` (by spaces), `item` (the action item's number), `owner`, `due` (ISO date or time).

    An issue carries the label `cockpit-ID` and a comment ends in that mark, by which it is found again.
    """

    again: Again = "find"
    pace = 0.0
    reaches = True
    deeds = frozenset({"ticket", "tell", "note", "follow-up", "resolve"})

    def __init__(self, name: str, config: JiraConfig, clock: Clock, *, near: bool = False) -> None:
        self.name = name
        self._config = config
        self._clock = clock
        self._api = _JiraApi("Jira", config.url, clock, near=near)
        self._sought: dict[str, datetime] = {}
        """When an issue was first looked for and not found, by message."""

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        """Do what the message's deed says.

        Raises:
            ChannelError: it was not taken, or nobody knows. A comment without a ticket waits for the ticket.
        """
        if message.deed in ("ticket", "follow-up"):
            key = await self._create(message, occasion)
            return await self._made(message, occasion, key)
        ticket = await self._ticket(occasion)
        if not ticket:
            raise ChannelError("the incident has no ticket in Jira yet; it is tried again", retryable=True)
        made = await self._call("POST", f"/issue/{quote(ticket)}/comment", json={"body": body(message)})
        return await self._said(message, ticket, _named(made, "id"))

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """The issue or the comment that `message` became. What was left to do about it, a link or a step of the
        workflow, is done.

        Raises:
            ChannelError: Jira could not be asked; or, in the Cloud, its search may not know yet.
        """
        if message.deed in ("ticket", "follow-up"):
            key = await self._search(message)
            return await self._made(message, occasion, key, repeated=True) if key else None
        ticket = await self._ticket(occasion)
        if not ticket:
            return None
        where = f"/issue/{quote(ticket)}/comment"
        told = await self._call("GET", where, params={"orderBy": "-created", "maxResults": str(_COMMENTS)})
        for comment in _list(told, "comments"):
            if isinstance(comment, dict) and marked(message) in str(comment.get("body")):
                return await self._said(message, ticket, str(comment.get("id") or ""), repeated=True)
        return None

    async def close(self) -> None:
        """Let connections go."""
        await self._api.close()

    async def _create(self, message: Message, occasion: Occasion) -> str:
        """Make an issue and give its key. A project whose form has no due date is told it in the description alone."""
        follow_up = message.deed == "follow-up"
        fields: dict[str, Any] = {
            "project": {"key": self._config.project},
            "issuetype": {"name": self._config.follow_up_type if follow_up else self._config.issue_type},
            "summary": summary(message),
            "description": description(message, occasion),
            "labels": labels(message, occasion),
        }
        due = message.options.get("due", "")[:10]
        try:
            answer = await self._call("POST", "/issue", json={"fields": fields | ({"duedate": due} if due else {})})
        except _WrongFieldsError as error:
            if not due or error.fields != {"duedate"}:
                raise
            answer = await self._call("POST", "/issue", json={"fields": fields})
        return _named(answer, "key")

    async def _made(self, message: Message, occasion: Occasion, key: str, *, repeated: bool = False) -> Reference:
        """Where an issue is; a follow-up is linked to the ticket first, unless it is."""
        said = self._link(key)
        if message.deed == "follow-up":
            said += await self._linked(key, await self._ticket(occasion))
        return Reference(said, remote=key, repeated=repeated)

    async def _linked(self, key: str, ticket: str) -> str:
        """Link an issue to the ticket; words where that was not possible. The issue is there whatever becomes of it."""
        if not ticket:
            return "; linked to nothing, as the incident has no ticket"
        try:
            there = await self._call("GET", f"/issue/{quote(key)}", params={"fields": "issuelinks"})
            if ticket in _linked_keys(there):
                return ""
            link = {"type": {"name": "Relates"}, "inwardIssue": {"key": ticket}, "outwardIssue": {"key": key}}
            await self._call("POST", "/issueLink", json=link)
        except ChannelError as error:
            return f"; not linked to {ticket}: {error.reason}"
        return ""

    async def _said(self, message: Message, ticket: str, comment: str, *, repeated: bool = False) -> Reference:
        text = self._link(ticket)
        if comment:
            text += f"?focusedCommentId={quote(comment)}"
        if message.deed == "resolve":
            text += f"; {await self._resolved(ticket)}"
        return Reference(text, remote=f"{ticket}/{comment}", repeated=repeated)

    async def _resolved(self, ticket: str) -> str:
        """Take the step of the workflow that ends it, where one is offered; give what became of it."""
        try:
            there = await self._call("GET", f"/issue/{quote(ticket)}", params={"fields": "status"})
            now = there.get("fields", "status", "name")
            if str(now).lower() in _DONE:
                return f"it is {clean(str(now))}"
            offered = await self._call("GET", f"/issue/{quote(ticket)}/transitions")
            step = next((each for each in _list(offered, "transitions") if _ends(each)), None)
            if step is None:
                return "its workflow offers no step to Done, Resolved or Closed: close it by hand"
            await self._call(
                "POST", f"/issue/{quote(ticket)}/transitions", json={"transition": {"id": str(step["id"])}}
            )
        except ChannelError as error:
            return f"not closed: {error.reason}"
        return f"it is {clean(_leads_to(step))}"

    async def _ticket(self, occasion: Occasion) -> str:
        """The key of the incident's ticket, looked for where only a person knows that it arrived; empty where there is
        none. Raises ChannelError."""
        tickets = [message for message, _ in occasion.earlier if message.deed == "ticket"]
        return occasion.remote("ticket") or (await self._search(tickets[-1]) if tickets else "")

    async def _search(self, message: Message) -> str:
        """The key of the issue with the message's label; empty when there is none. Raises ChannelError while the
        search of the Cloud may not know yet."""
        cloud = self._config.user is not None
        asked = {"jql": f'labels = "{marked(message)}"', "fields": ["labels"], "maxResults": 2}
        answer = await self._call("POST", "/search/jql" if cloud else "/search", json=asked)
        for issue in _list(answer, "issues"):
            if isinstance(issue, dict) and issue.get("key"):
                self._sought.pop(message.message, None)
                return str(issue["key"])
        waited = (self._clock.now() - self._sought.setdefault(message.message, self._clock.now())).total_seconds()
        if cloud and waited < INDEXED:
            raise ChannelError(
                "Jira's search does not show it, and may not know it yet; it is asked again",
                retryable=True,
                after=INDEXED - waited,
                uncertain=True,
            )
        self._sought.pop(message.message, None)
        return ""

    async def _call(self, method: str, path: str, **parts: Any) -> Answer:
        token = await self._api.secret(self._config.token)
        user = self._config.user
        credentials = base64.b64encode(f"{user}:{token}".encode()).decode()
        header = f"Basic {credentials}" if user else f"Bearer {token}"
        return await self._api.call(method, f"/rest/api/2{path}", headers={"Authorization": header}, **parts)

    def _link(self, key: str) -> str:
        return f"{self._config.url.rstrip('/')}/browse/{quote(key)}"


def _named(answer: Answer, name: str) -> str:
    """The id or key of what was made. An answer without one is not Jira's, as of a proxy's login page."""
    found = answer.get(name)
    if not isinstance(found, str) or not found:
        raise _unreadable()
    return found


def _list(answer: Answer, name: str) -> list[Any]:
    """A list of an answer; without one it says nothing of what is there."""
    found = answer.get(name)
    if not isinstance(found, list):
        raise _unreadable()
    return found


def _unreadable() -> ChannelError:
    said = "Jira answered with what is not its own; see its address under `channels:`"
    return ChannelError(said, retryable=True, uncertain=True)


def _linked_keys(issue: Answer) -> set[str]:
    """The keys of the issues that an issue is linked with."""
    links = issue.get("fields", "issuelinks")
    ends = [each.get(end) for each in links or [] if isinstance(each, dict) for end in ("inwardIssue", "outwardIssue")]
    return {str(end.get("key")) for end in ends if isinstance(end, dict)}


def _leads_to(transition: dict[str, Any]) -> str:
    to = transition.get("to")
    return str((to.get("name") if isinstance(to, dict) else "") or transition.get("name") or "")


def _ends(transition: object) -> bool:
    """Whether a step of the workflow ends it, by the name of where it leads, or by its own."""
    if not isinstance(transition, dict) or not transition.get("id"):
        return False
    return _leads_to(transition).lower() in _DONE or str(transition.get("name")).lower() in _DONE
