"""PagerDuty: events as its schema has them, one page however often it is sent, and every page answered at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cockpit.clock import SystemClock
from cockpit.message.channel import Channel, Reference
from cockpit.message.oncall.pagers import sources
from cockpit.message.oncall.person import OnCallPerson
from cockpit.simulator.receivers.pagerduty import OnCall
from cockpit.values import replace
from tests.message.channels.chat import INCIDENT, after, channel, config, message, refusal, secret
from tests.receivers import Receivers, receiving

pytestmark = pytest.mark.anyio

TEXT = {"type": "string"}
EVENT = {
    "type": "object",
    "required": ["routing_key", "event_action"],
    "additionalProperties": False,
    "properties": {
        "routing_key": TEXT,
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "maxLength": 255},
        "client": TEXT,
        "client_url": TEXT,
        "images": {"type": "array"},
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["href"],
                "properties": {"href": TEXT, "text": TEXT},
                "additionalProperties": False,
            },
        },
        "payload": {
            "type": "object",
            "required": ["summary", "severity", "source"],
            "additionalProperties": False,
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "timestamp": {
                    "type": "string",
                    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$",
                },
                "severity": {"enum": ["critical", "warning", "error", "info"]},
                "source": {"type": "string", "minLength": 1},
                "component": TEXT,
                "group": TEXT,
                "class": TEXT,
                "custom_details": {"type": "object"},
            },
        },
    },
}
"""The schema of an event: PagerDuty/api-schema, reference/events-v2/openapiv3.json, closed against other fields; the
lengths of "Events API v2 Overview" and "Send an Alert Event"."""


@asynccontextmanager
async def pagerduty(
    folder: Path, *, rest: bool = True, people: tuple[OnCall, ...] = ()
) -> AsyncIterator[tuple[Channel, Receivers]]:
    """An account, and the channel to it; with `rest` it has a token too."""
    async with AsyncExitStack() as stack:
        options = {"people": people}
        receivers = await stack.enter_async_context(receiving("pagerduty", rated=False, pagerduty=options))
        keys = settings(folder, receivers, rest=rest)
        yield await stack.enter_async_context(channel(folder, name="pager", **keys)), receivers


def settings(folder: Path, receivers: Receivers, *, rest: bool = True) -> dict[str, Any]:
    """The channel's configuration."""
    at = receivers.pagerduty
    keys: dict[str, Any] = {"type": "pagerduty", "events_url": at.url, "url": at.url}
    keys["routing_key"] = secret(folder, at.routing_key, "routing-key")
    if rest:
        keys |= {"token": secret(folder, at.token), "from": at.sender, "escalation_policy": at.policy}
    return keys


def page(target: str = "database-team", **more: Any) -> Any:
    """A page to a target."""
    return message("page", options={"target": target, **more})


async def test_a_page_is_an_event_of_the_schema(tmp_path: Path) -> None:
    """With what its reader needs; drills say so."""
    at = replace(INCIDENT, link="https://cockpit.example/INC-2025-004", drill=True)
    async with pagerduty(tmp_path) as (pager, receivers):
        said = page()
        taken = await pager.send(said, at)
        (arrival,) = receivers.arrived.of("pagerduty", "trigger")
        event = dict(arrival.data)
        jsonschema.validate({**event, "routing_key": receivers.pagerduty.routing_key}, EVENT)
        assert (event["dedup_key"], taken.remote) == (said.message, said.message)
        payload = event["payload"]
        assert (payload["severity"], payload["source"], payload["component"]) == ("error", *["payment-service"] * 2)
        assert (payload["class"], payload["group"]) == ("drill", "database-team")
        assert payload["custom_details"] == {
            "incident": "INC-2025-004 payment-failure", "title": "Payments fail", "service": "payment-service",
            "severity": "P1", "status": "investigating", "target": "database-team",
            "declared": "2025-04-08T23:50:00Z", "drill": "yes", "text": "We look into it.",
        }  # fmt: skip
        assert event["links"] == [{"href": at.link, "text": "INC-2025-004"}]


@pytest.mark.parametrize(
    ("severity", "gravity"),
    [
        ("P0", "critical"), ("SEV-1", "critical"), ("SEV1", "critical"), ("P1", "error"), ("sev-2", "error"),
        ("P2", "warning"), ("SEV-3", "warning"), ("P3", "info"), ("SEV-4", "info"), ("", "error"), ("Major", "error"),
    ],
)  # fmt: skip
async def test_how_grave_it_is(tmp_path: Path, severity: str, gravity: str) -> None:
    """What nobody knows the gravity of wakes somebody."""
    async with pagerduty(tmp_path) as (pager, receivers):
        await pager.send(page(), replace(INCIDENT, severity=severity))
        assert receivers.arrived.of("pagerduty")[0].data["payload"]["severity"] == gravity


