"""Statuspage: one incident on the page for one of ours, as the API's fields and limits have it, and never two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cockpit.message import http
from cockpit.message.channel import Channel, ChannelError, Occasion
from cockpit.values import replace
from tests.message.channels.chat import INCIDENT, after, channel, message, refusal, secret
from tests.receivers import Receivers, receiving

pytestmark = pytest.mark.anyio

STATUS = {"enum": ["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"]}
FIELDS: dict[str, Any] = {
    "name": {"type": "string", "minLength": 1, "maxLength": 255},
    "status": {"enum": ["investigating", "identified", "monitoring", "resolved"]},
    "impact_override": {"enum": ["none", "minor", "major", "critical"]},
    "body": {"type": "string", "maxLength": 25_000},
    "component_ids": {"type": "array", "items": {"type": "string"}},
    "components": {"type": "object", "additionalProperties": STATUS},
    "deliver_notifications": {"type": "boolean"},
    "metadata": {"type": "object", "additionalProperties": {"type": "object"}},
}
PATCHED = {"type": "object", "additionalProperties": False, "required": ["deliver_notifications"], "properties": FIELDS}
POSTED = {**PATCHED, "required": ["name", "deliver_notifications"]}
"""PatchPagesPageIdIncidentsIncident and PostPagesPageIdIncidentsIncident of developer.statuspage.io's OpenAPI
document, as far as real-time incidents go; `deliver_notifications`, whose default there is true, always said."""


@asynccontextmanager
async def page(folder: Path, **keys: Any) -> AsyncIterator[tuple[Receivers, Channel]]:
    """A page with its channel."""
    options: dict[str, Any] = keys.pop("statuspage", {})
    async with receiving("statuspage", rated=keys.pop("rated", False), statuspage=options) as receivers:
        there = receivers.statuspage
        given = {"type": "statuspage", "page": there.page, "token": secret(folder, there.token), "url": there.url}
        async with channel(folder, **(given | keys)) as made:
            yield receivers, made


def asked(receivers: Receivers) -> list[dict[str, Any]]:
    """The fields of each request that was taken, checked against the published schema."""
    found = []
    for arrival in receivers.arrived.of("statuspage"):
        data = dict(arrival.data)
        jsonschema.validate(data, POSTED if arrival.what == "incident" else PATCHED)
        found.append(data)
    return found


async def test_what_a_person_found_on_the_page_is_updated_too(tmp_path: Path) -> None:
    """Somebody said that the first message of unknown outcome is there: the record has no id of the page's for it."""
    async with page(tmp_path) as (receivers, status):
        first = message(text="We look into it.", standing="investigating")
        await status.send(first, INCIDENT)
        settled = replace(INCIDENT, earlier=((first, ""),))
        await status.send(message(text="All is well.", standing="resolved"), settled)
        (incident,) = receivers.statuspage.incidents
        assert incident["status"] == "resolved"


async def test_an_incident_is_made_once_and_then_updated(tmp_path: Path) -> None:
    """The first message creates, the next ones update what it created, whatever the page is called in between."""
    async with page(tmp_path) as (receivers, status):
        first = message(title="Payments fail", text="We look into it.", standing="investigating")
        made = await status.send(first, INCIDENT)
        second = message(title="Another title", text="A release is rolled back.", standing="mitigating")
        then = await status.send(second, after(INCIDENT, (first, made)))
        third = message(text="All is well.", standing="resolved")
        await status.send(third, after(INCIDENT, (first, made), (second, then)))
        (incident,) = receivers.statuspage.incidents
        assert (made.remote, then.remote) == (incident["id"], incident["id"])
        assert made.text == incident["shortlink"]
        told = [(each["status"], each["body"]) for each in reversed(incident["incident_updates"])]
        assert told == [
            ("investigating", "We look into it."),
            ("identified", "A release is rolled back."),
            ("resolved", "All is well."),
        ]
        assert incident["name"] == "Payments fail"
        assert [each["deliver_notifications"] for each in asked(receivers)] == [False] * 3
        assert receivers.statuspage.notified == 0
        assert receivers.asked("statuspage") == [
            "POST /v1/pages/demopage0001/incidents 201",
            f"PATCH /v1/pages/demopage0001/incidents/{incident['id']} 200",
            f"PATCH /v1/pages/demopage0001/incidents/{incident['id']} 200",
        ]


