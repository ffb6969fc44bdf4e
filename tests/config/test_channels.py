"""The channels of a configuration: which parts belong together, and that no secret is literal."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from cockpit.config import ChannelConfig, Config, PagerdutyConfig, SlackConfig

SECRET = {"env": "TOKEN"}


def read(**keys: Any) -> ChannelConfig:
    """A channel as a file has it."""
    return Config.model_validate({"channels": {"it": keys}}).channels["it"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"type": "slack"}, "exactly one of `token` and `webhook`"),
        ({"type": "slack", "token": SECRET, "webhook": SECRET, "channel": "#a"}, "exactly one of"),
        ({"type": "slack", "token": SECRET}, "no `channel`"),
        ({"type": "slack", "webhook": "https://hooks.slack.com/services/T/B/x"}, "must not hold the secret itself"),
        ({"type": "pagerduty"}, "routing_key"),
        ({"type": "pagerduty", "routing_key": SECRET, "token": SECRET}, "no `from`"),
        ({"type": "pagerduty", "routing_key": SECRET, "service": "P1"}, "has a `service` and no `token`"),
        ({"type": "opsgenie", "key": "k3y"}, "must not hold the secret itself"),
        ({"type": "opsgenie", "key": SECRET, "shedule": "primary"}, "did you mean `schedule`?"),
        ({"type": "pigeon"}, "slack"),
    ],
)
def test_what_does_not_fit_is_said(keys: dict[str, Any], words: str) -> None:
    """With what to do about it, and never with the secret."""
    with pytest.raises(ValidationError) as refused:
        read(**keys)
    assert words in str(refused.value)
    assert "k3y" not in str(refused.value)


def test_what_fits_has_the_providers_addresses() -> None:
    """A configuration names others only where they are elsewhere."""
    slack = read(type="slack", token=SECRET, channel="#incidents")
    pagerduty = read(type="pagerduty", routing_key=SECRET, token=SECRET, service="P1", **{"from": "ic@example.com"})
    assert isinstance(slack, SlackConfig)
    assert isinstance(pagerduty, PagerdutyConfig)
    assert (slack.url, slack.incident_channels) == ("https://slack.com/api", True)
    assert (pagerduty.events_url, pagerduty.url) == ("https://events.pagerduty.com", "https://api.pagerduty.com")