async def test_limits_are_kept(tmp_path: Path) -> None:
    """A long title and 40,000 characters are taken, and say that they were cut."""
    async with pagerduty(tmp_path) as (pager, receivers):
        long = message("page", title="t\n" * 3000, text="💥" * 50_000, options={"target": "dba"})
        await pager.send(long, INCIDENT)
        event = dict(receivers.arrived.of("pagerduty")[0].data)
        jsonschema.validate({**event, "routing_key": "k"}, EVENT)
        assert event["payload"]["summary"].endswith("…")
        assert "10,080 characters are missing here" in event["payload"]["custom_details"]["text"]


async def test_sent_again_it_pages_once(tmp_path: Path) -> None:
    """The message's id is the dedup_key: whatever broke, again is right."""
    async with pagerduty(tmp_path) as (pager, receivers):
        assert pager.again == "same"
        said = page()
        for fault in ("cut", "reset", "garbage"):
            receivers.pagerduty.trouble.set(fault, takes=True, next=1)  # type: ignore[arg-type]
            error = await refusal(pager, said)
            assert (error.retryable, error.uncertain) == (True, True)
            receivers.pagerduty.trouble.lift()
        await pager.send(said, INCIDENT)
        assert len(receivers.pagerduty.incidents) == 1


async def test_every_open_page_is_answered(tmp_path: Path) -> None:
    """Acknowledged and resolved together or by target; nothing is answered twice, and nothing open is no error."""
    async with pagerduty(tmp_path) as (pager, receivers):
        here = INCIDENT
        for target in ("database-team", "platform-team", "database-team"):
            said = page(target)
            here = after(here, (said, await pager.send(said, here)))
        assert (await pager.send(message("acknowledge"), here)).text == "acknowledged 3 pages"
        one = message("resolve", options={"target": "platform-team"})
        taken = await pager.send(one, here)
        assert taken.text == "resolved 1 page"
        here = after(here, (one, taken))
        assert [each.status for each in receivers.pagerduty.incidents] == ["acknowledged", "resolved", "acknowledged"]
        rest = message("resolve")
        taken = await pager.send(rest, here)
        assert taken.text == "resolved 2 pages"
        nothing = await pager.send(message("resolve"), after(here, (rest, taken)))
        assert (nothing.text, nothing.repeated) == ("no page of this incident is open", True)
        assert {each.status for each in receivers.pagerduty.incidents} == {"resolved"}


async def test_half_an_answer_is_tried_again(tmp_path: Path) -> None:
    """One page of two was acknowledged: again does no harm to it."""
    async with pagerduty(tmp_path) as (pager, receivers):
        here = INCIDENT
        for _ in range(2):
            said = page()
            here = after(here, (said, await pager.send(said, here)))
        receivers.pagerduty.trouble.answers(500, every=2, next=1)
        receivers.pagerduty.trouble.faults[0].seen = 0
        acknowledge = message("acknowledge")
        assert (await refusal(pager, acknowledge, here)).retryable
        assert (await pager.send(acknowledge, here)).text == "acknowledged 2 pages"
        assert [each.status for each in receivers.pagerduty.incidents] == ["acknowledged", "acknowledged"]


async def test_a_note_is_written_once(tmp_path: Path) -> None:
    """By the REST API, in the name of the configured user; the same message never twice, another one yes."""
    async with pagerduty(tmp_path) as (pager, receivers):
        said = page()
        here = after(INCIDENT, (said, await pager.send(said, INCIDENT)))
        note = message("note", text="The database is back.")
        receivers.pagerduty.trouble.set("cut", path="/notes", every=2, next=1)
        assert (await refusal(pager, note, here)).uncertain
        assert (await pager.send(note, here)).text == "the note was there"
        assert (await pager.send(message("note", text="The database is back."), here)).text == "noted"
        notes = receivers.pagerduty.incidents[0].notes
        assert [each["content"].splitlines()[0] for each in notes] == ["The database is back."] * 2
        assert notes[0]["content"].endswith(f"\n[{note.message}]")


