"""Severities and the policy of a document: from tables, headings, lists and sentences."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbook.markdown.reading import DOCUMENTS, corpus, expected, markdown, read

from cockpit.config import LevelConfig, TargetConfig
from cockpit.incident.policies import Level, shipped, with_own
from cockpit.runbook.markdown.severities.severities import Severities, read_severities
from cockpit.runbook.markdown.severities.targets import calls, target
from cockpit.runbook.markdown.thresholds.thresholds import read_thresholds
from cockpit.runbook.model import Cited, Severity


@pytest.mark.parametrize("file", DOCUMENTS)
def test_the_severities_of_each_document(shared: Path, file: str) -> None:
    document = read(shared, file)
    found = read_severities(document, read_thresholds(document).things)
    assert [plain(each) for each in found.things.levels] == expected(file)["severities"]
    assert found.things.policy == expected(file)["policy"]
    assert found.things.own_policy is None, "its policy is a shipped one, or it has none"


def plain(severity: Severity) -> dict[str, Any]:
    impact = [
        [each.source.line, each.text, *([each.threshold, str(each.bound)] if each.threshold else [])]
        for each in severity.impact
    ]
    said = {name: getattr(severity, name) for name in ("response", "escalation", "notification", "update")}
    lines = {name: [each.source.line, each.text] for name, each in said.items() if isinstance(each, Cited)}
    return {"level": severity.level, "title": severity.title, "line": severity.source.line, "impact": impact} | lines


@pytest.mark.parametrize("file", [file for file in DOCUMENTS if "process" not in file])
def test_the_policy_that_is_read_is_the_shipped_one(shared: Path, file: str) -> None:
    """The clocks of the document's levels, read by themselves, are those of the policy that was written by hand."""
    found = read_severities(read(shared, file)).things
    assert found.read_policy
    assert found.policy
    theirs = shipped()[found.policy]
    ours = with_own({}, {"read": found.read_policy})["read"]
    assert list(ours.levels) == list(theirs.levels)
    for name, level in theirs.levels.items():
        assert clocks(ours.levels[name]) == clocks(level), name


def clocks(level: Level) -> tuple[object, ...]:
    return level.respond, level.resolve, dict(level.update)


def test_who_is_told_and_called_in_is_the_shipped_policys(shared: Path) -> None:
    found = read_severities(read(shared, "payment-service-runbook.md")).things
    assert found.read_policy
    ours = with_own({}, {"read": found.read_policy})["read"].levels
    for name, level in shipped()["payment-service"].levels.items():
        assert [(each.key, each.within) for each in ours[name].notify] == [
            (each.key, each.within) for each in level.notify
        ]
    assert [(each.key, each.within) for each in ours["P1"].escalate] == [("engineering-manager", level_time(hours=1))]
    plan = read_severities(read(shared, "production-incident-response-plan.md")).things.read_policy
    assert plan
    shipped_plan = shipped()["incident-response-plan"].levels
    for name, each in with_own({}, {"read": plan})["read"].levels.items():
        assert (each.commander, each.acknowledge) == (shipped_plan[name].commander, shipped_plan[name].acknowledge)


def level_time(**given: float) -> object:
    from cockpit.incident.policies import Range

    return Range(timedelta(**given), timedelta(**given))


def test_what_names_no_time_or_nobody_is_asked_about(shared: Path) -> None:
    for file, lines in (("payment-incident-management.md", [26, 27]), ("payment-service-runbook.md", [24])):
        assert [each.line for each in read_severities(read(shared, file)).asks] == lines


def own(text: str) -> Severities:
    return read_severities(markdown(text)).things


def test_a_policy_of_its_own() -> None:
    found = own(
        "## Severity Levels\n| Sev | Description | Ack | Resolution | Updates |\n|---|---|---|---|---|\n"
        "| Sev1 | Everything is down | 5 min | 4 hours | Every 30 min |\n"
        "| Sev2 | Something is down | 15-30 min | next business day | Daily |\n"
        "| Sev3 | Nothing is down | - | best effort | n/a |\n"
    )
    assert [each.level for each in found.levels] == ["SEV-1", "SEV-2", "SEV-3"]
    assert found.policy is None
    assert found.own_policy
    first, second, third = found.own_policy.levels.values()
    assert first.acknowledge == TargetConfig("span", 300, 300)
    assert first.resolve == TargetConfig("span", 14400, 14400)
    assert second.acknowledge == TargetConfig("span", 900, 1800)
    assert second.resolve == TargetConfig("next business day")
    assert second.update["internal"] == TargetConfig("span", 86400, 86400)
    assert third.resolve == TargetConfig("words", words="best effort")
    assert (third.acknowledge, third.update) == (None, {})


@pytest.mark.parametrize(
    "text",
    [
        "## Severity\n### Critical\n- All is down\n- **Response time**: 15 minutes\n### High\n- Much is down\n",
        "## Priorities\n**Critical**\n- All is down\n- **Response time**: 15 minutes\n\n**High**\n- Much is down\n",
        "| Severity | Impact | Response |\n|---|---|---|\n| 🔴 Critical | All is down | 15 minutes |\n"
        "| High | Much is down | |\n",
    ],
)
def test_grades_are_levels_where_a_document_has_no_numbers(text: str) -> None:
    critical, high = own(text).levels
    assert (critical.level, [each.text for each in critical.impact]) == ("Critical", ["All is down"])
    assert critical.response
    assert critical.response.text == "15 minutes"
    assert [each.text for each in high.impact] == ["Much is down"]


def test_scenarios_that_begin_with_a_severity_are_none() -> None:
    text = "## SEV-1: Outage\n### Symptoms\n- no orders\n\n## SEV-2: Refunds fail\n### Symptoms\n- no refunds\n"
    assert own(text) == Severities()


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("15 min", TargetConfig("span", 900, 900)),
        ("15-30 minutes", TargetConfig("span", 900, 1800)),
        ("Immediate (within 5 minutes)", TargetConfig("span", 300, 300)),
        ("Immediately", TargetConfig("span")),
        ("< 1 hour", TargetConfig("span", 3600, 3600)),
        ("Next business day (Team Lead)", TargetConfig("next business day")),
        ("Daily status updates", TargetConfig("span", 86400, 86400)),
        ("a week", TargetConfig("span", 604800, 604800)),
        ("Within a few hours", TargetConfig("words", words="Within a few hours")),
        ("N/A", None),
        ("", None),
    ],
)
def test_targets(words: str, due: TargetConfig | None) -> None:
    assert target(words) == due


@given(st.text(st.one_of(st.characters(), st.sampled_from("P012 SEV-:|*→ minhours()within"))))
@settings(max_examples=200, deadline=None)
def test_no_text_crashes(text: str) -> None:
    dict(calls(text))
    if due := target(text):
        LevelConfig(respond=due)
    body = f"## Severity\n### P0 {text}\n- {text}\n| Level | Impact | Response |\n|---|---|---|\n"
    read_severities(markdown(f"{body}| P1 | {text} | {text} |\n| P2 | x | 5 min |\n"))


def test_the_corpus_is_read_without_a_crash(shared: Path) -> None:
    for document in corpus(shared):
        levels = [each.level for each in read_severities(document, read_thresholds(document).things).things.levels]
        assert len(levels) == len(set(levels)), document.file
