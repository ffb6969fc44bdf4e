"""The count after a round: what the record says of each message, held against what arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cockpit.clock import SystemClock
from cockpit.incident.deliveries import GIVEN_UP, KEPT, OVER, SENT, UNKNOWN, Sent
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from tests.campaign.outbox.receivers import CHANNELS

TOLD = {
    "slack": ("message", "reply"), "pagerduty": ("trigger",), "statuspage": ("incident", "update"), "mail": ("letter",),
    "jira": ("issue",),
}  # fmt: skip
"""What counts at each receiver as one message; PagerDuty itself merges what has the key of an open alert."""


@dataclass
class Found:
    """What was found after one or more rounds."""

    states: Counter[str] = field(default_factory=Counter)
    doubled: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Count another in."""
        self.states += other.states
        self.doubled += other.doubled
        self.problems += other.problems

    def __str__(self) -> str:
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"{self.states.total()} messages: {states}; {self.doubled} doubled, {len(self.problems)} problems"


def check(folder: Path, arrived: Sequence[Mapping[str, Any]], acknowledged: Mapping[str, str]) -> Found:
    """Look at every message of the journal in `folder`.

    Args:
        arrived: all that the receivers took.
        acknowledged: each message that was said to be durable, with its word.
    """
    journal = Journal.open(folder / "record.db", SystemClock(), read_only=True)
    try:
        (incident,) = journal.incidents()
        messages = Timeline(journal.read(incident)).state.messages
    finally:
        journal.close()
    found = Found()
    found.problems += [
        f"{word} was durable, and is not in the record" for id, word in acknowledged.items() if id not in messages
    ]
    paper = (folder / "paper.txt").read_text() if (folder / "paper.txt").exists() else ""
    for sent in messages.values():
        _look(sent, _counted(sent, arrived, paper), found)
    return found


def _counted(sent: Sent, arrived: Sequence[Mapping[str, Any]], paper: str) -> Counter[str]:
    """How often a message arrived, by channel."""
    word = sent.message.title.split()[-1]
    counted = Counter({"paper": paper.count(f"=== message {sent.message.message}")})
    for channel, receiver in CHANNELS.items():
        counted[channel] = sum(
            each["receiver"] == receiver and each["what"] in TOLD[receiver] and _says(each, word) for each in arrived
        )
    return counted


def _says(arrival: Mapping[str, Any], word: str) -> bool:
    return word in arrival["text"] or word in str(arrival["data"])


def _look(sent: Sent, counted: Counter[str], found: Found) -> None:
    word, state = sent.message.title.split()[-1], sent.state
    found.states[state] += 1
    told = f"{word} ({state}: {sent.deliveries}, arrived {dict(+counted)})"
    if any(count > 1 for count in counted.values()):
        found.doubled += 1
        found.problems.append(f"twice: {told}")
    if state not in (*OVER, UNKNOWN) or (state == UNKNOWN and sent.next_try is not None):
        found.problems.append(f"not settled: {told}")
    for attempt in sent.attempts:
        if attempt.state in (SENT, KEPT) and not counted[attempt.channel]:
            found.problems.append(f"said to be sent, and did not arrive: {told}")
        if attempt.state == GIVEN_UP and not attempt.words:
            found.problems.append(f"given up without a reason: {told}")
    silent = {channel for channel, count in counted.items() if count} - {
        attempt.channel for attempt in sent.attempts if attempt.state in (SENT, KEPT, UNKNOWN)
    }
    if silent:
        found.problems.append(f"arrived by {', '.join(silent)}, which the record does not know: {told}")
