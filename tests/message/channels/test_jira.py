"""Jira: a ticket, what is said on it, its follow-ups and its end, in the Cloud and in a Data Center, never twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import ManualClock
from cockpit.config import JiraConfig
from cockpit.message import http
from cockpit.message.channel import Channel, ChannelError, Reference
from cockpit.message.jira.channel import INDEXED, JiraChannel
from cockpit.message.jira.text import plain
from cockpit.values import replace
from tests.message.channels.chat import INCIDENT, after, channel, config, message, refusal, secret
from tests.receivers import Receivers, receiving

pytestmark = pytest.mark.anyio

NAMED = {"type": "object", "properties": {"name": {"type": "string"}, "key": {"type": "string"}}}
ISSUE = {
    "type": "object",
    "required": ["project", "issuetype", "summary"],
    "additionalProperties": False,
    "properties": {
        "project": {**NAMED, "required": ["key"]},
        "issuetype": {**NAMED, "required": ["name"]},
        "summary": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[^\n\r]*$"},
        "description": {"type": "string", "maxLength": 32_767},
        "labels": {"type": "array", "items": {"type": "string", "pattern": r"^\S{1,255}$"}},
        "duedate": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    },
}
"""`fields` of IssueUpdateDetails (POST /rest/api/2/issue) of the Jira Cloud platform REST API v2, as far as we use it,
with the limits of the system fields."""
COMMENT = {
    "type": "object",
    "required": ["body"],
    "additionalProperties": False,
    "properties": {"body": {"type": "string", "minLength": 1, "maxLength": 32_767}},
}
LINK = {"type": "object", "required": ["type", "inwardIssue", "outwardIssue"], "additionalProperties": False,
        "properties": {"type": NAMED, "inwardIssue": NAMED, "outwardIssue": NAMED}}  # fmt: skip
"""Comment and LinkIssueRequestJsonBean of the same document."""


@asynccontextmanager
async def site(folder: Path, *, cloud: bool = True, **keys: Any) -> AsyncIterator[tuple[Receivers, Channel]]:
    """A site with its channel."""
    options = {"cloud": cloud, **keys.pop("jira", {})}
    async with receiving("jira", jira=options) as receivers:
        there = receivers.jira
        known = {"type": "jira", "url": there.url, "token": secret(folder, there.token), "project": there.project}
        if cloud:
            known["user"] = there.user
        async with channel(folder, **(known | keys)) as made:
            yield receivers, made
        for what, shape in (("issue", ISSUE), ("comment", COMMENT), ("link", LINK)):
            for arrival in receivers.arrived.of("jira", what):
                jsonschema.validate(dict(arrival.data), shape)


@pytest.mark.parametrize("cloud", [True, False])
async def test_a_ticket_its_updates_its_follow_up_and_its_end(tmp_path: Path, cloud: bool) -> None:
    async with site(tmp_path, cloud=cloud, issue_type="Incident") as (receivers, jira):
        ticket = message("ticket", "Cards are declined.", title="Payments fail", options={"labels": "sev1 payments"})
        made = await jira.send(ticket, INCIDENT)
        assert (made.remote, made.text) == ("OPS-1", f"{receivers.jira.url}/browse/OPS-1")
        issue = receivers.jira.issues["OPS-1"]
        assert issue.labels == [f"cockpit-{ticket.message}", "sev1", "payments", "INC-2025-004"]
        assert issue.fields["issuetype"] == {"name": "Incident"}
        assert issue.fields["description"] == "Cards are declined.\n\nIncident: INC-2025-004"
        occasion = after(INCIDENT, (ticket, made))
        told = await jira.send(message(text="A release is rolled back."), occasion)
        assert told.text.startswith(f"{receivers.jira.url}/browse/OPS-1?focusedCommentId=")
        options = {"item": "1", "owner": "@alice", "due": "2026-03-20T12:00:00+00:00"}
        follow = await jira.send(message("follow-up", "Alert earlier.", title="Alert", options=options), occasion)
        assert follow.remote == "OPS-2"
        assert receivers.jira.issues["OPS-2"].fields["duedate"] == "2026-03-20"
        assert receivers.jira.issues["OPS-2"].fields["description"].startswith("Alert earlier.\n\nOwner: @alice\nDue: ")
        assert issue.links == [("Relates", "OPS-2")]
        end = await jira.send(message("resolve", "All is well."), occasion)
        assert end.text.endswith("; it is Done")
        assert issue.status == "Done"
        assert [body.split("\n")[0] for _, _, body in issue.comments] == ["A release is rolled back.", "All is well."]


async def test_a_ticket_that_is_done_stays_so(tmp_path: Path) -> None:
    async with site(tmp_path) as (receivers, jira):
        ticket = message("ticket")
        occasion = after(INCIDENT, (ticket, await jira.send(ticket, INCIDENT)))
        receivers.jira.issues["OPS-1"].status = "Done"
        assert (await jira.send(message("resolve"), occasion)).text.endswith("; it is Done")
        assert "POST /rest/api/2/issue/OPS-1/transitions" not in " ".join(receivers.asked("jira"))


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, {"transitions": [{"id": "9", "name": "Escalate", "to": {"name": "Escalated"}}]}, "close it by hand"),
        (500, None, "not closed: Jira answered 500"),
    ],
)
async def test_where_no_step_leads_to_the_end_the_comment_stands_and_that_is_said(
    tmp_path: Path, status: int, body: Any, said: str
) -> None:
    async with site(tmp_path) as (receivers, jira):
        ticket = message("ticket")
        occasion = after(INCIDENT, (ticket, await jira.send(ticket, INCIDENT)))
        receivers.jira.trouble.answers(status, body, path="/transitions")
        found = await jira.send(message("resolve", "All is well."), occasion)
        assert said in found.text
        assert len(receivers.jira.issues["OPS-1"].comments) == 1
        assert receivers.jira.issues["OPS-1"].status == "To Do"


@pytest.mark.parametrize("cloud", [True, False])
async def test_a_ticket_that_a_person_found_is_commented_too(tmp_path: Path, cloud: bool) -> None:
    """Somebody said that the ticket of unknown outcome is there: the record has no key of it."""
    async with site(tmp_path, cloud=cloud) as (_, jira):
        ticket = message("ticket")
        made = await jira.send(ticket, INCIDENT)
        settled = replace(INCIDENT, earlier=((ticket, ""),))
        said = await jira.send(message("tell", "It is a release."), settled)
        assert said.remote.startswith(f"{made.remote}/")


async def test_without_a_ticket_a_comment_waits_and_a_follow_up_stands_alone(tmp_path: Path) -> None:
    async with site(tmp_path) as (receivers, jira):
        refused = await refusal(jira, message())
        assert "no ticket in Jira yet" in refused.reason
        assert (refused.retryable, refused.uncertain) == (True, False)
        found = await jira.send(message("follow-up"), INCIDENT)
        assert found.text.endswith("; linked to nothing, as the incident has no ticket")
        assert list(receivers.jira.issues) == ["OPS-1"]


async def test_a_link_that_fails_leaves_the_issue_and_is_made_when_it_is_found(tmp_path: Path) -> None:
    async with site(tmp_path) as (receivers, jira):
        ticket, follow = message("ticket"), message("follow-up")
        occasion = after(INCIDENT, (ticket, await jira.send(ticket, INCIDENT)))
        receivers.jira.trouble.answers(403, path="/issueLink", next=1)
        assert "; not linked to OPS-1: Jira answered 403" in (await jira.send(follow, occasion)).text
        found = await jira.find(follow, occasion)
        assert found is not None
        assert (found.remote, found.repeated, "not linked" in found.text) == ("OPS-2", True, False)
        await jira.find(follow, occasion)
        assert receivers.jira.issues["OPS-2"].links == [("Relates", "OPS-1")]


async def test_a_project_without_due_dates_is_told_in_words(tmp_path: Path) -> None:
    async with site(tmp_path) as (receivers, jira):
        errors = {"duedate": "Field 'duedate' cannot be set. It is not on the appropriate screen, or unknown."}
        receivers.jira.trouble.answers(400, {"errorMessages": [], "errors": errors}, path="/issue", next=1)
        await jira.send(message("follow-up", options={"due": "2026-03-20"}), INCIDENT)
        fields = receivers.jira.issues["OPS-1"].fields
        assert "duedate" not in fields
        assert "Due: 2026-03-20" in fields["description"]


@pytest.mark.parametrize("deed", ["ticket", "tell"])
@pytest.mark.parametrize(
    ("status", "body", "retryable", "uncertain", "words"),
    [
        (
            400,
            {"errorMessages": [], "errors": {"summary": "is bad"}},
            False,
            False,
            "400: summary is bad;",
        ),
        (400, {"errorMessages": ["CONTENT_LIMIT_EXCEEDED"], "errors": {}}, False, False, "400: CONTENT_LIMIT_EXCEEDED"),
        (401, {"errorMessages": ["Client must be authenticated"]}, False, False, "see its token"),
        (403, {"errorMessages": ["no permission"]}, False, False, "what its token may do"),
        (404, {"errorMessages": ["Issue does not exist"]}, False, False, "see its address"),
        (410, {"errorMessages": ["removed"]}, False, False, "see its address"),
        (429, None, True, False, "asked again later"),
        (500, None, True, True, "tried again"),
        (503, None, True, True, "tried again"),
    ],
)
async def test_every_error_says_whether_it_passes(
    tmp_path: Path, deed: Any, status: int, body: Any, retryable: bool, uncertain: bool, words: str
) -> None:
    async with site(tmp_path) as (receivers, jira):
        receivers.jira.trouble.answers(status, body, retry_after=30 if status == 429 else None)
        refused = await refusal(jira, message(deed), after(INCIDENT, (message("ticket"), Reference("", "OPS-1"))))
        assert (refused.retryable, refused.uncertain) == (retryable, uncertain)
        assert refused.after == (30 if status == 429 else 0)
        assert words in refused.reason
        assert receivers.jira.token not in refused.reason


@pytest.mark.parametrize("deed", ["ticket", "follow-up"])
async def test_what_is_too_long_is_refused_and_a_long_title_is_cut(tmp_path: Path, deed: Any) -> None:
    async with site(tmp_path) as (receivers, jira):
        refused = await refusal(jira, message(deed, "x" * 40_000))
        assert "Jira takes 32,767 characters" in refused.reason
        assert not refused.retryable
        await jira.send(message(deed, title="y" * 300 + "\nz"), INCIDENT)
        assert receivers.jira.issues["OPS-1"].fields["summary"] == "y" * 254 + "…"


@pytest.mark.parametrize("kind", ["reset", "cut", "garbage", "silence"])
@pytest.mark.parametrize("deed", ["ticket", "tell", "resolve"])
async def test_what_nobody_answered_is_found_and_not_done_again(
    tmp_path: Path, kind: Any, deed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path) as (receivers, jira):
        ticket = message("ticket")
        occasion = INCIDENT if deed == "ticket" else after(INCIDENT, (ticket, await jira.send(ticket, INCIDENT)))
        sent = message(deed)
        receivers.jira.trouble.set(kind, takes=True, next=1)
        with monkeypatch.context() as patched:
            patched.setattr(http, "TIMEOUT", 0.5 if kind == "silence" else http.TIMEOUT)
            refused = await refusal(jira, sent, occasion)
        assert (refused.retryable, refused.uncertain) == (True, True)
        issues = receivers.jira.issues
        found = await jira.find(sent, occasion)
        assert found is not None
        assert found.repeated
        assert len(issues) == 1
        assert len(issues["OPS-1"].comments) == (0 if deed == "ticket" else 1)
        assert issues["OPS-1"].status == ("Done" if deed == "resolve" else "To Do")


async def test_an_answer_that_is_no_answer_leaves_the_question_open(tmp_path: Path) -> None:
    async with site(tmp_path) as (receivers, jira):
        ticket = message("ticket")
        occasion = after(INCIDENT, (ticket, await jira.send(ticket, INCIDENT)))
        receivers.jira.trouble.set("garbage")
        for deed in ("ticket", "tell"):
            with pytest.raises(ChannelError, match="not its own") as refused:
                await jira.find(message(deed), occasion)  # type: ignore[arg-type]
            assert refused.value.uncertain


async def test_in_the_cloud_what_the_search_does_not_know_yet_is_not_taken_for_missing(tmp_path: Path) -> None:
    """Its search is "eventually consistent": a new issue shows within seconds."""
    clock = ManualClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))
    async with receiving("jira", now=clock.now, jira={"lag": INDEXED - 10}) as receivers:
        there = receivers.jira
        token, keys = secret(tmp_path, there.token), {"url": there.url, "user": there.user, "project": "OPS"}
        known = config(type="jira", token=token, **keys)
        assert isinstance(known, JiraConfig)
        jira = JiraChannel("tickets", known, clock, near=True)
        try:
            there.trouble.set("reset", takes=True, next=1)
            lost, never = message("ticket"), message("ticket")
            await refusal(jira, lost)
            for sought in (lost, never):
                with pytest.raises(ChannelError, match="may not know it yet") as refused:
                    await jira.find(sought, INCIDENT)
                assert (refused.value.after, refused.value.uncertain) == (INDEXED, True)
            clock.advance(timedelta(seconds=INDEXED).total_seconds())
            found = await jira.find(lost, INCIDENT)
            assert found is not None
            assert found.remote == "OPS-1"
            assert await jira.find(never, INCIDENT) is None
        finally:
            await jira.close()


async def test_in_a_data_center_what_is_not_there_is_missing(tmp_path: Path) -> None:
    async with site(tmp_path, cloud=False) as (receivers, jira):
        assert await jira.find(message("ticket"), INCIDENT) is None
        assert receivers.asked("jira") == ["POST /rest/api/2/search 200"]


async def test_words_cannot_mention_link_or_embed(tmp_path: Path) -> None:
    async with site(tmp_path) as (receivers, jira):
        await jira.send(message("ticket", "[~alice] {code}x{code} !http://evil/x.png! \\[~bob] fine!"), INCIDENT)
        shown = receivers.jira.issues["OPS-1"].fields["description"].split("\n")[0]
        assert shown == "\\[~alice] \\{code}x\\{code} \\!http://evil/x.png! \\ \\[~bob] fine!"


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="[]{}!~\\ ab\n", max_size=40))
def test_no_markup_begins_without_its_backslash(text: str) -> None:
    """Before each opening bracket stands exactly one backslash: an even number would let it open."""
    shown = plain(text)
    for at, character in enumerate(shown):
        if character in "[{":
            before = shown[:at]
            assert (len(before) - len(before.rstrip("\\"))) % 2 == 1


async def test_a_site_elsewhere_is_not_reached_in_a_demo(tmp_path: Path) -> None:
    keys = {"type": "jira", "token": secret(tmp_path, "t"), "url": "https://example.atlassian.net", "project": "OPS"}
    async with channel(tmp_path, **keys) as jira:
        assert "a demo or a drill reaches nothing else" in (await refusal(jira, message("ticket"))).reason
