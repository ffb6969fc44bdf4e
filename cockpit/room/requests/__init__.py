"""What people ask of the room: each request decides, from the state, which entries it becomes, or says why not."""

from __future__ import annotations

from cockpit.room.requests.desk import Desk, Refusal, Request, handle, severity_of, worded
from cockpit.room.requests.facts import Facts
from cockpit.room.requests.lifecycle import (
    Acknowledge,
    Close,
    Mitigate,
    Reopen,
    Resolve,
    SetSeverity,
    SetStatus,
    Start,
)
from cockpit.room.requests.people import Check, TakeRole
from cockpit.room.requests.words import Write

__all__ = [
    "Acknowledge", "Check", "Close", "Desk", "Facts", "Mitigate", "Refusal", "Reopen", "Request", "Resolve",
    "SetSeverity", "SetStatus", "Start", "TakeRole", "Write", "handle", "severity_of", "worded",
]  # fmt: skip
