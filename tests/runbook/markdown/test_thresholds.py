"""Thresholds out of lines, tables and alert rules: sides, units, windows, and what cannot be decided."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbook.markdown.reading import DOCUMENTS, corpus, expected, markdown, read

from cockpit.runbook.markdown.thresholds.bounds import stated
from cockpit.runbook.markdown.thresholds.thresholds import criterion, read_thresholds
from cockpit.runbook.model import Threshold


@pytest.mark.parametrize("file", DOCUMENTS)
def test_the_thresholds_of_each_document(shared: Path, file: str) -> None:
    found = read_thresholds(read(shared, file))
    assert [
        {
            name: value
            for name, value in {
                "line": each.source.line,
                "id": each.id,
                "unit": each.unit,
                "healthy": each.healthy,
                "warning": str(each.warning or ""),
                "breach": str(each.breach or ""),
                "breach_line": each.breach_source.line if each.breach_source else None,
                "baseline": each.baseline,
                "window": each.window,
                "asks": bool(each.ask),
            }.items()
            if value
        }
        for each in found.things
    ] == expected(file)["thresholds"]


def only(text: str, id: str = "") -> Threshold:
    found = [each for each in read_thresholds(markdown(text)).things if not id or each.id == id]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "warning", "breach"),
    [
        ("## Metrics\n- Error rate: should be <1%", "> 1", ""),
        ("## Metrics\n- Success rate should stay above 99%", "< 99", ""),
        ("## Targets\n- Response time: <500ms (p95)", "> 0.5", ""),
        ("## Alerts\n- Memory >85%", "", "> 85"),
        ("## Warning thresholds\n- CPU usage over 70%", "> 70", ""),
        ("## Page when\n- Critical: queue depth > 10,000", "", "> 10000"),
        ("## Metrics\n- Disk usage < 80%", "> 80", ""),
        ("## Metrics\n- CPU > 80% (warning), > 95% (critical)", "> 80", "> 95"),
        ("## Normal values\n- Consumer lag: 10-50%", "> 50", ""),
        ("## Alerts\n- Free disk space below 10 %", "", "< 10"),
        ("## Alerts\n- Memory &gt; 2GB", "", "> 2000000000"),
        ("## Alerts\n- Error volume > 10 errors/s", "", "> 600"),
        (
            "| Metric | Normal | Warning | Critical |\n|---|---|---|---|\n| Latency | < 100ms | > 200ms | > 1s |",
            "> 0.2",
            "> 1",
        ),
    ],
)
def test_the_side_follows_from_wording_heading_and_metric(text: str, warning: str, breach: str) -> None:
    found = only(text)
    assert (str(found.warning or ""), str(found.breach or "")) == (warning, breach)
    assert not found.ask


@pytest.mark.parametrize(
    "text",
    [
        "## Alerts\n- Payment success rate > 95%",
        "## Checks\n- Widget ratio > 12%",
        "## Alerts\n- Response time increased by > 50%",
    ],
)
def test_where_the_side_is_not_certain_it_asks_and_sets_no_bound(text: str) -> None:
    found = only(text)
    assert found.ask
    assert (found.warning, found.breach) == (None, None)


@pytest.mark.parametrize(
    ("text", "unit", "bound"),
    [
        ("## Alerts\n- Order creation rate (< 50% of the baseline)", "per-minute", "< 50 % of normal"),
        ("## Alerts\n- Throughput below 50 % of normal", "per-minute", "< 50 % of normal"),
        ("## Alerts\n- Queue depth > 3x baseline", "count", "> 300 % of normal"),
    ],
)
def test_a_share_of_what_is_normal_is_a_bound_that_asks_what_that_is(text: str, unit: str, bound: str) -> None:
    found = only(text)
    assert (found.unit, str(found.breach), found.warning) == (unit, bound, None)
    assert "what is normal" in found.ask


def test_a_share_of_what_is_normal_joins_the_number_that_says_it() -> None:
    text = (
        "## Alerts\n- Throughput drops below 50% of normal\n\n## Metrics\n- Throughput: Normal baseline ~1000 req/min\n"
    )
    found = only(text)
    assert (found.unit, found.baseline, str(found.breach), found.ask) == ("per-minute", 1000, "< 50 % of normal", "")


@pytest.mark.parametrize(
    "text",
    [
        "## SLA\n- Response time: Immediate (< 15 minutes)",
        "## Targets\n- RTO: < 3 minutes\n- MTTR < 1 hour",
        "| Level | Response Time |\n|---|---|\n| SEV-1 | < 15 min |\n| SEV-2 | < 1 hour |",
        "## Escalation\n- If the issue persists > 20 minutes call the lead",
        "## Communication\n- Service outage > 30 minutes: update the status page",
        "Failed payments are retried up to 3 times.",
        "```bash\ntest $x > 5 && echo 3 > out\n```",
        "Run `awk '$1 > 5'` on it.",
    ],
)
def test_deadlines_of_people_prose_and_commands_are_no_thresholds(text: str) -> None:
    assert read_thresholds(markdown(text)).things == ()


@pytest.mark.parametrize(
    ("text", "pods"),
    [
        ("- Pod restart count > 3 in 10 minutes", "restarts"),
        ("- Pod restarts > 3 in 10 minutes", "restarts"),
        ("- Pod restarts > 3 in 5 minutes", None),
        ("- Pod restarts > 3", None),
        ("- Restart requests > 3 in 10 minutes", None),
    ],
)
def test_restarts_in_ten_minutes_are_read_from_the_pods(text: str, pods: str | None) -> None:
    assert only(f"## Alerts\n{text}").pods == pods


def test_windows_and_durations() -> None:
    found = only("## Alerts\n- Pod restart rate > 3 over 15 minutes for 5 minutes")
    assert (found.window, found.for_, str(found.breach)) == (900, 300, "> 3")
    assert only("## Alerts\n- CPU > 90% in the last hour").window is None, "an hour without a number is none"
    assert only("## Alerts\n- CPU > 90% sustained for 10m").for_ == 600


def test_numbers_of_one_metric_are_joined_and_cite_both_lines() -> None:
    text = "## Checks\n- Memory usage: should be <80%\n\n## Critical alerts\n- Memory > 90%\n"
    found = only(text)
    assert (found.source.line, str(found.warning), str(found.breach)) == (2, "> 80", "> 90")
    assert found.breach_source
    assert found.breach_source.line == 5


def test_symptoms_and_severities_bound_only_what_has_no_bound() -> None:
    symptom = "## Slow\n### Symptoms\n- P95 latency > 1s\n"
    assert str(only(symptom).warning) == "> 1"
    both = symptom + "\n## Alerts\n- P95 latency > 4s\n"
    assert (only(both).warning, str(only(both).breach)) == (None, "> 4")


def test_alert_rules_give_query_and_bound() -> None:
    text = """## Rules
