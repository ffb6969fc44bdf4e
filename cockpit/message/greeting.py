"""Asking a provider who it takes us for, so that a token is known to be good before it is needed. Nothing is sent.

The calls that only look: Slack's auth.test; PagerDuty's GET /oncalls; Opsgenie's GET /v2/account
(https://docs.opsgenie.com/docs/account-api); Statuspage's GET /v1/pages/ID; Jira's GET /rest/api/2/myself; of a mail
server the greeting, the login and NOOP (RFC 5321, 4.1.1.9). Webhooks and PagerDuty's Events API know no such call.
"""

from __future__ import annotations

import asyncio
import base64
import os
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.config import (
    ChannelConfig,
    EmailConfig,
    FileChannelConfig,
    JiraConfig,
    OpsgenieConfig,
    PagerdutyConfig,
    Secret,
    SlackConfig,
    StatuspageConfig,
)
from cockpit.message.channel import ChannelError
from cockpit.message.http import Answer, Api
from cockpit.text import safe


async def greet(config: ChannelConfig, clock: Clock, *, near: bool) -> str:
    """Ask the provider of a channel who it takes us for; gives what it says, for people.

    Args:
        near: reach nothing but this machine.

    Raises:
        ChannelError: it does not answer, or does not know us.
    """
    match config:
        case FileChannelConfig():
            return await asyncio.to_thread(_file, config)
        case SlackConfig():
            return await _slack(config, clock, near=near)
        case PagerdutyConfig():
            return await _pagerduty(config, clock, near=near)
        case OpsgenieConfig():
            return await _opsgenie(config, clock, near=near)
        case StatuspageConfig():
            return await _statuspage(config, clock, near=near)
        case EmailConfig():
            return await _mail(config, clock, near=near)
        case JiraConfig():
            return await _jira(config, clock, near=near)


def _file(config: FileChannelConfig) -> str:
    folder = config.path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    wanted = config.path if config.path.exists() else folder
    if not os.access(wanted, os.W_OK) or not folder.is_dir():
        raise ChannelError(f"{wanted} cannot be written by this user; name another `path`", retryable=False)
    return f"{config.path} can be written"


async def _slack(config: SlackConfig, clock: Clock, *, near: bool) -> str:
    from cockpit.message.slack.api import SlackApi

    if config.token is None:
        assert config.webhook is not None  # the configuration has one of the two
        await _secret_alone("Slack's webhook", config.webhook, clock)
        return "its address is known; a webhook cannot be asked without posting"
    api = SlackApi(config.url, config.token, clock, near=near)
    try:
        known = await api.write("auth.test", {})
    finally:
        await api.close()
    return f"Slack knows it as {_said(known, 'user')} in {_said(known, 'team')}; it posts to {config.channel}"


async def _pagerduty(config: PagerdutyConfig, clock: Clock, *, near: bool) -> str:
    from cockpit.message.pagerduty.rest import PagerdutyRest

    await _secret_alone("PagerDuty", config.routing_key, clock)
    if config.token is None:
        return "its routing key is known; the Events API cannot be asked without paging"
    rest = PagerdutyRest(config, clock, near=near)
    try:
        await rest.call("GET", "/oncalls", params={"limit": "1"})
    finally:
        await rest.close()
    return "PagerDuty takes its token; the routing key cannot be asked without paging"


async def _opsgenie(config: OpsgenieConfig, clock: Clock, *, near: bool) -> str:
    api = _Asked("Opsgenie", config.url, clock, near=near)
    try:
        key = await api.secret(config.key)
        known = await api.call("GET", "/v2/account", headers={"Authorization": f"GenieKey {key}"})
    except ChannelError:
        if api.status == 403:  # a key of an integration that may not read the configuration: it may tell all the same
            return "Opsgenie takes its key, which may not read the account"
        raise
    finally:
        await api.close()
    return f"Opsgenie takes its key: account {_said(known, 'data', 'name')}"


async def _statuspage(config: StatuspageConfig, clock: Clock, *, near: bool) -> str:
    api = Api("Statuspage", config.url, clock, near=near)
    try:
        head = {"Authorization": f"OAuth {await api.secret(config.token)}"}
        known = await api.call("GET", f"/v1/pages/{quote(config.page, safe='')}", headers=head)
    finally:
        await api.close()
    return f"Statuspage takes its token: page {_said(known, 'name')}"


async def _jira(config: JiraConfig, clock: Clock, *, near: bool) -> str:
    api = Api("Jira", config.url, clock, near=near)
    try:
        token = await api.secret(config.token)
        credentials = base64.b64encode(f"{config.user}:{token}".encode()).decode()
        head = {"Authorization": f"Basic {credentials}" if config.user else f"Bearer {token}"}
        known = await api.call("GET", "/rest/api/2/myself", headers=head)
    finally:
        await api.close()
    return f"Jira knows it as {_said(known, 'displayName')}; it writes to {config.project}"


async def _mail(config: EmailConfig, clock: Clock, *, near: bool) -> str:
    from cockpit.message.mail.channel import EmailChannel

    await EmailChannel("doctor", config, clock, near=near).greet()
    login = f" in as {config.user}" if config.user else " in without a login"
    return f"{config.host}:{config.port} lets us{login}, {config.security}"


class _Asked(Api):
    """An API that remembers the status of its last refusal."""

    status = 0

    def refused(self, answer: Answer, after: float = 0.0, *, said: str = "") -> ChannelError:
        self.status = answer.status
        return super().refused(answer, after, said=said)


async def _secret_alone(provider: str, secret: Secret, clock: Clock) -> None:
    """Fetch a secret that cannot be tried. Raises ChannelError."""
    await Api(provider, "", clock).secret(secret)


def _said(answer: Answer, *path: str) -> str:
    """What an answer names; it is the provider's text."""
    return safe(str(answer.get(*path) or "an unnamed one"))[:80]
