"""The channels of a configuration: one model for each API, whose secrets are never literal."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config.values import FilePath, Name, Secret, Strict, Text, Url

Address = Annotated[str, Field(pattern=r"^[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,255}$")]
"""An e-mail address, without a name before it."""


class FileChannelConfig(Strict):
    """A channel that appends each message to a file."""

    type: Literal["file"]
    path: FilePath


class SlackConfig(Strict):
    """Slack, by an incoming webhook (which can only post) or a bot's token (which can also open channels)."""

    type: Literal["slack"]
    webhook: Secret | None = None
    token: Secret | None = None
    channel: Text | None = None
    """Where a bot posts, as `#incidents`; a webhook knows its channel itself."""
    incident_channels: bool = True
    """Whether `start` opens a channel for each incident. A webhook cannot."""
    url: Url = "https://slack.com/api"

    @model_validator(mode="after")
    def _one_way(self) -> SlackConfig:
        if (self.webhook is None) == (self.token is None):
            raise PydanticCustomError("slack", "needs exactly one of `token` and `webhook`")
        if self.token is not None and not self.channel:
            raise PydanticCustomError("slack", 'has a token and no `channel`; name where to post, as "#incidents"')
        return self


class PagerdutyConfig(Strict):
    """PagerDuty: alerts by the Events API v2; with a `token` also notes, and who is on call, by the REST API."""

    type: Literal["pagerduty"]
    routing_key: Secret
    token: Secret | None = None
    sender: Address | None = Field(default=None, alias="from")
    """Whose account writes notes: the REST API wants an address of a user."""
    escalation_policy: Text | None = None
    """The id of the policy whose people on call are looked up; None: of all policies."""
    service: Text | None = None
    """The id of the service on which a target is paged by its own name, as a team or as people; None: every page goes
    to the integration's own policy. It needs a `token`."""
    events_url: Url = "https://events.pagerduty.com"
    url: Url = "https://api.pagerduty.com"

    @model_validator(mode="after")
    def _sender(self) -> PagerdutyConfig:
        if self.token is not None and self.sender is None:
            raise PydanticCustomError("pagerduty", "has a token and no `from`; name the address of the user who writes")
        if self.service is not None and self.token is None:
            raise PydanticCustomError("pagerduty", "has a `service` and no `token`, by which targets are looked up")
        return self


class OpsgenieConfig(Strict):
    """Opsgenie's alerts. The service ends in April 2027."""

    type: Literal["opsgenie"]
    key: Secret
    team: Text | None = None
    schedule: Text | None = None
    """The name of the schedule whose people on call are looked up."""
    url: Url = "https://api.opsgenie.com"
    """In Europe https://api.eu.opsgenie.com."""


class StatuspageConfig(Strict):
    """A page of Atlassian Statuspage."""

    type: Literal["statuspage"]
    page: Text
    token: Secret
    components: dict[Name, list[Text]] = Field(default_factory=dict)
    """The ids of the components that an incident of each service concerns."""
    notify: bool = False
    """Whether subscribers are notified where a message does not say."""
    url: Url = "https://api.statuspage.io"


class EmailConfig(Strict):
    """E-mail, handed to a server by SMTP."""

    type: Literal["email"]
    host: Text
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`none` only for a server on this machine."""
    user: Text | None = None
    password: Secret | None = None
    sender: Address = Field(alias="from")
    to: list[Address] = Field(min_length=1)
    blind: bool = True
    """Whether those who get it do not see each other's addresses."""

    @model_validator(mode="after")
    def _log_in(self) -> EmailConfig:
        if (self.user is None) != (self.password is None):
            raise PydanticCustomError("email", "needs `user` and `password` together, or neither")
        if self.security == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise PydanticCustomError("email", "would be sent in the clear; use `security: starttls` (or tls)")
        return self


class JiraConfig(Strict):
    """A project of Jira, for the incident's ticket and its follow-ups."""

    type: Literal["jira"]
    url: Url
    user: Address | None = None
    """Of Jira Cloud the account's address; None: the token is a personal access token of a Data Center."""
    token: Secret
    project: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,19}$")]
    issue_type: Text = "Task"
    follow_up_type: Text = "Task"


ChannelConfig = Annotated[
    FileChannelConfig | SlackConfig | PagerdutyConfig | OpsgenieConfig | StatuspageConfig | EmailConfig | JiraConfig,
    Field(discriminator="type"),
]
