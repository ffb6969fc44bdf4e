"""Slack by a bot's token: threads, the incident's own channel, every refusal, and what an attempt left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cockpit.message.channel import Channel, Occasion, Reference
from cockpit.values import replace
from tests.message.channels.chat import INCIDENT, after, channel, message, refusal, secret
from tests.receivers import Receivers, receiving

pytestmark = pytest.mark.anyio

BOOLEAN, TS = {"type": "boolean"}, {"type": "string", "pattern": r"^\d{10}\.\d{6}$"}
POST = {
    "type": "object",
    "required": ["channel", "text"],
    "additionalProperties": False,
    "properties": {
        "channel": {"type": "string", "pattern": r"^([CG][A-Z0-9]+|#[a-z0-9_-]{1,80})$"},
        "text": {"type": "string", "minLength": 1, "maxLength": 40_000},
        "mrkdwn": BOOLEAN,
        "parse": {"enum": ["none", "full"]},
        "link_names": BOOLEAN,
        "unfurl_links": BOOLEAN,
        "unfurl_media": BOOLEAN,
        "thread_ts": TS,
        "reply_broadcast": BOOLEAN,
        "metadata": {
            "type": "object",
            "required": ["event_type", "event_payload"],
            "additionalProperties": False,
            "properties": {
                "event_type": {"type": "string", "pattern": "^[a-z0-9_]{1,255}$"},
                "event_payload": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
            },
        },
    },
}
"""What we use of the arguments of docs.slack.dev, "chat.postMessage" and "Message metadata", closed against others."""


@asynccontextmanager
async def slack(
    folder: Path, *, rated: bool = False, people: tuple[str, ...] = ("dba", "alice"), **keys: Any
) -> AsyncIterator[tuple[Channel, Receivers]]:
    """A workspace, and the bot's channel in it."""
    async with receiving("slack", rated=rated, slack={"people": people}) as receivers:
        token = secret(folder, receivers.slack.token)
        given = {"type": "slack", "token": token, "channel": "#incidents", "url": receivers.slack.api} | keys
        async with channel(folder, **given) as bot:
            yield bot, receivers


def posted(receivers: Receivers, name: str = "incidents") -> list[dict[str, Any]]:
    """The messages of a channel as the workspace has them."""
    held = next(each for each in receivers.slack.held() if each["name"] == name)
    messages: list[dict[str, Any]] = held["messages"]
    return messages


async def test_an_incident_is_one_thread(tmp_path: Path) -> None:
    """Later messages answer the first; the channel sees those that everybody waits for."""
    async with slack(tmp_path) as (bot, receivers):
        first = message(standing="investigating", status="Investigating", options={"severity": "P1"})
        taken = await bot.send(first, INCIDENT)
        assert taken.text.startswith(f"{receivers.slack.url}/archives/")
        later = after(INCIDENT, (first, taken))
        second = message(standing="identified", options={"severity": "P1"})
        graver = message(standing="identified", options={"severity": "P0"})
        done = message(standing="resolved")
        await bot.send(second, later)
        await bot.send(graver, later)
        await bot.send(done, later)
        root, *replies = posted(receivers)
        assert root["text"] == "Payments fail · Investigating\nWe look into it."
        assert [each["thread_ts"] for each in replies] == [root["ts"]] * 3
        for arrival in receivers.arrived.of("slack"):
            jsonschema.validate(dict(arrival.data), POST)
        sent = [each.data.get("reply_broadcast") for each in receivers.arrived.of("slack", "reply")]
        assert sent == [False, True, True]


async def test_a_thread_whose_beginning_was_deleted_goes_on(tmp_path: Path) -> None:
    """What is said is more than where."""
    async with slack(tmp_path) as (bot, receivers):
        gone = after(INCIDENT, (message(), Reference("", "C0DEMO0001/1744156200.000100")))
        await bot.send(message(text="Still here."), gone)
        assert [each["text"] for each in posted(receivers)] == ["Payments fail\nStill here."]


