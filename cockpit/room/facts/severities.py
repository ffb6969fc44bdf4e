"""Which severity an alert proposes, by the word in its label, with its evidence; a person sets it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from cockpit.config import Config, ConfigError
from cockpit.incident.alerting import Standing
from cockpit.incident.policies import Policy
from cockpit.incident.state import State
from cockpit.room.views.signals import Proposal
from cockpit.text import clean

KEY = "alerts.severities"
"""Where the configuration says which words mean which severity."""
Words = Mapping[str, tuple[str, ...]]
"""Severities by an alert's word, in small letters; the first counts that the policy has."""


def severity_by(alert: Standing, policy: Policy | None, words: Words, who: str = "the alert") -> Proposal | None:
    """The severity that the alert's own word names, or that the configuration has for it, where the policy has it.

    Args:
        who: how the evidence calls the alert.
    """
    plain = {_plain(level): level for level in policy.levels} if policy else {}
    said = alert.severity
    if level := plain.get(_plain(said), ""):
        return Proposal(level, f"{who} says severity {said}", "alert")
    level = next((plain[each] for each in map(_plain, words.get(said.lower(), ())) if each in plain), "")
    return Proposal(level, f"{who} says severity {said}, which `{KEY}` calls {level}", "alert") if level else None


def proposed_by_alerts(
    state: State, policy: Policy | None, words: Words, now: datetime, silent: frozenset[str] = frozenset()
) -> Proposal | None:
    """The gravest severity that an alert of the record proposes which fires now, with its evidence; none for a drill,
    during which it means something else.

    Args:
        silent: fingerprints of alerts that are known to be silenced or inhibited.
    """
    if state.drill:
        return None
    loud = [each for each in state.alerts.values() if each.is_loud(now) and each.fingerprint not in silent]
    return graver(policy, *(severity_by(each, policy, words, each.name) for each in loud))


def graver(policy: Policy | None, *proposals: Proposal | None) -> Proposal | None:
    """The gravest of several; the first of those that propose the same."""
    levels = list(policy.levels) if policy else []
    known = [each for each in proposals if each is not None and each.level in levels]
    return min(known, key=lambda each: levels.index(each.level), default=None)


def check_words(config: Config, policies: Iterable[Policy]) -> None:
    """What the configuration says that alerts propose can be proposed.

    Args:
        policies: those of the services; of each word one of them must have a severity.

    Raises:
        ConfigError: none has; the message has the file, the line and what there is.
    """
    there = {_plain(level): level for policy in policies for level in policy.levels}
    for word, levels in config.alerts.severities.items():
        if not any(_plain(level) in there for level in levels):
            where, known = config.where("alerts", "severities", word), ", ".join(there.values())
            said = f"no policy of the services has the severity {' or '.join(levels)}; give one of {known}"
            raise ConfigError(f"{where}: `{KEY}.{clean(word)}`: {said}")


def _plain(level: str) -> str:
    """Without what people write now one way, now another: SEV-1 is sev1."""
    return level.replace("-", "").upper()
