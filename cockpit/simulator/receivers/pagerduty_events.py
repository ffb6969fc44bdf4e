"""What PagerDuty's Events API v2 checks of an event.

After developer.pagerduty.com, "Events API v2: Overview" and "Send an Alert Event", and the published schema
(PagerDuty/api-schema, reference/events-v2/openapiv3.json).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "warning", "error", "info")
LARGEST = 512 * 1024
"""Bytes of an event."""
LONGEST_SUMMARY, LONGEST_KEY, KEY = 1024, 255, 32
"""Characters of a summary, of a dedup_key, and of a routing_key."""


def wrong(event: Any) -> list[str]:
    """What is wrong with an event, in PagerDuty's manner; empty where nothing is."""
    if not isinstance(event, dict):
        return ["Event object is invalid"]
    found = [*_routed(event), *_keyed(event)]
    if event.get("event_action") == "trigger":
        found += _triggering(event.get("payload"))
        found += _attached(event)
    return found


def _routed(event: dict[str, Any]) -> list[str]:
    key, action = event.get("routing_key"), event.get("event_action")
    found = []
    if not key:
        found.append("'routing_key' is missing or blank")
    elif not isinstance(key, str) or len(key) != KEY:
        found.append(f"Length of 'routing_key' is incorrect (should be {KEY} characters)")
    if not action:
        found.append("'event_action' is missing or blank")
    elif action not in ACTIONS:
        found.append("'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")
    return found


def _keyed(event: dict[str, Any]) -> list[str]:
    key = event.get("dedup_key")
    if key is None or key == "":
        return ["'dedup_key' is missing or blank"] if event.get("event_action") in ("acknowledge", "resolve") else []
    if not isinstance(key, str):
        return ["'dedup_key' must be a string"]
    return [f"'dedup_key' is too long (maximum is {LONGEST_KEY} characters)"] if len(key) > LONGEST_KEY else []


def _triggering(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    names = ("summary", "source", "severity")
    found = [f"'payload.{name}' is missing or blank" for name in names if not payload.get(name)]
    found += [f"'payload.{name}' must be a string" for name in names if not isinstance(payload.get(name) or "", str)]
    if found:
        return found
    if payload["severity"] not in SEVERITIES:
        found.append(
            "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"
        )
    if len(payload["summary"]) > LONGEST_SUMMARY:
        found.append(f"'payload.summary' is too long (maximum is {LONGEST_SUMMARY} characters)")
    if payload.get("timestamp") is not None and not _instant(payload["timestamp"]):
        found.append("'payload.timestamp' is not a valid ISO 8601 date")
    if not isinstance(payload.get("custom_details", {}), dict | str):
        found.append("'payload.custom_details' must be an object")
    return found


def _attached(event: dict[str, Any]) -> list[str]:
    found = []
    for name, needed in (("links", "href"), ("images", "src")):
        given = event.get(name)
        if given is None:
            continue
        if not isinstance(given, list) or not all(isinstance(each, dict) and each.get(needed) for each in given):
            found.append(f"'{name}' must be an array of objects with '{needed}'")
    return found


def _instant(text: Any) -> bool:
    try:
        datetime.fromisoformat(str(text))
    except ValueError:
        return False
    return True
