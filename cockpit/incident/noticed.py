"""What the record's own signals noticed of what is amiss: by which entry, and when somebody's cockpit saw it first."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cockpit.incident.fact import Fact
from cockpit.incident.phrases.signals import endpoint_words, pods_words, threshold_words
from cockpit.incident.state import State


class Noticed(Struct, frozen=True):
    """One thing that is amiss by the record's last word.

    Attributes:
        entry: the id of the entry that tells it.
        at: when a cockpit wrote it down: nobody had seen it before, though it may have begun earlier.
        began: when it began, by its source's own past.
        what: it in words, as `Error rate 12.4 % over 5 %`.
    """

    entry: str
    at: datetime
    began: datetime
    what: str


def noticed(state: State) -> list[Noticed]:
    """All that stands in breach, crashes, fails or does not serve, what was seen first first.

    Nothing where it was said already who noticed, or an incident is declared.
    """
    if state.detected is not None or state.declared is not None:
        return []
    found: list[tuple[Fact, str]] = []
    found += [(fact, threshold_words(each)[2]) for each, fact in state.thresholds.values() if each.state == "breach"]
    found += [(fact, endpoint_words(each)[2]) for each, fact in state.endpoints.values() if each.state == "failing"]
    crashing = [state.pods] if state.pods and state.pods[0].state == "crashing" else []
    found += [(fact, pods_words(each)[2]) for each, fact in (*crashing, *state.unready.values())]
    known = [Noticed(fact.entry, fact.recorded or fact.at, fact.at, what) for fact, what in found]
    return sorted(known, key=lambda each: (each.at, each.began, each.entry))
