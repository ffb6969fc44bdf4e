"""The parts of a cockpit.yaml that say where the receivers are: channels, audiences, targets and the Alertmanager."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cockpit.simulator.receivers import Receivers
from cockpit.simulator.receivers.people import EVERYBODY

Keep = Callable[[str, str], dict[str, str]]
"""Keeps a secret under a name and gives what a configuration says of it."""

SENDER = "incidents@example.com"
_LISTS = ("customer", "stakeholder", "executive", "product", "merchant", "partner", "regulator", "reviewer")
"""Who is told by mail: the name of each list's channel begins so."""

AUDIENCES = {
    "internal": ["incidents", "paper"],
    "customers": ["status", "paper"],
    "customer-email": ["customer-mail", "paper"],
    "support": ["support-chat", "paper"],
    "stakeholders": ["stakeholder-mail", "incidents", "paper"],
    "executives": ["executive-mail", "paper"],
    "product": ["product-mail", "paper"],
    "merchants": ["merchant-mail", "paper"],
    "partners": ["partner-mail", "paper"],
    "security": ["security-chat", "paper"],
    "regulators": ["regulator-mail", "paper"],
    "reviewers": ["reviewer-mail", "paper"],
}
"""Each audience's channels, tried in order; paper is the last that each falls back to."""

COMPONENTS = {"api000000001": "API", "payments0001": "Payments", "checkout0001": "Checkout"}
"""What the status page shows, by ids of Statuspage's kind."""
_SHOWN = {"payment-service": "payments0001", "order-service": "checkout0001", "churn-saver": "api000000001"}
"""The component that each service is on the page."""

ROOMS = ("incidents", "support", "security")
"""The channels that are in the chat from the beginning."""


def channel_of(receivers: Receivers, name: str, keep: Keep, service: str = "payment-service") -> dict[str, Any]:
    """A channel's configuration for the receiver `name`; raises KeyError where it has no channel."""
    match name:
        case "slack":
            slack = receivers.slack
            token = keep("slack-token", slack.token)
            return {"type": "slack", "token": token, "channel": f"#{ROOMS[0]}", "url": slack.api}
        case "pagerduty":
            pager = receivers.pagerduty
            secrets = {"routing_key": keep("pagerduty-key", pager.routing_key)}
            secrets["token"] = keep("pagerduty-token", pager.token)
            where = {"escalation_policy": pager.policy, "events_url": pager.url, "url": pager.url}
            return {"type": "pagerduty", **secrets, "from": pager.sender, **where}
        case "opsgenie":
            genie = receivers.opsgenie
            key = keep("opsgenie-key", genie.key)
            return {"type": "opsgenie", "key": key, "schedule": genie.schedule, "url": genie.url}
        case "statuspage":
            page = receivers.statuspage
            shown = _SHOWN.get(service, "")
            components = {service: [shown] if shown in page.components else [*page.components]}
            token = keep("statuspage-token", page.token)
            return {"type": "statuspage", "page": page.page, "token": token, "components": components, "url": page.url}
        case "mail":
            mail = receivers.mail
            known = {"user": mail.user, "password": keep("mail-password", mail.password)}
            head = {"type": "email", "host": "127.0.0.1", "port": mail.number, "security": "none", "from": SENDER}
            return {**head, **known, "to": ["everybody@example.com"]}
        case "jira":
            jira = receivers.jira
            token = keep("jira-token", jira.token)
            return {"type": "jira", "url": jira.url, "user": jira.user, "token": token, "project": jira.project}
    raise KeyError(name)


def with_receivers(made: dict[str, Any], receivers: Receivers, directory: Path, keep: Keep, interval: float) -> None:
    """Put what the receivers stand for into a cockpit.yaml of one service.

    Args:
        directory: gets the file that every audience falls back to.
        interval: wall seconds between two looks at what fires.
    """
    (service,) = made["services"]
    slack, mail = (channel_of(receivers, name, keep, service) for name in ("slack", "mail"))
    rooms = {f"{name}-chat": {**slack, "channel": f"#{name}", "incident_channels": False} for name in ROOMS[1:]}
    lists = {f"{name}-mail": {**mail, "to": [f"{name}s@example.com"]} for name in _LISTS}
    made["channels"] = {
        "incidents": slack,
        "pager": channel_of(receivers, "pagerduty", keep, service),
        "status": channel_of(receivers, "statuspage", keep, service),
        "tickets": channel_of(receivers, "jira", keep, service),
        **rooms,
        **lists,
        "paper": {"type": "file", "path": str(directory / "messages.txt")},
    }
    made["audiences"] = AUDIENCES
    made["targets"] = {
        each.target: {"channels": ["pager", "incidents", "paper"], "handles": [f"@{each.handle}"], "phone": each.phone}
        for each in EVERYBODY
    }
    made["alertmanager"] = {"main": {"url": receivers.alertmanager.url, "interval": f"{max(1, round(interval))}s"}}
    made["services"][service]["alertmanager"] = {"source": "main", "match": {"service": service}}
