"""Which changes contain: they stop work so that nothing gets worse, and what alarms is not brought back by them alone.

Of such a change only that it took hold is verified; waiting for the signals would call each of them a failure.
"""

from __future__ import annotations

import re

from cockpit.runbook.actions import Action
from cockpit.runbook.actions.kubernetes import Scale

NOTE = "it contains: that it took hold is verified, not that the signals come back (`verify`)"

_STOPS = re.compile(r"(?i)^(?:[\w-]+\W+){0,2}(?:pause|suspend|halt|freeze)\b(?! of\b)|\bdisable\b")
_OF_A_MODE = re.compile(r"(?i)\b(?:mode|probes?|checks?)\b")
"""What may be disabled without stopping any work."""
_MODE = re.compile(r"(?i)\b(?:read[- ]?only|maintenance)[- ]mode\b")
_LEAVES = re.compile(r"(?i)\b(?:disable|end|exit|leave|resume|stop|turn off|remove|restart|re-?enable)\b")
_FLAG = re.compile(
    r"(?i)\b\w*_?(?:ENABLED?|ACTIVE)['\"]?[\s=:,]+['\"]?(?:false|off|0)\b"
    r"|\b\w*(?:PAUSED?|DISABLED?|READ_?ONLY(?:_MODE)?|MAINTENANCE(?:_MODE)?)['\"]?[\s=:,]+['\"]?(?:true|on|1)\b"
)
"""A switch that is set so that something stops, as `ORDERS_PAUSED=true` or `add NOTIFICATIONS_ENABLED false`."""


def contains(title: str, action: Action, text: str) -> bool:
    """Whether a change contains, by what it does, else by its words.

    Args:
        title: of its step.
        text: the document's command.
    """
    if isinstance(action, Scale) and action.replicas == 0:
        return True
    if _FLAG.search(text):
        return True
    if _STOPS.search(title):
        return not _OF_A_MODE.search(title)
    return bool(_MODE.search(title)) and not _LEAVES.search(title)
