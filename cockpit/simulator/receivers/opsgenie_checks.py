"""What Opsgenie checks of an alert and of a note: the fields and lengths of docs.opsgenie.com, "Alert API"."""

from __future__ import annotations

from typing import Any

_LENGTHS = {"message": 130, "alias": 512, "description": 15_000, "entity": 512, "source": 100, "note": 25_000}
MOST_TAGS, LONGEST_TAG, MOST_RESPONDERS, LARGEST_DETAILS = 20, 50, 50, 8_000
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
_RESPONDERS = ("team", "user", "escalation", "schedule")


def wrong_alert(given: dict[str, Any]) -> dict[str, str]:
    """What is wrong with an alert, by field; empty where nothing is."""
    found = _lengths(given)
    if not str(given.get("message") or "").strip():
        found["message"] = "Message can not be empty."
    if given.get("priority") not in (None, *PRIORITIES):
        found["priority"] = "Priority must be one of [P1, P2, P3, P4, P5]."
    tags = given.get("tags") or []
    if not isinstance(tags, list) or len(tags) > MOST_TAGS or any(len(str(each)) > LONGEST_TAG for each in tags):
        found["tags"] = f"At most {MOST_TAGS} tags of {LONGEST_TAG} characters."
    details = given.get("details") or {}
    if not isinstance(details, dict) or not all(isinstance(each, str) for each in details.values()):
        found["details"] = "Details must be a map of texts."
    elif sum(len(key) + len(value) for key, value in details.items()) > LARGEST_DETAILS:
        found["details"] = f"Details are longer than {LARGEST_DETAILS} characters."
    if not _met(given.get("responders") or []):
        found["responders"] = "Each of at most 50 responders has a type and an id, name or username."
    return found


def wrong_note(given: dict[str, Any]) -> dict[str, str]:
    """What is wrong with a note, by field; empty where nothing is."""
    return _lengths(given) if str(given.get("note") or "").strip() else {"note": "Note can not be empty."}


def _lengths(given: dict[str, Any]) -> dict[str, str]:
    return {
        name: f"{name} is longer than {longest} characters."
        for name, longest in _LENGTHS.items()
        if len(str(given.get(name) or "")) > longest
    }


def _met(responders: Any) -> bool:
    return (
        isinstance(responders, list)
        and len(responders) <= MOST_RESPONDERS
        and all(
            isinstance(each, dict)
            and each.get("type") in _RESPONDERS
            and any(each.get(name) for name in ("id", "name", "username"))
            for each in responders
        )
    )
