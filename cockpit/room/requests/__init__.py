"""What people ask of the room: each request decides, from the state, which entries it becomes, or says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.lazy import names_from

if TYPE_CHECKING:
    from cockpit.room.requests.asks import Ask, SettleAsk
    from cockpit.room.requests.attaching import Attach
    from cockpit.room.requests.checks import Check
    from cockpit.room.requests.convening import Convene, calendar_file, when
    from cockpit.room.requests.desk import Compose, Desk, Refusal, Request, handle, severity_of, worded
    from cockpit.room.requests.edits import Amend, Redact
    from cockpit.room.requests.everywhere import InviteAll, OpenRoom
    from cockpit.room.requests.facts import Facts
    from cockpit.room.requests.follow_ups import FollowUp
    from cockpit.room.requests.handover import Accept, Decline, Offer, Withdraw
    from cockpit.room.requests.in_place import staying, told, undecided
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
    from cockpit.room.requests.matters import AddItem, ChangeItem, Settle, Suppose
    from cockpit.room.requests.merging import Merge
    from cockpit.room.requests.pages import Page
    from cockpit.room.requests.people import TakeRole
    from cockpit.room.requests.previewing import does, left_out, preview, warnings
    from cockpit.room.requests.ready import made_ready
    from cockpit.room.requests.scope import Affect, Detect, SayImpact
    from cockpit.room.requests.several import (
        Announce,
        Several,
        Tell,
        alone,
        another,
        blanks,
        brought,
        declares,
        drills,
        filled,
    )
    from cockpit.room.requests.snooze import Snooze
    from cockpit.room.requests.steps import DoneByHand
    from cockpit.room.requests.words import AddLink, Mark, Write, WriteReview

__all__ = [
    "Accept", "Acknowledge", "AddItem", "AddLink", "Affect", "Amend", "Announce", "Ask", "Attach", "ChangeItem",
    "Check", "Close", "Compose", "Convene", "Decline", "Desk", "Detect", "DoneByHand", "Facts", "FollowUp",
    "InviteAll", "Mark", "Merge", "Mitigate", "Offer", "OpenRoom", "Page", "Redact", "Refusal", "Reopen", "Request",
    "Resolve", "SayImpact", "SetSeverity", "SetStatus", "Settle", "SettleAsk", "Several", "Snooze", "Start",
    "Suppose", "TakeRole", "Tell", "Withdraw", "Write", "WriteReview", "alone", "another", "blanks", "brought",
    "calendar_file", "declares", "does", "drills", "filled", "handle", "left_out", "made_ready", "preview",
    "severity_of", "staying", "told", "undecided", "warnings", "when", "worded",
]  # fmt: skip

_ROOMS = {
    "asks": "Ask SettleAsk",
    "attaching": "Attach",
    "checks": "Check",
    "convening": "Convene calendar_file when",
    "desk": "Compose Desk Refusal Request handle severity_of worded",
    "edits": "Amend Redact",
    "everywhere": "InviteAll OpenRoom",
    "facts": "Facts",
    "follow_ups": "FollowUp",
    "handover": "Accept Decline Offer Withdraw",
    "lifecycle": "Acknowledge Close Mitigate Reopen Resolve SetSeverity SetStatus Start",
    "matters": "AddItem ChangeItem Settle Suppose",
    "merging": "Merge",
    "pages": "Page",
    "people": "TakeRole",
    "previewing": "does left_out preview warnings",
    "ready": "made_ready",
    "scope": "Affect Detect SayImpact",
    "several": "Announce Several Tell alone another blanks brought declares drills filled",
    "snooze": "Snooze",
    "in_place": "staying told undecided",
    "steps": "DoneByHand",
    "words": "AddLink Mark Write WriteReview",
}
"""Where each of them is. A room is imported when somebody asks for what is in it: most come with the first request."""
__getattr__ = names_from(globals(), _ROOMS)
