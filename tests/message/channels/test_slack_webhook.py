"""Slack by an incoming webhook: its plain answers, and that only a person can tell what became of an attempt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cockpit.message.channel import Channel
from tests.message.channels.chat import INCIDENT, channel, message, refusal, secret
from tests.receivers import Receivers, receiving

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def hook(folder: Path) -> AsyncIterator[tuple[Channel, Receivers]]:
    """A workspace, and the webhook's channel in it."""
    async with AsyncExitStack() as stack:
        receivers = await stack.enter_async_context(receiving("slack", rated=False))
        webhook = secret(folder, receivers.slack.webhook)
        yield await stack.enter_async_context(channel(folder, type="slack", webhook=webhook)), receivers


async def test_it_posts(tmp_path: Path) -> None:
    """Text that pings nobody; it can do nothing else."""
    async with hook(tmp_path) as (posts, receivers):
        taken = await posts.send(message(text="<!here> all is <well> & good"), INCIDENT)
        assert (taken.text, taken.remote) == ("posted by the webhook", "")
        (arrival,) = receivers.arrived.of("slack")
        assert arrival.text == "Payments fail\n&lt;!here&gt; all is &lt;well&gt; &amp; good"
        assert (posts.again, posts.pace) == ("ask", 1.0)
        assert not posts.deeds & {"open", "invite", "pin", "archive", "acknowledge", "resolve"}


async def test_a_long_text_is_cut_where_it_is_seen(tmp_path: Path) -> None:
    """Slack would cut it without a word."""
    async with hook(tmp_path) as (posts, receivers):
        await posts.send(message(text="line\n" * 10_000), INCIDENT)
        (arrival,) = receivers.arrived.of("slack")
        assert len(arrival.text) <= 40_000
        assert arrival.text.endswith("the whole text: `cockpit message list --incident INC-2025-004`")


@pytest.mark.parametrize(
    ("status", "said", "retryable", "uncertain", "mend"),
    [
        (400, "invalid_payload", False, False, "see the message"),
        (403, "action_prohibited", False, False, "make a new webhook"),
        (403, "invalid_token", False, False, "make a new webhook"),
        (404, "channel_not_found", False, False, "make a new webhook"),
        (404, "no_service", False, False, "make a new webhook"),
        (410, "channel_is_archived", False, False, "make a new webhook"),
        (429, "rate_limited", True, False, "asked again later"),
        (500, "rollup_error", True, True, "tried again"),
        (200, "<html>Sign in</html>", False, True, "look whether"),
    ],
)
async def test_what_it_answers(
    tmp_path: Path, status: int, said: str, retryable: bool, uncertain: bool, mend: str
) -> None:
    """Each answer of "Sending messages using incoming webhooks", and a proxy's; no reason has the address."""
    async with hook(tmp_path) as (posts, receivers):
        receivers.slack.trouble.answers(status, said)
        error = await refusal(posts, message())
        assert (error.retryable, error.uncertain) == (retryable, uncertain)
        assert mend in error.reason
        assert status == 200 or said in error.reason
        assert receivers.slack.webhook not in error.reason


async def test_a_revoked_one_wants_a_new_one(tmp_path: Path) -> None:
    """In the middle of an incident: nothing but a new webhook helps."""
    async with hook(tmp_path) as (posts, receivers):
        await posts.send(message(), INCIDENT)
        receivers.slack.trouble.set("revoked")
        error = await refusal(posts, message())
        assert error.reason.endswith("invalid_token; make a new webhook and put it in the old one's place")
        assert (error.retryable, error.uncertain) == (False, False)


@pytest.mark.parametrize(
    ("kind", "takes", "uncertain"), [("refuse", False, False), ("reset", True, True), ("cut", False, True)]
)
async def test_no_answer(tmp_path: Path, kind: Any, takes: bool, uncertain: bool) -> None:
    """What broke before the request was out is certain; after it nobody knows."""
    async with hook(tmp_path) as (posts, receivers):
        receivers.slack.trouble.set(kind, takes=takes)
        error = await refusal(posts, message())
        assert (error.retryable, error.uncertain) == (True, uncertain)
        assert receivers.slack.webhook not in error.reason


async def test_it_goes_nowhere_else(tmp_path: Path) -> None:
    """In a demo; and what is no address at all is said without showing it."""
    real = "https://hooks.slack.com/services/T0/B0/abcdef"
    async with channel(tmp_path, type="slack", webhook=secret(tmp_path, real)) as posts:
        error = await refusal(posts, message())
        assert "hooks.slack.com is not this machine" in error.reason
        assert "abcdef" not in error.reason
    async with channel(tmp_path, near=False, type="slack", webhook=secret(tmp_path, "s3cret-no-address")) as posts:
        error = await refusal(posts, message())
        assert not error.retryable
        assert "s3cret" not in error.reason