```yaml
groups:
  - rules:
      - alert: HighErrorRate
        expr: sum(rate(errors[5m])) / sum(rate(requests[5m])) > 0.05
        for: 2m
        labels: {severity: critical}
      - alert: SlowRequests
        expr: histogram_quantile(0.99, rate(request_duration_seconds_bucket[5m])) > 1
        labels: {severity: warning}
```
"""
    errors, slow = read_thresholds(markdown(text)).things
    assert (errors.id, errors.query, str(errors.breach), errors.for_) == (
        "error-rate", "sum(rate(errors[5m])) / sum(rate(requests[5m]))", "> 0.05", 120,
    )  # fmt: skip
    assert (errors.source.line, slow.source.line) == (5, 9)
    assert (str(slow.warning), slow.breach, slow.unit) == ("> 1", None, "seconds")


def test_a_criterion_names_the_threshold_and_its_bound() -> None:
    known = read_thresholds(markdown("## Metrics\n- Error rate: should be <1%\n")).things
    found = criterion("High error rates (>5%)", known)
    assert found
    assert (found[0], str(found[1])) == ("error-rate", "> 5")
    assert criterion("Slow response times (>3s)", known) is None, "nothing measures it"
    assert criterion("Error rate < 1%", known) is None, "that is the good side"


@given(st.text(st.one_of(st.characters(), st.sampled_from("<>=~%≥0123456789 -(),.msGB")), max_size=120))
@settings(max_examples=300, deadline=None)
def test_no_line_crashes(text: str) -> None:
    for each in stated(text):
        assert each.value >= 0
        assert each.upper is None or each.upper >= each.value
    read_thresholds(markdown(f"## Alerts\n- {text}\n\n| a | {text} |\n|---|---|\n| {text} | > 3% |\n"))


def test_the_corpus_is_read_without_a_crash(shared: Path) -> None:
    for document in corpus(shared):
        found = read_thresholds(document)
        ids = [each.id for each in found.things]
        assert len(ids) == len(set(ids)), document.file
        assert all(each.ask or each.warning or each.breach or each.baseline is not None for each in found.things)