async def test_nothing_in_a_text_pings_or_formats(tmp_path: Path) -> None:
    """Mentions, links and markup arrive as they were typed."""
    hostile = "<!channel> <@U0DEMO001> @here *bold* <https://evil.example|status page> & \x1b[31mred"
    async with slack(tmp_path) as (bot, receivers):
        await bot.send(message(text=hostile), INCIDENT)
        arrival = receivers.arrived.of("slack", "message")[0]
        assert not any(each.pings for each in receivers.slack.workspace.channels["C0DEMO0001"].messages)
        assert receivers.slack.workspace.seen(arrival.text).endswith(hostile.replace("\x1b[31m", ""))
        assert (arrival.data["parse"], arrival.data["link_names"], arrival.data["mrkdwn"]) == ("none", False, False)


async def test_what_is_too_long_is_cut_where_it_is_seen(tmp_path: Path) -> None:
    """40,000 characters are Slack's limit (docs: chat.postMessage); the last ones say what is missing and where."""
    text = "<&>" * 20_000
    async with slack(tmp_path) as (bot, receivers):
        await bot.send(message(text=text), replace(INCIDENT, link="https://cockpit.example/INC-2025-004"))
        (said,) = posted(receivers)
        assert len(said["text"]) <= 40_000
        head, _, note = said["text"].rpartition("\n… ")
        missing = int(note.split()[0].replace(",", ""))
        kept = receivers.slack.workspace.seen(head).removeprefix("Payments fail\n")
        assert len(kept) + missing == len(text)
        assert note.endswith("the whole text: https://cockpit.example/INC-2025-004")


async def test_a_page_mentions_whom_it_is_for(tmp_path: Path) -> None:
    """By name or by address; who is not in Slack is named in the reference, and the page goes out."""
    async with slack(tmp_path) as (bot, receivers):
        page = message("page", options={"handles": "@dba alice@example.com @nobody"})
        taken = await bot.send(page, INCIDENT)
        (said,) = posted(receivers)
        assert said["text"].startswith("<@U0DEMO001> <@U0DEMO002> Payments fail")
        assert taken.text.endswith("; not in Slack: @nobody")
        receivers.slack.scopes.discard("users:read")
        async with channel(
            tmp_path, type="slack", token=secret(tmp_path, receivers.slack.token), channel="#incidents",
            url=receivers.slack.api,
        ) as other:  # fmt: skip
            taken = await other.send(page.model_copy(update={"message": "m-2"}), INCIDENT)
        assert "nobody was mentioned: Slack refused users.list: missing_scope" in taken.text
        assert len(posted(receivers)) == 2


async def test_it_joins_the_channel_that_it_posts_to(tmp_path: Path) -> None:
    """A public one; to post, and to look for what it posted. Where it may not, somebody is asked to invite it."""
    async with slack(tmp_path) as (bot, receivers):
        members = receivers.slack.workspace.channels["C0DEMO0001"].members
        members.clear()
        await bot.send(message(), INCIDENT)
        assert members == ["U0COCKPIT"]
        members.clear()
        receivers.slack.scopes.discard("channels:join")
        assert "invite the bot into it with /invite" in (await refusal(bot, message())).reason


async def opened(bot: Channel, occasion: Occasion = INCIDENT) -> Occasion:
    """The occasion with the incident's own channel open."""
    open_ = message("open", options={"commander": "@alice"})
    return after(occasion, (open_, await bot.send(open_, occasion)))


async def test_the_incidents_own_channel(tmp_path: Path) -> None:
    """Opened by its day, given its topic, people invited, messages posted and pinned there, archived."""
    async with slack(tmp_path) as (bot, receivers):
        first = await opened(bot)
        assert receivers.slack.workspace.channels[first.remote("open")].topic.startswith(
            "INC-2025-004 · P1 · IC @alice"
        )
        here = await opened(bot, replace(INCIDENT, label="INC-2025-005"))
        own = here.remote("open")
        assert [each["name"] for each in receivers.slack.held()] == [
            "incidents", "incident-20250408-1", "incident-20250408-2",
        ]  # fmt: skip
        assert receivers.slack.workspace.channels[own].topic == "INC-2025-005 · P1 · IC @alice · Payments fail"
        invited = await bot.send(message("invite", options={"handles": "@dba @ghost cockpit"}), here)
        assert invited.text == "invited @dba, cockpit; not in Slack: @ghost"
        again = await bot.send(message("invite", options={"handles": "@dba"}), here)
        assert again.text == "invited @dba"
        said = message(options={"where": "incident"})
        here = after(replace(here, severity="P0", commander="@dba"), (said, await bot.send(said, here)))
        await bot.send(message(), here)
        assert receivers.slack.workspace.channels[own].topic == "INC-2025-005 · P0 · IC @dba · Payments fail"
        topics = len(receivers.arrived.of("slack", "topic"))
        await bot.send(message(), here)
        assert len(receivers.arrived.of("slack", "topic")) == topics
        pin = message("pin", options={"message": said.message})
        assert (await bot.send(pin, here)).text == "pinned"
        assert (await bot.send(pin, here)).repeated
        assert [each.pinned for each in receivers.slack.workspace.channels[own].messages] == [True]
        archive = message("archive")
        done = await bot.send(archive, here)
        assert (await bot.send(archive, here)).repeated
        later = after(here, (archive, done))
        gone = await bot.send(message(options={"where": "incident"}), later)
        assert gone.remote.startswith("C0DEMO0001/")
        assert (await bot.send(message("archive"), later)).text == "no channel of its own is open"
        assert receivers.slack.workspace.channels[own].archived
        assert not receivers.slack.workspace.channels[first.remote("open")].archived


