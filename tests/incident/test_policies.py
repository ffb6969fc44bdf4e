"""The shipped policies against the documents that they come from, level by level, each with its line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.incident.policies import CUSTOMERS, INTERNAL, Range, shipped
from cockpit.incident.times import TimeError

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

# (policy, severity, line of its document, what stands there, what it became)
TARGETS = (
    ("payment-service", "P0", 9, "15 minutes", ("respond", 15 * MINUTE, 15 * MINUTE)),
    ("payment-service", "P1", 16, "30 minutes", ("respond", 30 * MINUTE, 30 * MINUTE)),
    ("payment-service", "P2", 23, "2 hours", ("respond", 2 * HOUR, 2 * HOUR)),
    ("payment-service", "P0", 103, "Every 15 minutes", ("update", 15 * MINUTE, 15 * MINUTE)),
    ("payment-service", "P1", 104, "Every 30 minutes", ("update", 30 * MINUTE, 30 * MINUTE)),
    ("payment-service", "P2", 105, "Every 2 hours", ("update", 2 * HOUR, 2 * HOUR)),
    ("incident-response-plan", "P0", 24, "within 5 minutes", ("respond", 5 * MINUTE, 5 * MINUTE)),
    ("incident-response-plan", "P0", 25, "1 hour", ("resolve", HOUR, HOUR)),
    ("incident-response-plan", "P1", 37, "15 minutes", ("respond", 15 * MINUTE, 15 * MINUTE)),
    ("incident-response-plan", "P1", 38, "2 hours", ("resolve", 2 * HOUR, 2 * HOUR)),
    ("incident-response-plan", "P2", 50, "1 hour", ("respond", HOUR, HOUR)),
    ("incident-response-plan", "P2", 51, "4 hours", ("resolve", 4 * HOUR, 4 * HOUR)),
    ("incident-response-plan", "P3", 63, "4 hours", ("respond", 4 * HOUR, 4 * HOUR)),
    ("incident-response-plan", "P3", 64, "24 hours", ("resolve", 24 * HOUR, 24 * HOUR)),
    ("incident-response-plan", "P0", 79, "within 5 minutes for P0/P1", ("acknowledge", 5 * MINUTE, 5 * MINUTE)),
    ("incident-response-plan", "P1", 79, "within 5 minutes for P0/P1", ("acknowledge", 5 * MINUTE, 5 * MINUTE)),
    ("incident-response-plan", "P0", 466, "every 15-30 minutes", ("update", 15 * MINUTE, 30 * MINUTE)),
    ("incident-response-plan", "P1", 466, "every 15-30 minutes", ("update", 15 * MINUTE, 30 * MINUTE)),
    ("incident-response-plan", "P2", 467, "every 1-2 hours", ("update", HOUR, 2 * HOUR)),
    ("incident-response-plan", "P3", 468, "Daily", ("update", 24 * HOUR, 24 * HOUR)),
    ("payment-incident-management", "SEV-1", 24, "5-10 min", ("respond", 5 * MINUTE, 10 * MINUTE)),
    ("payment-incident-management", "SEV-2", 25, "15-30 min", ("respond", 15 * MINUTE, 30 * MINUTE)),
    ("payment-incident-management", "SEV-1", 44, "15 min for SEV-1", ("update", 15 * MINUTE, 15 * MINUTE)),
    ("payment-incident-management", "SEV-2", 44, "30 min for SEV-2", ("update", 30 * MINUTE, 30 * MINUTE)),
    ("order-service", "SEV-1", 12, "15 min", ("respond", 15 * MINUTE, 15 * MINUTE)),
    ("order-service", "SEV-2", 13, "30 min", ("respond", 30 * MINUTE, 30 * MINUTE)),
    ("order-service", "SEV-3", 14, "2 hours", ("respond", 2 * HOUR, 2 * HOUR)),
    ("order-service", "SEV-4", 15, "24 hours", ("respond", 24 * HOUR, 24 * HOUR)),
)


def line_of(shared: Path, policy: str, line: int) -> str:
    text = (shared / "source-documents" / shipped()[policy].document).read_text(encoding="utf-8")
    return text.split("\n")[line - 1]


@pytest.mark.parametrize(("policy", "severity", "line", "words", "became"), TARGETS)
def test_a_target_is_what_its_line_says(
    shared: Path, policy: str, severity: str, line: int, words: str, became: tuple[str, timedelta, timedelta]
) -> None:
    level = shipped()[policy].levels[severity]
    name, lower, upper = became
    assert words in line_of(shared, policy, line), f"{shipped()[policy].document}:{line}"
    targets = [level.update[INTERNAL], level.update[CUSTOMERS]] if name == "update" else [getattr(level, name)]
    assert targets == [Range(lower, upper)] * len(targets)
    assert line in level.lines


@pytest.mark.parametrize("policy", sorted(shipped()))
def test_every_impact_and_commander_stands_in_a_line_that_the_level_cites(shared: Path, policy: str) -> None:
    document = shipped()[policy].document
    for level in shipped()[policy].levels.values():
        # Examples follow the cited heading, so the whole section may be meant.
        cited = "\n".join(line_of(shared, policy, line) for line in range(min(level.lines), max(level.lines) + 1))
        for words in (*level.impact, *filter(None, [level.commander])):
            assert words.lower() in cited.lower(), f"{document}: {level.severity}: {words}"


def test_no_target_is_invented(shared: Path) -> None:
    """What a document does not give is not there: every target of every level is in the table above."""
    given = {(policy, severity, became[0]) for policy, severity, _, _, became in TARGETS}
    found = set()
    for name, policy in shipped().items():
        for severity, level in policy.levels.items():
            found |= {(name, severity, t) for t in ("acknowledge", "respond", "resolve") if getattr(level, t)}
            found |= {(name, severity, "update")} if level.update else set()
    acknowledged = {(("payment-incident-management"), severity, "acknowledge") for severity in ("SEV-1", "SEV-2")}
    assert found - acknowledged == given
    assert "within 5 minutes" in line_of(shared, "payment-incident-management", 96)


@pytest.mark.parametrize(
    ("text", "shown"), [("15m", "15 min"), ("15m-30m", "15–30 min"), ("1h-2h", "1–2 h"), ("2h", "2 h")]
)
def test_a_range_reads_as_people_say_it(text: str, shown: str) -> None:
    assert str(Range.of(text)) == shown


def test_a_range_that_is_none_is_refused() -> None:
    with pytest.raises(TimeError):
        Range.of("soon")