@pytest.mark.parametrize(
    ("configured", "said", "notified"),
    [(False, "", 0), (False, "yes", 250), (True, "", 250), (True, "no", 0)],
)
async def test_subscribers_are_notified_only_where_somebody_said_so(
    tmp_path: Path, configured: bool, said: str, notified: int
) -> None:
    async with page(tmp_path, notify=configured) as (receivers, status):
        await status.send(message(options={"notify": said} if said else {}), INCIDENT)
        assert receivers.statuspage.notified == notified
        assert [each["deliver_notifications"] for each in asked(receivers)] == [notified > 0]


async def test_components_follow_the_impact_and_are_operational_at_the_end(tmp_path: Path) -> None:
    components = {"payment-service": ["payments00001"]}
    async with page(tmp_path, components=components) as (receivers, status):
        state = receivers.statuspage.components["payments00001"]
        first = message(options={"impact": "major"})
        made = await status.send(first, INCIDENT)
        assert (state["status"], receivers.statuspage.incidents[0]["impact"]) == ("partial_outage", "major")
        second = message(options={"component-status": "degraded_performance"}, standing="monitoring")
        await status.send(second, after(INCIDENT, (first, made)))
        assert state["status"] == "degraded_performance"
        await status.send(message("resolve"), after(INCIDENT, (first, made)))
        assert state["status"] == "operational"
        assert [each.get("component_ids") for each in asked(receivers)] == [["payments00001"]] * 3


@pytest.mark.parametrize("none", ["", "none"])
async def test_a_message_may_name_other_components_or_none(tmp_path: Path, none: str) -> None:
    names = {"api": "API", "web": "Web"}
    async with page(tmp_path, statuspage={"components": names}, components={"payment-service": ["api"]}) as found:
        receivers, status = found
        await status.send(message(options={"components": "web", "impact": "critical"}), INCIDENT)
        await status.send(message(options={"components": none}), INCIDENT)
        assert [each.get("components") for each in asked(receivers)] == [{"web": "major_outage"}, None]
        assert receivers.statuspage.components["api"]["status"] == "operational"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"text": "x" * 25_001}, "takes 25,000 characters and the message has 25,001"),
        ({"text": "x" * 40_000}, "the message has 40,000"),
        ({"options": {"impact": "huge"}}, "impact is 'huge', and Statuspage knows none, minor, major, critical"),
        ({"options": {"notify": "perhaps"}}, "notify is 'perhaps'"),
        ({"options": {"components": "nothing"}}, "answered 422: Component nothing does not exist"),
    ],
)
async def test_what_the_page_would_not_take_is_refused_with_the_reason(
    tmp_path: Path, more: dict[str, Any], reason: str
) -> None:
    async with page(tmp_path) as (receivers, status):
        refused = await refusal(status, message(**more))
        assert reason in refused.reason
        assert (refused.retryable, refused.uncertain) == (False, False)
        assert receivers.statuspage.incidents == []


async def test_a_long_title_is_cut_and_markup_is_none(tmp_path: Path) -> None:
    async with page(tmp_path) as (receivers, status):
        text = "<script>alert(1)</script> 3 < 5 & more\x1b[31m <b>now</b>"
        await status.send(message(title="x" * 300, text=text), INCIDENT)
        (given,) = asked(receivers)
        assert given["name"] == "x" * 254 + "…"
        assert given["body"] == "&lt;script>alert(1)&lt;/script> 3 < 5 & more &lt;b>now&lt;/b>"


@pytest.mark.parametrize(
    ("status", "retryable", "uncertain", "after_", "words"),
    [
        (401, False, False, 0, "see its token"),
        (403, False, False, 0, "what its token may do"),
        (404, False, False, 0, "see its address"),
        (420, True, False, 7, "asked again later"),
        (429, True, False, 7, "asked again later"),
        (422, False, False, 0, "see the message and the configuration"),
        (500, True, True, 7, "tried again"),
        (502, True, True, 7, "tried again"),
        (503, True, False, 7, "tried again"),
    ],
)
async def test_every_error_says_whether_it_passes_and_hides_the_token(
    tmp_path: Path, status: int, retryable: bool, uncertain: bool, after_: float, words: str
) -> None:
    async with page(tmp_path) as (receivers, channel):
        token = receivers.statuspage.token
        receivers.statuspage.trouble.answers(status, {"error": f"no, {token}"}, retry_after=7 if after_ else None)
        refused = await refusal(channel, message())
        assert (refused.retryable, refused.uncertain, refused.after) == (retryable, uncertain, after_)
        assert words in refused.reason
        assert token not in refused.reason
        assert "***" in refused.reason or status == 420


