"""The words for what was noticed: by somebody, or by an alert, and that an alert fires no more."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import BAD, GOOD, Said, Tone, joined, words
from cockpit.incident.state import State
from cockpit.text import MASK

_MILD = ("warning", "warn", "info", "informational", "none", "debug", "low", "minor")
"""Severities that are no outage by themselves."""


@words(kinds.Detected)
def _detected(detected: kinds.Detected, _: State, __: Entry) -> Said:
    alert = detected.alert
    if alert is None:
        return "", "plain", joined(f"detected by {detected.source}", detected.what)
    said = detected.words or kinds.AlertWords(name=MASK)
    tone: Tone = "warn" if said.severity.lower() in _MILD else "bad"
    many = f"{len(alert.fingerprints)} × " if len(alert.fingerprints) > 1 else ""
    fires = f"flaps, fired {alert.times} times" if alert.times > 1 else "fires"
    return BAD, tone, joined(f"alert {many}{said.name} {fires}", detected.what)


@words(kinds.AlertResolved)
def _resolved(resolved: kinds.AlertResolved, _: State, __: Entry) -> Said:
    many = f"{len(resolved.alert.fingerprints)} × " if len(resolved.alert.fingerprints) > 1 else ""
    return GOOD, "quiet", f"alert {many}{resolved.name} fires no more"