async def test_without_a_token_it_writes_no_notes(tmp_path: Path) -> None:
    """The Events API has none."""
    async with pagerduty(tmp_path, rest=False) as (pager, _):
        assert pager.deeds == {"page", "acknowledge", "resolve"}


@pytest.mark.parametrize(
    ("status", "body", "retryable", "uncertain", "words"),
    [
        (400, {"status": "invalid event", "message": "Event object is invalid", "errors": ["Length is incorrect"]},
         False, False, "Event object is invalid; Length is incorrect"),
        (429, {"status": "throttle exceeded", "message": "Requests are arriving too quickly."},
         True, False, "arriving too quickly"),
        (500, {"status": "error", "message": "Internal Error", "errors": ["try later"]}, True, True, "try later"),
        (413, "Payload Too Large", False, False, "Payload Too Large"),
        (202, {"status": "throttled?"}, True, True, "none of its own"),
    ],
)  # fmt: skip
async def test_what_it_answers(
    tmp_path: Path, status: int, body: Any, retryable: bool, uncertain: bool, words: str
) -> None:
    """Each result of "API Response Codes & Retry Logic"; the keys are in none of the reasons."""
    async with pagerduty(tmp_path) as (pager, receivers):
        receivers.pagerduty.trouble.answers(status, body)
        error = await refusal(pager, page())
        assert (error.retryable, error.uncertain) == (retryable, uncertain)
        assert words in error.reason
        assert receivers.pagerduty.routing_key not in error.reason


async def test_a_wrong_key_is_said_without_showing_it(tmp_path: Path) -> None:
    """Of the events and of the REST API."""
    async with pagerduty(tmp_path) as (pager, receivers):
        said = page()
        here = after(INCIDENT, (said, await pager.send(said, INCIDENT)))
        receivers.pagerduty.trouble.set("revoked")
        for each, words in ((page(), "Invalid routing key"), (message("note"), "see its token")):
            error = await refusal(pager, each, here)
            assert words in error.reason
            assert not error.retryable
            assert receivers.pagerduty.routing_key not in error.reason
            assert receivers.pagerduty.token not in error.reason


CREATED = {
    "type": "object",
    "required": ["type", "title", "service"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["incident"]},
        "title": {"type": "string", "minLength": 1, "maxLength": 1024},
        "service": {"$ref": "#/$defs/reference"},
        "urgency": {"enum": ["high", "low"]},
        "incident_key": {"type": "string", "maxLength": 255},
        "escalation_policy": {"$ref": "#/$defs/reference"},
        "body": {
            "type": "object",
            "required": ["type", "details"],
            "properties": {"type": {"enum": ["incident_body"]}},
        },
        "assignments": {"type": "array", "items": {"properties": {"assignee": {"$ref": "#/$defs/reference"}}}},
    },
    "$defs": {
        "reference": {
            "type": "object",
            "required": ["id", "type"],
            "properties": {"type": {"pattern": "_reference$"}, "id": {"minLength": 1}},
        }
    },
}
"""The `incident` of "Create an Incident": PagerDuty/api-schema, reference/REST/openapiv3.json."""

PEOPLE = (
    OnCall("Dana Base", "dba@example.com", "+1 5550100"),
    OnCall("Sam One", "sam@one.example", "+1 5550101", level=2),
    OnCall("Sam Two", "sam@two.example", "+1 5550102", level=2),
)


@asynccontextmanager
async def by_name(folder: Path) -> AsyncIterator[tuple[Channel, Receivers]]:
    """An account with a team for databases, and the channel that pages by name."""
    async with AsyncExitStack() as stack:
        options = {"people": PEOPLE}
        receivers = await stack.enter_async_context(receiving("pagerduty", rated=False, pagerduty=options))
        receivers.pagerduty.policies["PDB"] = "Database Team"
        keys = settings(folder, receivers) | {"service": "PSERVICE"}
        yield await stack.enter_async_context(channel(folder, name="pager", **keys)), receivers


