"""Chat and pagers that answer with any JSON at all: a refusal is all that may come of it, and no secret in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cockpit.clock import SystemClock
from cockpit.message.channel import ChannelError, Occasion, Reference
from cockpit.message.oncall.pagers import sources
from tests.message.channels.chat import INCIDENT, after, channel, config, message, secret
from tests.message.channels.test_opsgenie import settings as opsgenie
from tests.message.channels.test_pagerduty import settings as pagerduty
from tests.receivers import Receivers, receiving

NAMES = st.sampled_from(
    [
        "ok", "error", "channel", "id", "ts", "name", "topic", "value", "creator", "created", "channels", "members",
        "profile", "display_name", "messages", "metadata", "event_payload", "message", "response_metadata",
        "next_cursor", "user_id", "user", "permalink", "status", "dedup_key", "errors", "incidents", "notes", "note",
        "oncalls", "escalation_level", "escalation_policy", "escalation_policies", "users", "email", "end", "type",
        "contact_methods", "address", "data", "onCallRecipients", "requestId", "isSuccess", "alertId", "incident",
    ]
)  # fmt: skip
WORDS = st.sampled_from(["", "x", "success", "C0DEMO0001", "phone_contact_method", "voice", "incident-20250408-1"])
LEAF = st.none() | st.booleans() | st.integers(-1, 3) | st.floats(allow_nan=False, allow_infinity=False) | WORDS
ANY = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=25
)
SAYS_OK = st.dictionaries(NAMES, ANY, max_size=8).map(lambda found: {**found, "ok": True, "status": "success"})
BODIES = st.lists(ANY | SAYS_OK, min_size=10, max_size=10)
SMALL = settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=2, phases=[Phase.generate])

Call = Callable[[], Awaitable[object]]


def paged(occasion: Occasion = INCIDENT) -> Occasion:
    """The incident with a page, its own channel and a first message."""
    said = [(message("page"), "key"), (message("page"), "incident/Q1"), (message("open"), "C1"), (message(), "C0/1.1")]
    return after(occasion, *((each, Reference("", remote)) for each, remote in said))


async def refuses(call: Call, secret: str) -> None:
    """It does what it should, or refuses; nothing else."""
    reason = ""
    try:
        await call()
    except ChannelError as error:
        reason = error.reason
    assert secret not in reason


async def ask(receivers: Receivers, name: str, bodies: list[Any], calls: list[Call], token: str) -> None:
    """Let the receiver answer everything with each of the bodies, and make every call."""
    for body in bodies:
        trouble = receivers.each[name].trouble
        trouble.lift()
        trouble.answers(200, body)
        for call in calls:
            await refuses(call, token)


@SMALL
@given(bodies=BODIES)
def test_slack(tmp_path: Path, bodies: list[Any]) -> None:
    """All that it does for an incident, and all that it looks for."""

    async def fly() -> None:
        async with receiving("slack") as receivers:
            token = secret(tmp_path, receivers.slack.token)
            keys = {"token": token, "channel": "#incidents", "url": receivers.slack.api}
            async with channel(tmp_path, type="slack", **keys) as bot:
                here, said = paged(), message("page", options={"handles": "@dba a@b.c"})
                deeds = [said, message("invite", options={"handles": "@dba"}), message("archive"), message()]
                calls: list[Call] = [lambda each=each: bot.send(each, here) for each in deeds]  # type: ignore[misc]
                calls += [lambda each=each: bot.find(each, here) for each in deeds]  # type: ignore[misc]
                opening = message("open")
                calls += [lambda: bot.send(opening, INCIDENT), lambda: bot.find(opening, INCIDENT)]
                await ask(receivers, "slack", bodies, calls, receivers.slack.token)

    asyncio.run(fly())


@SMALL
@given(bodies=BODIES)
def test_pagers(tmp_path: Path, bodies: list[Any]) -> None:
    """Pages, answers, notes, and who is on call."""

    async def fly(name: str, keys: dict[str, Any], receivers: Receivers, token: str) -> None:
        (source,) = sources({"pager": config(**keys)}, SystemClock(), near=True)
        async with channel(tmp_path, **keys) as pager:
            here = paged()
            deeds = [message("page", options={"target": "dba", "handles": "@dba"}), message("acknowledge")]
            deeds += [message("resolve"), message("note")]
            calls: list[Call] = [lambda each=each: pager.send(each, here) for each in deeds]  # type: ignore[misc]
            await ask(receivers, name, bodies, [*calls, source.on_call], token)
        await source.close()

    async def both() -> None:
        async with receiving("pagerduty", "opsgenie") as receivers:
            keys = pagerduty(tmp_path, receivers) | {"service": "PSERVICE"}
            await fly("pagerduty", keys, receivers, receivers.pagerduty.token)
            await fly("opsgenie", opsgenie(tmp_path, receivers), receivers, receivers.opsgenie.key)

    asyncio.run(both())