async def test_what_needs_the_channel_waits_for_it(tmp_path: Path) -> None:
    """Inviting and pinning are tried again; what is said is said in the shared channel meanwhile."""
    async with slack(tmp_path) as (bot, receivers):
        for deed, options in (("invite", {"handles": "@dba"}), ("pin", {"message": "m-1"})):
            error = await refusal(bot, message(deed, options=options))  # type: ignore[arg-type]
            assert error.retryable
            assert not error.uncertain
        await bot.send(message(options={"where": "incident"}), INCIDENT)
        assert len(posted(receivers)) == 1


async def test_a_drills_channel_says_so(tmp_path: Path) -> None:
    """Its name begins with `drill-`; without `incident_channels` none is opened at all."""
    async with slack(tmp_path) as (bot, _):
        taken = await bot.send(message("open"), replace(INCIDENT, drill=True))
        assert taken.text.startswith("#drill-20250408-1")
    async with slack(tmp_path, incident_channels=False) as (bot, _):
        assert not bot.deeds & {"open", "invite", "pin", "archive"}


@pytest.mark.parametrize(
    ("code", "retryable", "uncertain", "mend"),
    [
        ("invalid_auth", False, False, "make a new token"),
        ("token_revoked", False, False, "make a new token"),
        ("not_in_channel", False, False, "/invite"),
        ("channel_not_found", False, False, "see its `channel:`"),
        ("is_archived", False, False, "unarchive it"),
        ("msg_too_long", False, False, "shorten"),
        ("restricted_action_read_only_channel", False, False, "a setting of the workspace"),
        ("something_new", False, False, "docs.slack.dev"),
        ("ratelimited", True, False, "tried again"),
        ("service_unavailable", True, False, "tried again"),
        ("internal_error", True, True, "tried again"),
        ("fatal_error", True, True, "tried again"),
    ],
)
async def test_ok_false(tmp_path: Path, code: str, retryable: bool, uncertain: bool, mend: str) -> None:
    """A 200 that says no, as docs.slack.dev lists them under chat.postMessage."""
    async with slack(tmp_path) as (bot, receivers):
        receivers.slack.trouble.not_ok(code, path="chat.postMessage")
        error = await refusal(bot, message())
        assert (error.retryable, error.uncertain) == (retryable, uncertain)
        assert error.reason.startswith(f"Slack refused chat.postMessage: {code}; ")
        assert mend in error.reason
        assert receivers.slack.token not in error.reason


async def test_the_scope_that_is_missing_is_named(tmp_path: Path) -> None:
    """And what to do with it."""
    async with slack(tmp_path) as (bot, receivers):
        receivers.slack.scopes.discard("chat:write")
        error = await refusal(bot, message())
        assert error.reason.endswith("missing_scope; give the bot the scope chat:write and install its app again")
        assert not error.retryable


