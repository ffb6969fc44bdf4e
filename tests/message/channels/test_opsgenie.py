"""Opsgenie: alerts within its limits, one however often it is sent, and requests that fail after they were taken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cockpit.clock import SystemClock
from cockpit.message.channel import Channel
from cockpit.message.oncall.pagers import sources
from cockpit.message.oncall.person import OnCallPerson
from cockpit.values import replace
from tests.message.channels.chat import INCIDENT, after, channel, config, message, refusal, secret
from tests.receivers import Receivers, receiving

pytestmark = pytest.mark.anyio

ALERT = {
    "type": "object",
    "required": ["message"],
    "additionalProperties": False,
    "properties": {
        "message": {"type": "string", "minLength": 1, "maxLength": 130},
        "alias": {"type": "string", "maxLength": 512},
        "description": {"type": "string", "maxLength": 15_000},
        "responders": {
            "type": "array",
            "maxItems": 50,
            "items": {"type": "object", "required": ["type", "name"], "properties": {"type": {"enum": ["team"]}}},
        },
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 50}},
        "details": {"type": "object", "additionalProperties": {"type": "string"}},
        "entity": {"type": "string", "maxLength": 512},
        "source": {"type": "string", "maxLength": 100},
        "priority": {"enum": ["P1", "P2", "P3", "P4", "P5"]},
    },
}
"""The fields and limits of "Create Alert" in docs.opsgenie.com, "Alert API"."""


@asynccontextmanager
async def opsgenie(folder: Path, **options: Any) -> AsyncIterator[tuple[Channel, Receivers]]:
    """An account, and the channel to it."""
    async with AsyncExitStack() as stack:
        receivers = await stack.enter_async_context(receiving("opsgenie", rated=False, opsgenie=options))
        keys = settings(folder, receivers)
        yield await stack.enter_async_context(channel(folder, name="pager", **keys)), receivers


def settings(folder: Path, receivers: Receivers) -> dict[str, Any]:
    """The channel's configuration."""
    at = receivers.opsgenie
    return {
        "type": "opsgenie",
        "url": at.url,
        "key": secret(folder, at.key),
        "team": "database",
        "schedule": at.schedule,
    }


async def test_a_page_is_an_alert_within_the_limits(tmp_path: Path) -> None:
    """Whatever is written; what does not fit is said."""
    async with opsgenie(tmp_path) as (pager, receivers):
        said = message("page", options={"target": "database-team"})
        taken = await pager.send(said, replace(INCIDENT, drill=True, link="https://cockpit.example/1"))
        long = message("page", title="x" * 5000, text="💥 \x1b[2J" * 20_000)
        await pager.send(long, replace(INCIDENT, title="y" * 9000, name="z" * 9000, service="s" * 900))
        first, second = (each.data for each in receivers.arrived.of("opsgenie", "create"))
        for alert in (first, second):
            jsonschema.validate(dict(alert), ALERT)
        assert taken.remote == said.message == first["alias"]
        assert taken.text == f"Opsgenie alert {receivers.opsgenie.alerts[0].id}"
        assert (first["priority"], first["tags"]) == ("P2", ["incident", "INC-2025-004", "drill"])
        assert first["responders"] == [{"name": "database", "type": "team"}]
        assert first["description"] == "We look into it.\n\nhttps://cockpit.example/1"
        assert second["message"].endswith("…")
        assert second["description"].endswith("characters are missing here; the record has them")


async def test_sent_again_it_is_the_same_alert(tmp_path: Path) -> None:
    """The message's id is the alias."""
    async with opsgenie(tmp_path) as (pager, receivers):
        said = message("page")
        receivers.opsgenie.trouble.set("cut", next=1)
        assert (await refusal(pager, said)).uncertain
        await pager.send(said, INCIDENT)
        assert [each.count for each in receivers.opsgenie.alerts] == [2]