async def test_the_rate_limit_of_one_request_a_second_is_said_with_its_end(tmp_path: Path) -> None:
    now = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    async with receiving("statuspage", now=lambda: now) as receivers:
        there = receivers.statuspage
        keys = {"type": "statuspage", "page": there.page, "token": secret(tmp_path, there.token), "url": there.url}
        async with channel(tmp_path, **keys) as status:
            assert status.pace == 1.0
            for _ in range(60):
                assert await status.find(message(), Occasion()) is None
            refused = await refusal(status, message())
            assert (refused.retryable, refused.after) == (True, 60.0)
            now += timedelta(seconds=61)
            await status.send(message(), INCIDENT)


@pytest.mark.parametrize("kind", ["reset", "cut", "garbage", "silence"])
@pytest.mark.parametrize("takes", [False, True])
@pytest.mark.parametrize("update", [False, True])
async def test_what_nobody_answered_is_found_or_is_not_there(
    tmp_path: Path, kind: Any, takes: bool, update: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt of unknown outcome is looked for; found, it is not sent again; not found, it may be."""
    async with page(tmp_path) as (receivers, status):
        occasion, sent = INCIDENT, message()
        if update:
            first = message(text="The first word.")
            occasion = after(INCIDENT, (first, await status.send(first, INCIDENT)))
        receivers.statuspage.trouble.set(kind, takes=takes, next=1)
        with monkeypatch.context() as patched:
            patched.setattr(http, "TIMEOUT", 0.5 if kind == "silence" else http.TIMEOUT)
            refused = await refusal(status, sent, occasion)
        assert (refused.retryable, refused.uncertain) == (True, True)
        found = await status.find(sent, occasion)
        taken = takes or kind == "cut"
        assert (found is not None) == taken
        if found is None:
            found = await status.send(sent, occasion)
        assert found.repeated == taken
        (incident,) = receivers.statuspage.incidents
        assert found.remote == incident["id"]
        assert len(incident["incident_updates"]) == (2 if update else 1)


async def test_a_page_that_cannot_be_reached_has_taken_nothing(tmp_path: Path) -> None:
    async with page(tmp_path) as (receivers, status):
        receivers.statuspage.trouble.set("refuse")
        refused = await refusal(status, message())
        assert (refused.retryable, refused.uncertain) == (True, False)
        assert "cannot be reached" in refused.reason


async def test_a_page_that_does_not_answer_the_question_leaves_it_open(tmp_path: Path) -> None:
    """A login page in place of the list says nothing of the message: it must not be sent a second time for that."""
    async with page(tmp_path) as (receivers, status):
        first = message()
        made = await status.send(first, INCIDENT)
        receivers.statuspage.trouble.set("garbage")
        for occasion in (INCIDENT, after(INCIDENT, (first, made))):
            with pytest.raises(ChannelError, match="no incident") as refused:
                await status.find(message(), occasion)
            assert refused.value.uncertain


async def test_another_incident_of_the_same_words_is_not_taken_for_it(tmp_path: Path) -> None:
    async with page(tmp_path) as (_, status):
        await status.send(message(text="We look into it."), replace(INCIDENT, incident="another"))
        assert await status.find(message(text="We look into it."), INCIDENT) is None


async def test_an_update_is_found_by_its_words_when_a_later_one_has_taken_its_marks(tmp_path: Path) -> None:
    async with page(tmp_path) as (receivers, status):
        first = message(text="The first word.")
        occasion = after(INCIDENT, (first, await status.send(first, INCIDENT)))
        receivers.statuspage.trouble.set("reset", takes=True, next=1)
        lost = message(text="The second word.")
        await refusal(status, lost, occasion)
        await status.send(message(text="The third word."), occasion)
        found = await status.find(lost, occasion)
        assert found is not None


async def test_an_incident_that_was_deleted_is_made_anew_only_when_somebody_asks(tmp_path: Path) -> None:
    async with page(tmp_path) as (receivers, status):
        first = message()
        occasion = after(INCIDENT, (first, await status.send(first, INCIDENT)))
        gone = receivers.statuspage.incidents.pop()
        refused = await refusal(status, message(), occasion)
        assert f"the page's incident {gone['id']} is not there any more: somebody deleted it" in refused.reason
        assert not refused.retryable
        assert await status.find(message(), occasion) is None
        assert receivers.statuspage.incidents == []
        await status.send(message(text="Again."), replace(occasion, asked=True))
        assert [each["incident_updates"][0]["body"] for each in receivers.statuspage.incidents] == ["Again."]


async def test_a_page_elsewhere_is_not_reached_in_a_demo(tmp_path: Path) -> None:
    keys = {"type": "statuspage", "page": "p", "token": secret(tmp_path, "t"), "url": "https://api.statuspage.io"}
    async with channel(tmp_path, **keys) as status:
        refused = await refusal(status, message())
        assert "a demo or a drill reaches nothing else" in refused.reason
