"""A page and a ticket system that answer with any JSON at all: a refusal is all that may come of it, and no secret."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cockpit.message.channel import Channel, ChannelError, Reference
from tests.message.channels.chat import INCIDENT, after, message
from tests.message.channels.test_jira import site
from tests.message.channels.test_statuspage import page

NAMES = st.sampled_from(
    [
        "id", "shortlink", "metadata", "cockpit", "message", "messages", "incident", "incident_updates", "body", "key",
        "fields", "issuelinks", "inwardIssue", "outwardIssue", "comments", "issues", "transitions", "to", "name",
        "status", "errors", "errorMessages", "error",
    ]
)  # fmt: skip
LEAF = st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from(["", "x", "Done", "OPS-1", INCIDENT.incident])
ANY = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=25
)
LIKELY = st.dictionaries(NAMES, ANY, max_size=8).map(lambda found: {"id": "x", "key": "OPS-1", **found})
BODY = ANY | LIKELY | st.lists(LIKELY, max_size=2)
ANSWERS = st.lists(st.tuples(BODY, st.sampled_from([200, 201, 400])), min_size=8, max_size=8)
OFTEN = settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=3, phases=[Phase.generate])


async def asked(channel: Channel, deeds: tuple[Any, ...], secret: str) -> None:
    """Every deed is done, and looked for, or refused."""
    known = after(INCIDENT, (message("ticket"), Reference("", "OPS-1")), (message(), Reference("", "x")))
    for deed in deeds:
        for occasion in (INCIDENT, known):
            for call in (channel.send, channel.find):
                await refuses(call(message(deed), occasion), secret)


async def refuses(call: Any, secret: str) -> None:
    """It does what it should, or refuses; nothing else."""
    reason, found = "", None
    try:
        found = await call
    except ChannelError as error:
        reason = error.reason
    assert secret not in reason
    assert found is None or isinstance(found, Reference)


@OFTEN
@given(answers=ANSWERS)
def test_a_page(tmp_path: Path, answers: list[tuple[Any, int]]) -> None:
    async def fly() -> None:
        async with page(tmp_path) as (receivers, status):
            for body, number in answers:
                receivers.statuspage.trouble.lift()
                receivers.statuspage.trouble.answers(number, body)
                await asked(status, ("tell", "resolve"), receivers.statuspage.token)

    asyncio.run(fly())


@OFTEN
@given(answers=ANSWERS)
def test_a_ticket_system(tmp_path: Path, answers: list[tuple[Any, int]]) -> None:
    async def fly() -> None:
        async with site(tmp_path, cloud=False) as (receivers, jira):
            for body, number in answers:
                receivers.jira.trouble.lift()
                receivers.jira.trouble.answers(number, body)
                await asked(jira, ("ticket", "tell", "follow-up", "resolve"), receivers.jira.token)

    asyncio.run(fly())
