"""What an answer of a checklist item is called by people: the deed, not the entry that holds it."""

from __future__ import annotations

from collections.abc import Mapping

DEEDS: Mapping[str, str] = {
    "acknowledged": "ack",
    "declared": "declaration",
    "declared-with-severity": "severity",
    "severity-changed": "severity",
    "severity-explained": "severity",
    "commander-assigned": "role",
    "roles-assigned": "roles",
    "paged": "page",
    "affected": "affected service",
    "impact": "impact",
    "impact-since": "impact",
    "impact-trend": "impact",
    "log-read": "log",
    "hypothesis": "hypothesis",
    "cause-confirmed": "cause",
    "decision": "decision",
    "mitigated": "mitigation",
    "verified": "verification",
    "channel-opened": "channel",
    "channel-archived": "channel",
    "post-mortem-scheduled": "meeting",
    "told-internal": "message",
    "told-customers": "message",
    "told-customers-again": "message",
    "resolved": "resolution",
    "restored": "resolution",
    "resolution-told": "message",
    "resolution-told-customers": "message",
    "closed": "closing",
    "handed-over": "handover",
    "action-items-assigned": "action items",
    "action-items-done": "action items",
}
"""By the names of `answers.ANSWERS`. A word must fit beside an item in a narrow pane."""
_OF_STEPS = {"ran": "run", "verified": "verification", "review": "review"}


def deed_of(answer: str) -> str:
    """What the answer of that name is called: `declaration`, `run`; `record` of a name that is not known."""
    kind, _, rest = answer.partition(":")
    return (_OF_STEPS.get(kind) if rest else DEEDS.get(answer)) or "record"
