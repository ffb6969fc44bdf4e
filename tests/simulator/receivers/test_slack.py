"""The simulated Slack against what docs.slack.dev says of each method: arguments, errors, limits."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulator.receivers.asking import Wall, asking

pytestmark = pytest.mark.anyio

METADATA = {"event_type": "cockpit_message", "event_payload": {"message": "m-1"}}


async def call(client: httpx.AsyncClient, method: str, **arguments: Any) -> dict[str, Any]:
    """What a method answers to arguments in JSON."""
    answer = await client.post(f"/api/{method}", json=arguments)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def form(client: httpx.AsyncClient, method: str, **arguments: str) -> dict[str, Any]:
    """What a method answers to arguments in a form."""
    found: dict[str, Any] = (await client.post(f"/api/{method}", data=arguments)).json()
    return found


async def refusal(client: httpx.AsyncClient, method: str, **arguments: Any) -> str:
    """The error of a method, which answers 200 all the same."""
    answer = await call(client, method, **arguments)
    assert answer["ok"] is False
    return str(answer["error"])


async def test_a_message_is_kept_with_its_metadata_and_seen_by_people() -> None:
    async with asking("slack") as (receivers, client):
        text = "down &lt;b&gt; <!channel> <https://x.test|the page>"
        posted = await call(client, "chat.postMessage", channel="#incidents", text=text, metadata=METADATA)
        assert posted["ok"], posted
        history = await call(client, "conversations.history", channel=posted["channel"], include_all_metadata=True)
        assert [(each["ts"], each["metadata"]) for each in history["messages"]] == [(posted["ts"], METADATA)]
        bare = await call(client, "conversations.history", channel=posted["channel"])
        assert "metadata" not in bare["messages"][0]
        (arrival,) = receivers.arrived.of("slack", "message")
        assert (arrival.where, arrival.text, arrival.id) == ("#incidents", text, posted["ts"])
        assert arrival.key == '{"message": "m-1"}'
        assert receivers.slack.workspace.channel(posted["channel"]).messages[0].pings == ["channel"]
        assert "down <b> @channel the page (https://x.test)" in "\n".join(receivers.slack.shown())


async def test_a_token_is_wanted_and_its_scopes_count() -> None:
    async with asking("slack") as (receivers, client):
        for header, error in (("", "not_authed"), ("Bearer xoxb-other", "invalid_auth")):
            answer = await client.post("/api/auth.test", headers={"Authorization": header})
            assert answer.json() == {"ok": False, "error": error}
        receivers.slack.trouble.set("revoked", next=1)
        assert await refusal(client, "auth.test") == "token_revoked"
        assert (await call(client, "auth.test"))["user"] == "cockpit"
        receivers.slack.scopes.discard("channels:manage")
        answer = await call(client, "conversations.create", name="incident-1")
        assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:manage")
        assert await refusal(client, "chat.scream") == "unknown_method"


async def test_what_postmessage_refuses() -> None:
    async with asking("slack") as (receivers, client):

        async def said(**arguments: Any) -> str:
            return await refusal(client, "chat.postMessage", **{"channel": "#incidents", "text": "x", **arguments})

        assert await said(channel="#nowhere") == "channel_not_found"
        assert await said(channel="") == "channel_not_found"
        assert await said(text="") == "no_text"
        assert await said(metadata={"event_type": "x"}) == "invalid_metadata_format"
        assert await said(metadata="{") == "invalid_metadata_format"
        assert await said(metadata={"event_type": "x", "event_payload": {"a": "b" * 9000}}) == "metadata_too_large"
        assert await said(thread_ts="yesterday") == "invalid_thread_ts"
        receivers.slack.workspace.create("elsewhere").members.clear()
        assert await said(channel="#elsewhere") == "not_in_channel"
        receivers.slack.workspace.create("old").archived = True
        assert await said(channel="#old") == "is_archived"
        assert len(receivers.arrived) == 0


async def test_beyond_40_000_characters_a_message_is_cut_and_a_warning_given() -> None:
    async with asking("slack") as (receivers, client):
        posted = await call(client, "chat.postMessage", channel="#incidents", text="x" * 40_001)
        assert posted["response_metadata"]["warnings"] == ["message_truncated"]
        assert len(receivers.arrived.of("slack")[0].text) == 40_000


async def test_a_channel_takes_a_message_a_second() -> None:
    wall = Wall()
    async with asking("slack", wall, channels=["incidents", "support"]) as (receivers, client):
        arguments = {"channel": "#incidents", "text": "x"}
        assert (await client.post("/api/chat.postMessage", json=arguments)).json()["ok"]
        limited = await client.post("/api/chat.postMessage", json=arguments)
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "1")
        assert limited.json() == {"ok": False, "error": "ratelimited"}
        assert (await call(client, "chat.postMessage", channel="#support", text="x"))["ok"], "each channel by itself"
        wall.move(1)
        assert (await call(client, "chat.postMessage", **arguments))["ok"]
        assert len(receivers.arrived) == 3


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"), ("x" * 81, "invalid_name_maxlength"), ("---", "invalid_name_punctuation"),
        ("Incident", "invalid_name_specials"), ("incident 1", "invalid_name_specials"),
        ("incident.1", "invalid_name_specials"), ("incidents", "name_taken"),
    ],
)  # fmt: skip
async def test_names_of_channels_are_checked(name: str, error: str) -> None:
    async with asking("slack") as (_, client):
        assert await refusal(client, "conversations.create", name=name) == error


async def test_an_incident_has_a_channel_with_people_a_topic_pins_and_an_end() -> None:
    async with asking("slack", people=["dba", "vp-eng"]) as (receivers, client):
        made = await call(client, "conversations.create", name="incident-20250408-1")
        channel = made["channel"]["id"]
        found = await form(client, "users.lookupByEmail", email="DBA@example.com")
        user = found["user"]["id"]
        assert (await call(client, "conversations.invite", channel=channel, users=user))["ok"]
        assert await refusal(client, "conversations.invite", channel=channel, users=user) == "already_in_channel"
        assert await refusal(client, "conversations.invite", channel=channel, users="U0NOBODY") == "user_not_found"
        assert await refusal(client, "conversations.invite", channel=channel, users="U0COCKPIT") == "cant_invite_self"
        assert await refusal(client, "conversations.invite", channel=channel, users="") == "no_user"
        assert (await call(client, "conversations.setTopic", channel=channel, topic="P1"))["ok"]
        assert await refusal(client, "conversations.setTopic", channel=channel, topic="x" * 251) == "too_long"
        ts = (await call(client, "chat.postMessage", channel=channel, text="begun"))["ts"]
        assert (await call(client, "pins.add", channel=channel, timestamp=ts))["ok"]
        assert await refusal(client, "pins.add", channel=channel, timestamp=ts) == "already_pinned"
        assert await refusal(client, "pins.add", channel=channel) == "no_item_specified"
        assert await refusal(client, "pins.add", channel=channel, timestamp="now") == "bad_timestamp"
        assert await refusal(client, "pins.add", channel=channel, timestamp="1700000000.000001") == "message_not_found"
        assert (await call(client, "conversations.archive", channel=channel))["ok"]
        assert await refusal(client, "conversations.archive", channel=channel) == "already_archived"
        assert await refusal(client, "chat.postMessage", channel=channel, text="late") == "is_archived"
        whats = [each.what for each in receivers.arrived.of("slack")]
        assert whats == ["channel", "invite", "topic", "message", "pin", "archive"]


async def test_one_wrong_guest_of_several_is_named_and_force_invites_the_others() -> None:
    async with asking("slack", people=["dba"]) as (receivers, client):
        channel = receivers.slack.workspace.create("incident-1")
        users = "U0DEMO001,U0NOBODY"
        answer = await call(client, "conversations.invite", channel=channel.id, users=users)
        assert answer["errors"] == [{"user": "U0NOBODY", "ok": False, "error": "user_not_found"}]
        assert channel.members == ["U0COCKPIT"]
        assert (await call(client, "conversations.invite", channel=channel.id, users=users, force=True))["ok"]
        assert channel.members == ["U0COCKPIT", "U0DEMO001"]


async def test_replies_stand_below_what_they_answer() -> None:
    async with asking("slack") as (receivers, client):
        receivers.slack.around.rated = False
        root = await call(client, "chat.postMessage", channel="#incidents", text="root")
        there = {"channel": root["channel"], "thread_ts": root["ts"]}
        reply = await call(client, "chat.postMessage", text="reply", metadata=METADATA, **there)
        history = await call(client, "conversations.history", channel=root["channel"])
        assert [each["text"] for each in history["messages"]] == ["root"]
        asked = {"channel": root["channel"], "ts": root["ts"], "include_all_metadata": "true"}
        replies = await call(client, "conversations.replies", **asked)
        assert [each.get("metadata") for each in replies["messages"]] == [None, METADATA]
        assert await refusal(client, "conversations.replies", channel=root["channel"], ts="1.2") == "thread_not_found"
        nested = {"channel": root["channel"], "thread_ts": reply["ts"]}
        assert await refusal(client, "chat.postMessage", text="x", **nested) == "cannot_reply_to_message"
        link = await form(client, "chat.getPermalink", channel=root["channel"], message_ts=root["ts"])
        page = (await client.get(link["permalink"])).text
        assert page.index("root") < page.index("reply")


async def test_lists_come_in_pages() -> None:
    async with asking("slack", channels=["a", "b", "c"]) as (receivers, client):
        receivers.slack.workspace.create("d").archived = True
        names, cursor = [], ""
        while True:
            page = await form(client, "conversations.list", limit="2", cursor=cursor, exclude_archived="true")
            names.append([each["name"] for each in page["channels"]])
            cursor = page["response_metadata"]["next_cursor"]
            if not cursor:
                break
        assert names == [["a", "b"], ["c"]]
        assert (await form(client, "conversations.list", cursor="?"))["error"] == "invalid_cursor"
        assert [each["name"] for each in (await form(client, "users.list"))["members"]] == ["cockpit", "dba"]


async def test_methods_without_json_do_not_see_it() -> None:
    async with asking("slack") as (_, client):
        assert await refusal(client, "users.lookupByEmail", email="dba@example.com") == "users_not_found"
        assert (await form(client, "users.lookupByEmail", email="dba@example.com"))["ok"]
        broken = await client.post("/api/chat.postMessage", content="{", headers={"Content-Type": "application/json"})
        assert broken.json()["error"] == "invalid_json"
        other = await client.post("/api/chat.postMessage", content="x", headers={"Content-Type": "image/png"})
        assert other.json()["error"] == "invalid_post_type"


async def test_the_webhook_answers_in_plain_words() -> None:
    wall = Wall()
    async with asking("slack", wall) as (receivers, client):
        hook = receivers.slack.webhook

        async def said(url: str = hook, **parts: Any) -> tuple[int, str]:
            answer = await client.post(url, **parts)
            return answer.status_code, answer.text

        assert await said(json={"text": "down"}) == (200, "ok")
        assert (await said(json={"text": "again"}))[0] == 429
        wall.move(1)
        assert await said(data={"payload": '{"text": "in a form"}'}) == (200, "ok")
        assert await said(content="{") == (400, "invalid_payload")
        assert await said(json={}) == (400, "no_text")
        assert await said(f"{hook}x", json={"text": "x"}) == (404, "no_service")
        receivers.slack.trouble.set("revoked", next=1)
        assert await said(json={"text": "x"}) == (403, "invalid_token")
        receivers.slack.workspace.channel("incidents", by_name=True).archived = True
        assert await said(json={"text": "x"}) == (410, "channel_is_archived")
        assert [each.text for each in receivers.arrived.of("slack")] == ["down", "in a form"]


async def test_other_methods_have_their_tiers() -> None:
    wall = Wall()
    async with asking("slack", wall) as (_, client):
        for _ in range(20):
            assert (await form(client, "conversations.list"))["ok"]
        limited = await client.get("/api/conversations.list")
        assert (limited.status_code, limited.headers["retry-after"]) == (429, "60")
        assert (await form(client, "users.list"))["ok"], "each method by itself"
        wall.move(60)
        assert (await form(client, "conversations.list"))["ok"]