@pytest.mark.parametrize(
    ("fault", "retryable", "uncertain", "after_"),
    [
        ({"kind": "answer", "status": 429, "retry_after": 7}, True, False, 7),
        ({"kind": "answer", "status": 500}, True, True, 0),
        ({"kind": "answer", "status": 503, "retry_after": 3}, True, False, 3),
        ({"kind": "answer", "status": 403}, False, False, 0),
        ({"kind": "garbage", "takes": True}, True, True, 0),
        ({"kind": "cut"}, True, True, 0),
        ({"kind": "reset", "takes": True}, True, True, 0),
        ({"kind": "refuse"}, True, False, 0),
    ],
)
async def test_http_that_fails(
    tmp_path: Path, fault: dict[str, Any], retryable: bool, uncertain: bool, after_: float
) -> None:
    """Whether it may be tried again, when, and whether it may be there."""
    async with slack(tmp_path) as (bot, receivers):
        kind = fault.pop("kind")
        receivers.slack.trouble.set(kind, **fault)
        error = await refusal(bot, message())
        assert (error.retryable, error.uncertain, error.after) == (retryable, uncertain, after_)
        assert receivers.slack.token not in error.reason


async def test_an_attempt_of_unknown_outcome_is_looked_for(tmp_path: Path) -> None:
    """Whether it was taken or not: in the channel, in the thread, in the incident's own channel."""
    async with slack(tmp_path) as (bot, receivers):
        here = await opened(bot)
        for number, options in enumerate(({}, {}, {"where": "incident"})):
            said = message(id="", options=options)
            assert await bot.find(said, here) is None
            receivers.slack.trouble.set("cut", path="chat.postMessage", next=1)
            assert (await refusal(bot, said, here)).uncertain
            found = await bot.find(said, here)
            assert found is not None
            assert found.repeated
            taken = receivers.arrived.of("slack", "message") + receivers.arrived.of("slack", "reply")
            assert len(taken) == 1 + number
            here = after(here, (said, found))
        assert [len(each["messages"]) for each in receivers.slack.held()] == [2, 1]


async def test_a_message_from_before_the_thread_is_found(tmp_path: Path) -> None:
    """Its attempt was the first; meanwhile another began the thread."""
    async with slack(tmp_path) as (bot, receivers):
        lost, other = message(), message()
        receivers.slack.trouble.set("reset", takes=True, path="chat.postMessage", next=1)
        assert (await refusal(bot, lost)).uncertain
        here = after(INCIDENT, (other, await bot.send(other, INCIDENT)))
        found = await bot.find(lost, here)
        assert found is not None
        assert found.remote.endswith(posted(receivers)[0]["ts"])


async def test_looking_that_fails_is_no_no(tmp_path: Path) -> None:
    """Without the scope to read, nobody is told that a message is not there; a history too long to read neither."""
    async with slack(tmp_path) as (bot, receivers):
        receivers.slack.scopes.discard("channels:history")
        with pytest.raises(Exception, match="give the bot the scope channels:history"):
            await bot.find(message(), INCIDENT)
        receivers.slack.scopes.add("channels:history")
        body = {"ok": True, "messages": [], "response_metadata": {"next_cursor": "more"}}
        receivers.slack.trouble.answers(200, body, path="conversations.history")
        with pytest.raises(Exception, match="look by hand"):
            await bot.find(message(), INCIDENT)


async def test_a_channel_that_an_attempt_made_is_taken_up(tmp_path: Path) -> None:
    """With its topic or before it had one; that of another incident is not."""
    async with slack(tmp_path) as (bot, receivers):
        await opened(bot, replace(INCIDENT, label="INC-2025-001"))
        lost = message("open")
        assert await bot.find(lost, INCIDENT) is None
        receivers.slack.trouble.set("cut", path="conversations.create", every=2)
        assert (await refusal(bot, lost)).uncertain
        found = await bot.find(lost, INCIDENT)
        assert found is not None
        assert found.text == "#incident-20250408-2"
        again = await bot.find(lost, INCIDENT)
        assert again is not None
        assert again.remote == found.remote
        assert len(receivers.slack.held()) == 3


async def test_a_burst_is_told_to_wait(tmp_path: Path) -> None:
    """One message a second for each channel (docs: "Rate limits"), which is the bot's pace."""
    async with slack(tmp_path, rated=True) as (bot, _):
        assert bot.pace == 1.0
        await bot.send(message(), INCIDENT)
        error = await refusal(bot, message())
        assert (error.retryable, error.uncertain, error.after) == (True, False, 1)


async def test_a_demo_reaches_nobody_else(tmp_path: Path) -> None:
    """Not even to ask."""
    async with channel(tmp_path, type="slack", token=secret(tmp_path, "xoxb-1"), channel="#incidents") as bot:
        error = await refusal(bot, message())
        assert "slack.com is not this machine" in error.reason
        assert not error.retryable