async def test_every_open_page_is_answered(tmp_path: Path) -> None:
    """Acknowledged, noted once, closed; one that somebody closed before is as it should be."""
    async with opsgenie(tmp_path) as (pager, receivers):
        here = INCIDENT
        for _ in range(2):
            said = message("page")
            here = after(here, (said, await pager.send(said, here)))
        await pager.send(message("acknowledge"), here)
        assert [each.acknowledged for each in receivers.opsgenie.alerts] == [True, True]
        note = message("note", text="Going back to 1.4.1.")
        assert (await pager.send(note, here)).text == "noted"
        assert (await pager.send(note, here)).text == "the note was there"
        assert [len(each.notes) for each in receivers.opsgenie.alerts] == [1, 1]
        receivers.opsgenie.alerts[0].status = "closed"
        close = message("resolve")
        taken = await pager.send(close, here)
        assert (taken.text, taken.remote.split()) == (
            "closed 2 alerts",
            [each.alias for each in receivers.opsgenie.alerts],
        )
        assert [each.status for each in receivers.opsgenie.alerts] == ["closed", "closed"]
        assert (await pager.send(message("resolve"), after(here, (close, taken)))).repeated


async def test_what_was_taken_and_not_done_is_said(tmp_path: Path) -> None:
    """202 is no promise: the request's status is looked at; where it is not known yet, the request is named."""
    async with opsgenie(tmp_path, slow=5) as (pager, _):
        assert "took request" in (await pager.send(message("page"), INCIDENT)).text
    async with opsgenie(tmp_path) as (pager, receivers):
        body = {"data": {"success": False, "isSuccess": False, "status": "Responder is not valid"}}
        receivers.opsgenie.trouble.answers(200, body, path="/requests/")
        error = await refusal(pager, message("page"))
        assert "did not do it: the alert: Responder is not valid" in error.reason
        assert (error.retryable, error.uncertain) == (False, False)


@pytest.mark.parametrize(
    ("status", "body", "retryable", "uncertain", "words"),
    [
        (401, {"message": "Could not authenticate"}, False, False, "see its token"),
        (403, {"message": "Not allowed"}, False, False, "what its token may do"),
        (422, {"message": "Not processable", "errors": {"alias": "too long"}}, False, False, "alias: too long"),
        (429, {"message": "You are making too many requests!"}, True, False, "too many requests"),
        (500, {"message": "Internal"}, True, True, "tried again"),
        (503, {"message": "Unavailable"}, True, True, "tried again"),
        (202, "<html>", True, True, "none of its own"),
    ],
)
async def test_what_it_answers(
    tmp_path: Path, status: int, body: Any, retryable: bool, uncertain: bool, words: str
) -> None:
    """The codes of docs.opsgenie.com, "Response"; the key is in none of the reasons."""
    async with opsgenie(tmp_path) as (pager, receivers):
        receivers.opsgenie.trouble.answers(status, body)
        error = await refusal(pager, message("page"))
        assert (error.retryable, error.uncertain) == (retryable, uncertain)
        assert words in error.reason
        assert receivers.opsgenie.key not in error.reason


async def test_who_is_on_call(tmp_path: Path) -> None:
    """Of the schedule, with a number to call; without it where the key may not see contacts."""
    people = (("Dana Base", "dba@example.com", "1-5550100"), ("Sam", "sam@example.com", ""))
    async with opsgenie(tmp_path, people=people) as (_, receivers):
        (source,) = sources({"pager": config(**settings(tmp_path, receivers))}, SystemClock(), near=True)
        try:
            dana = OnCallPerson("Dana Base", "@dba", "1-5550100", "dba@example.com", "primary")
            assert await source.on_call() == (dana, OnCallPerson("Sam", "@sam", "", "sam@example.com", "primary"))
            receivers.opsgenie.trouble.answers(403, {"message": "Forbidden"}, path="/v2/users")
            assert (await source.on_call())[0] == replace(dana, name="dba@example.com", phone="")
        finally:
            await source.close()


async def test_a_demo_reaches_nobody_else(tmp_path: Path) -> None:
    """Whatever the configuration says."""
    async with channel(tmp_path, type="opsgenie", key=secret(tmp_path, "k")) as pager:
        assert "api.opsgenie.com is not this machine" in (await refusal(pager, message("page"))).reason