async def test_a_team_and_people_are_paged_by_name(tmp_path: Path) -> None:
    """The team that is called as the target; else its people; else whoever the integration's policy calls."""
    async with by_name(tmp_path) as (pager, receivers):
        team = await pager.send(page("database-team", handles="@dba", severity="P2"), INCIDENT)
        people = await pager.send(page("dbas", handles="@dba sam@two.example"), INCIDENT)
        either = await pager.send(page("sams", handles="@sam"), INCIDENT)
        assert [each.assigned for each in receivers.pagerduty.incidents] == [
            ["Database Team"], ["Dana Base", "Sam Two"], ["Dana Base"],
        ]  # fmt: skip
        assert [each.urgency for each in receivers.pagerduty.incidents] == ["low", "high", "high"]
        for arrival in receivers.arrived.of("pagerduty", "incident"):
            jsonschema.validate(dict(arrival.data), CREATED)
        assert team.text == "PagerDuty incident #1 for database-team"
        assert people.text == "PagerDuty incident #2 for @dba sam@two.example"
        assert either.text.endswith(", by its own policy: it knows no sams")


async def test_by_name_it_pages_once_and_is_answered(tmp_path: Path) -> None:
    """Whatever broke: looked for before it is made again, refused when it was there all the same."""
    async with by_name(tmp_path) as (pager, receivers):
        said = page("database-team")
        receivers.pagerduty.trouble.set("cut", path="/incidents", every=2, next=1)
        assert (await refusal(pager, said)).uncertain
        taken = await pager.send(said, INCIDENT)
        assert taken.repeated
        receivers.pagerduty.trouble.answers(200, {"incidents": []}, path="/incidents", next=1)
        again = await pager.send(said, INCIDENT)
        assert (again.repeated, again.remote) == (True, taken.remote)
        assert len(receivers.pagerduty.incidents) == 1
        here = after(INCIDENT, (said, taken))
        assert (await pager.send(message("acknowledge"), here)).text == "acknowledged 1 page"
        assert (await pager.send(message("note", text="Going back."), here)).text == "noted"
        assert (await pager.send(message("resolve"), here)).text == "resolved 1 page"
        assert (await pager.send(message("resolve"), here)).text == "resolved 1 page"
        (incident,) = receivers.pagerduty.incidents
        assert (incident.status, len(incident.notes)) == ("resolved", 1)


async def test_no_page_waits_for_a_list(tmp_path: Path) -> None:
    """While PagerDuty's people cannot be read, its own policy is paged, and that is said."""
    async with by_name(tmp_path) as (pager, receivers):
        receivers.pagerduty.trouble.answers(503, path="/escalation_policies")
        taken = await pager.send(page("database-team"), INCIDENT)
        assert ", by its own policy: PagerDuty answered 503" in taken.text
        assert [each.assigned for each in receivers.pagerduty.incidents] == [["Dana Base"]]


async def test_who_is_on_call(tmp_path: Path) -> None:
    """Who is called first first, with the telephone number that PagerDuty keeps in two parts."""
    people = (
        OnCall("Second Sam", "sam@example.com", "+44 20 5550101", level=2),
        OnCall("Dana \x1b[31mBase", "dba@example.com", "+1 5550100"),
    )
    async with pagerduty(tmp_path, people=people) as (_, receivers):
        (source,) = sources({"pager": config(**settings(tmp_path, receivers))}, SystemClock(), near=True)
        try:
            assert await source.on_call() == (
                OnCallPerson("Dana Base", "@dba", "+1 5550100", "dba@example.com", "Default, level 1"),
                OnCallPerson("Second Sam", "@sam", "+44 20 5550101", "sam@example.com", "Default, level 2"),
            )
            receivers.pagerduty.trouble.answers(403, path="/contact_methods")
            assert [each.phone for each in await source.on_call()] == ["", ""]
            receivers.pagerduty.trouble.set("garbage")
            with pytest.raises(Exception, match="has no oncalls"):
                await source.on_call()
        finally:
            await source.close()
    assert sources({"pager": config(**settings(tmp_path, receivers, rest=False))}, SystemClock(), near=True) == []


async def test_a_demo_reaches_nobody_else(tmp_path: Path) -> None:
    """Not with a page, and not to ask who is on call."""
    keys = {"type": "pagerduty", "routing_key": secret(tmp_path, "k" * 32), "token": secret(tmp_path, "t")}
    keys["from"] = "ic@example.com"
    async with channel(tmp_path, **keys) as pager:
        assert "events.pagerduty.com is not this machine" in (await refusal(pager, page())).reason
        paged = after(INCIDENT, (page(), Reference("", "key")))
        assert "api.pagerduty.com is not this machine" in (await refusal(pager, message("note"), paged)).reason
    (source,) = sources({"pager": config(**keys)}, SystemClock(), near=True)
    with pytest.raises(Exception, match="is not this machine"):
        await source.on_call()
