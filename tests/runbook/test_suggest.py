"""Suggestions from what is seen, and severities from the criteria."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cockpit.runbook.library import Library
from cockpit.runbook.suggest import Facts, proposed, suggestions

RUNBOOK = Library().runbook("payment-service")
NOW = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)


def ranked(facts: Facts) -> list[tuple[str, str]]:
    return [(each.scenario.id, each.evidence) for each in suggestions(RUNBOOK, facts)]


def test_nothing_seen_suggests_nothing() -> None:
    assert ranked(Facts()) == []
    assert (
        ranked(Facts(pods={"Running": 5, "CrashLoopBackOff": 0}, release="release 2", release_began=NOW, now=NOW)) == []
    )


def test_crashing_pods_since_a_release() -> None:
    facts = Facts({"CrashLoopBackOff": 3}, release="release 1.4.2", release_began=NOW - timedelta(minutes=5), now=NOW)
    assert ranked(facts) == [("crash-loop", "3 pods in CrashLoopBackOff since release 1.4.2")]


@pytest.mark.parametrize("began", [NOW - timedelta(days=1), NOW + timedelta(minutes=5), None])
def test_a_release_long_ago_is_no_evidence(began: datetime | None) -> None:
    facts = Facts({"CrashLoopBackOff": 1}, release="release 1", release_began=began, now=NOW)
    assert ranked(facts) == [("crash-loop", "1 pod in CrashLoopBackOff")]


def test_pods_weigh_more_than_breaches_and_breaches_more_than_warnings() -> None:
    facts = Facts(
        {"CrashLoopBackOff": 1}, breached=frozenset({"success-rate"}), warning=frozenset({"memory", "success-rate"})
    )
    assert ranked(facts) == [
        ("crash-loop", "1 pod in CrashLoopBackOff"),
        ("gateway", "payment success rate in breach"),
        ("memory", "memory in warning"),
    ]


def test_an_endpoint_that_fails_speaks_for_the_scenarios_that_name_it() -> None:
    assert ranked(Facts(failing=frozenset({"gateway"}))) == [("gateway", "endpoint gateway fails")]
    facts = Facts(breached=frozenset({"gateway-errors"}), failing=frozenset({"gateway", "redis"}))
    assert ranked(facts) == [("gateway", "errors of the payment gateway in breach, endpoint gateway fails")]


def test_pods_that_were_killed_and_run_again_still_speak() -> None:
    facts = Facts(
        {"Running": 5}, restarted={"OOMKilled": 2, "Completed": 1}, breached=frozenset({"success-rate"}),
        pending=frozenset({"memory"}), release="release 1.4.2", release_began=NOW, now=NOW,
    )  # fmt: skip
    assert ranked(facts) == [
        ("crash-loop", "2 pods restarted after OOMKilled since release 1.4.2"),
        ("memory", "2 pods restarted after OOMKilled, memory past its bound, not yet for long enough"),
        ("gateway", "payment success rate in breach"),
    ]


def test_what_is_past_its_bound_for_too_short_a_time_speaks_least() -> None:
    facts = Facts(pending=frozenset({"success-rate"}), warning=frozenset({"memory"}))
    assert [id for id, _ in ranked(facts)] == ["memory", "gateway"]
    assert ranked(Facts(pending=frozenset({"memory"}), warning=frozenset({"memory"}))) == [
        ("memory", "memory in warning")
    ]


def test_several_signs_of_one_scenario_are_told_together() -> None:
    facts = Facts({"OOMKilled": 2}, breached=frozenset({"memory"}))
    assert ranked(facts) == [("memory", "2 pods OOMKilled, memory in breach"), ("crash-loop", "2 pods OOMKilled")]


def test_criteria_propose_the_severity_of_the_document() -> None:
    proposal = proposed(RUNBOOK, {"error-rate": 12.4, "p95": 1.0})
    assert proposal
    assert (proposal.level, [each.source.line for each in proposal.criteria]) == ("P1", [13])


@pytest.mark.parametrize("readings", [{}, {"error-rate": None}, {"error-rate": 5.0, "p95": 3.0}, {"cpu": 100.0}])
def test_what_is_unknown_or_within_bounds_proposes_nothing(readings: dict[str, float | None]) -> None:
    assert proposed(RUNBOOK, readings) is None
