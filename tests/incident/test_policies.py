"""The shipped policies against the documents that they come from, item by item, each with its line."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.incident.policies import (
    CUSTOMERS,
    IMMEDIATELY,
    INTERNAL,
    NEXT_BUSINESS_DAY,
    Call,
    Escalation,
    Level,
    Notice,
    Range,
    Words,
    key_of,
    shipped,
)
from cockpit.incident.times import TimeError

RUNBOOK, PLAN, SEV, ORDERS = "payment-service", "incident-response-plan", "payment-incident-management", "order-service"

# (policy, severity, field, line of its document, what stands there, what it became)
TARGETS = (
    (RUNBOOK, "P0", "respond", 9, "15 minutes", "15m"),
    (RUNBOOK, "P1", "respond", 16, "30 minutes", "30m"),
    (RUNBOOK, "P2", "respond", 23, "2 hours", "2h"),
    (RUNBOOK, "P0", "update", 103, "Every 15 minutes", "15m"),
    (RUNBOOK, "P1", "update", 104, "Every 30 minutes", "30m"),
    (RUNBOOK, "P2", "update", 105, "Every 2 hours", "2h"),
    (PLAN, "P0", "respond", 24, "within 5 minutes", "5m"),
    (PLAN, "P0", "resolve", 25, "1 hour", "1h"),
    (PLAN, "P1", "respond", 37, "15 minutes", "15m"),
    (PLAN, "P1", "resolve", 38, "2 hours", "2h"),
    (PLAN, "P2", "respond", 50, "1 hour", "1h"),
    (PLAN, "P2", "resolve", 51, "4 hours", "4h"),
    (PLAN, "P3", "respond", 63, "4 hours", "4h"),
    (PLAN, "P3", "resolve", 64, "24 hours", "24h"),
    (PLAN, "P0", "acknowledge", 79, "within 5 minutes for P0/P1", "5m"),
    (PLAN, "P1", "acknowledge", 79, "within 5 minutes for P0/P1", "5m"),
    (PLAN, "P0", "update", 466, "every 15-30 minutes", "15m-30m"),
    (PLAN, "P1", "update", 466, "every 15-30 minutes", "15m-30m"),
    (PLAN, "P2", "update", 467, "every 1-2 hours", "1h-2h"),
    (PLAN, "P3", "update", 468, "Daily", "24h"),
    (SEV, "SEV-1", "respond", 24, "5-10 min", "5m-10m"),
    (SEV, "SEV-2", "respond", 25, "15-30 min", "15m-30m"),
    (SEV, "SEV-3", "respond", 26, "Within a few hours", Words("Within a few hours")),
    (SEV, "SEV-4", "respond", 27, "Backlog prioritization", Words("Backlog prioritization")),
    (SEV, "SEV-1", "update", 44, "15 min for SEV-1", "15m"),
    (SEV, "SEV-2", "update", 44, "30 min for SEV-2", "30m"),
    (SEV, "SEV-1", "acknowledge", 96, "within 5 minutes", "5m"),
    (ORDERS, "SEV-1", "respond", 12, "15 min", "15m"),
    (ORDERS, "SEV-2", "respond", 13, "30 min", "30m"),
    (ORDERS, "SEV-3", "respond", 14, "2 hours", "2h"),
    (ORDERS, "SEV-4", "respond", 15, "24 hours", "24h"),
)

# (policy, severity, title, summary or "", its heading's line, commander, its line)
LEVELS = (
    (RUNBOOK, "P0", "Critical", "Complete service outage", 5, "", 0),
    (RUNBOOK, "P1", "High", "Partial service degradation", 12, "", 0),
    (RUNBOOK, "P2", "Medium", "Minor issues", 19, "", 0),
    (PLAN, "P0", "Critical", "Service Down", 15, "Engineering Manager or designated incident commander", 91),
    (PLAN, "P1", "High", "Service Degraded", 28, "Senior engineer on-call", 92),
    (PLAN, "P2", "Medium", "Service Monitoring", 41, "On-call engineer", 93),
    (PLAN, "P3", "Low", "Service Maintenance", 54, "On-call engineer", 93),
    (SEV, "SEV-1", "Critical", "", 18, "Incident Commander", 41),
    (SEV, "SEV-2", "High", "", 19, "Incident Commander", 41),
    (SEV, "SEV-3", "Moderate", "", 20, "Incident Commander", 41),
    (SEV, "SEV-4", "Low", "", 21, "Incident Commander", 41),
    (ORDERS, "SEV-1", "Critical", "", 12, "", 0),
    (ORDERS, "SEV-2", "High", "", 13, "", 0),
    (ORDERS, "SEV-3", "Medium", "", 14, "", 0),
    (ORDERS, "SEV-4", "Low", "", 15, "", 0),
)

HALF_HOUR, HOUR, FIVE = Range.of("30m"), Range.of("1h"), Range.of("5m")
TAIL = "incident-response-process.md"

# (policy, severity or "" for all, call, words that one of its lines holds)
CALLS: tuple[tuple[str, str, Call, str], ...] = (
    (RUNBOOK, "P0", Notice("CEO", IMMEDIATELY, lines=(98,)), "P0: Immediate (CEO, "),
    (RUNBOOK, "P0", Notice("CTO", IMMEDIATELY, lines=(98,)), ", CTO, "),
    (RUNBOOK, "P0", Notice("VP Engineering", IMMEDIATELY, lines=(98,)), ", VP Engineering)"),
    (RUNBOOK, "P0", Escalation("VP Engineering", IMMEDIATELY, lines=(10,)), "Immediate to VP Engineering"),
    (RUNBOOK, "P1", Notice("Engineering Manager", HALF_HOUR, lines=(99,)), "P1: Within 30 minutes (Engineering Man"),
    (RUNBOOK, "P1", Notice("Product Manager", HALF_HOUR, lines=(99,)), ", Product Manager)"),
    (RUNBOOK, "P1", Escalation("Engineering Manager", HOUR, lines=(17,)), "Engineering Manager within 1 hour"),
    (RUNBOOK, "P2", Notice("Team Lead", NEXT_BUSINESS_DAY, lines=(100,)), "P2: Next business day (Team Lead)"),
    (RUNBOOK, "P2", Escalation("VP Engineering", NEXT_BUSINESS_DAY, lines=(24, 211)), "Next business day"),
    (RUNBOOK, "", Escalation("Database Team", when="if database issue", lines=(20,), document=TAIL), "First Escal"),
    (RUNBOOK, "", Escalation("Platform Team", when="if infrastructure issue", lines=(21,), document=TAIL), "Second E"),
    (RUNBOOK, "", Escalation("Payment Gateway Account Manager", when="if gateway issue", lines=(22,), document=TAIL),
     "Third Escalation"),
    (RUNBOOK, "", Escalation("Primary", how="Check PagerDuty schedule", lines=(209,)), "**Primary**"),
    (RUNBOOK, "", Escalation("Secondary", how="Check Slack /oncall command", lines=(210,)), "**Secondary**"),
    (RUNBOOK, "", Escalation("VP Engineering", how="Slack: @vp-eng", lines=(211,)), "**Escalation**"),
    (PLAN, "P0", Notice("stakeholders", IMMEDIATELY, lines=(26,)), "All stakeholders notified immediately"),
    (PLAN, "P0", Notice("Executive Team", IMMEDIATELY, lines=(26, 504)), "P0 incidents + major P1 incidents"),
    (PLAN, "P0", Notice(CUSTOMERS, HALF_HOUR, how="Status page update + email notification", lines=(15, 498, 499)),
     "Service Outage > 30 minutes"),
    (PLAN, "P0", Escalation("incident commander", FIVE, lines=(69, 81)), "(0-5 minutes)"),
    (PLAN, "P1", Notice("Engineering team", lines=(39,)), "Engineering team + key stakeholders"),
    (PLAN, "P1", Notice("key stakeholders", lines=(39,)), "Engineering team + key stakeholders"),
    (PLAN, "P1", Notice("Executive Team", when="major P1 incidents", lines=(504,)), "P0 incidents + major P1"),
    (PLAN, "P1", Escalation("incident commander", FIVE, when="complex P1 incident", lines=(69, 81)), "or complex P1"),
    (PLAN, "P2", Notice("Engineering team", lines=(52,)), "Engineering team notified"),
    (PLAN, "P3", Notice("Internal team", lines=(65,)), "Internal team coordination"),
    (PLAN, "", Notice(CUSTOMERS, HALF_HOUR, when="Service Outage > 30 minutes",
                      how="Status page update + email notification", lines=(498, 499)), "> 30 minutes"),
    (PLAN, "", Notice(CUSTOMERS, IMMEDIATELY, when="if customer data affected", flag="data", lines=(498, 500)),
     "Immediate notification"),
    (PLAN, "", Notice(CUSTOMERS, Words("Coordinated disclosure based on severity"), when="Security Incident",
                      flag="security", lines=(498, 501)), "Coordinated disclosure"),
    (PLAN, "", Notice("Product Team", when="All incidents affecting product functionality", lines=(505,)), "Product"),
    (PLAN, "", Notice("Support Team", when="All customer-impacting incidents", lines=(506,)), "Support Team"),
    (PLAN, "", Escalation("Primary", how="PagerDuty escalation with SMS/call alerts", lines=(84, 575)), "**Primary:**"),
    (PLAN, "", Escalation("Secondary", lines=(576,)), "**Secondary:**"),
    (PLAN, "", Escalation("Tertiary", lines=(577,)), "**Tertiary:**"),
    (PLAN, "", Escalation("Engineering Manager", lines=(580,)), "**Engineering Manager:**"),
    (PLAN, "", Escalation("VP Engineering", lines=(581,)), "**VP Engineering:**"),
    (PLAN, "", Escalation("CTO", lines=(582,)), "**CTO:**"),
    (SEV, "SEV-1", Escalation("leadership", IMMEDIATELY, lines=(24, 43, 97)), "immediate response, major escalation"),
    (SEV, "", Escalation("On-Call Engineer", how="acknowledges alert", lines=(40,)), "On-Call Engineer acknowledges"),
    (SEV, "", Escalation("Incident Commander", how="assigns severity & leads response", lines=(41,)), "Commander"),
    (SEV, "", Escalation("leadership", IMMEDIATELY, when="regulatory impact", flag="regulatory", lines=(24, 43)),
     "Escalate to leadership"),
    (ORDERS, "SEV-1", Notice("team", IMMEDIATELY, how="via PagerDuty/Slack", lines=(26, 27)), "Immediate Actions"),
    (ORDERS, "", Escalation("On-Call Engineer", how="Check PagerDuty", lines=(194,)), "On-Call Engineer"),
    (ORDERS, "", Escalation("Engineering Lead", how="@engineering-lead", lines=(195,)), "Engineering Lead"),
    (ORDERS, "", Escalation("DevOps", how="@devops-team", lines=(196,)), "DevOps"),
    (ORDERS, "", Escalation("Stripe Support", how="support.stripe.com", lines=(197,)), "Stripe Support"),
)  # fmt: skip

# Where each document speaks of severities and of who is told: every line with words in it is somewhere in the policy.
PASSAGES = {
    RUNBOOK: [(5, 24), (87, 87), (96, 96), (98, 100), (103, 105), (209, 211)],
    PLAN: [(15, 65), (79, 79), (81, 81), (91, 93), (466, 468), (471, 473), (499, 501), (504, 506), (575, 577),
           (580, 582)],
    SEV: [(18, 21), (24, 27), (40, 41), (43, 44), (57, 59), (96, 97)],
    ORDERS: [(12, 15), (27, 27), (161, 161), (171, 171), (194, 197)],
}  # fmt: skip
LABELS = ("**Examples:**",)


def line_of(shared: Path, document: str, line: int) -> str:
    text = (shared / "source-documents" / document).read_text(encoding="utf-8")
    return text.split("\n")[line - 1]


def calls_of(policy: str, severity: str) -> tuple[Call, ...]:
    whole = shipped()[policy]
    if not severity:
        return (*whole.notify, *whole.escalation)
    level = whole.levels[severity]
    return (*level.notify, *level.escalate)


@pytest.mark.parametrize(("policy", "severity", "field", "line", "words", "became"), TARGETS)
def test_a_target_is_what_its_line_says(
    shared: Path, policy: str, severity: str, field: str, line: int, words: str, became: str | Words
) -> None:
    level, document = shipped()[policy].levels[severity], shipped()[policy].document
    assert words in line_of(shared, document, line), f"{document}:{line}"
    target = Range.of(became) if isinstance(became, str) else became
    expected: object = {INTERNAL: target, CUSTOMERS: target} if field == "update" else target
    assert getattr(level, field) == expected, f"{document}:{line}"
    assert line in level.sources[field]


@pytest.mark.parametrize(("policy", "severity", "title", "summary", "line", "commander", "commands"), LEVELS)
def test_a_level_is_called_and_commanded_as_its_lines_say(
    shared: Path, policy: str, severity: str, title: str, summary: str, line: int, commander: str, commands: int
) -> None:
    level, document = shipped()[policy].levels[severity], shipped()[policy].document
    assert (level.title, level.summary, level.commander) == (title, summary, commander)
    heading = line_of(shared, document, line)
    assert all(words in heading for words in (severity, title, summary)), f"{document}:{line}"
    if commander:
        assert commander in line_of(shared, document, commands), f"{document}:{commands}"
        assert level.sources["commander"] == (commands,)


@pytest.mark.parametrize("policy", sorted(shipped()))
def test_every_word_of_a_level_stands_in_the_line_that_it_cites(shared: Path, policy: str) -> None:
    """Impact, examples, communication, rules: an item to a line, or all of them in the one line there is."""
    document = shipped()[policy].document

    def check(items: tuple[str, ...], lines: tuple[int, ...], what: str) -> None:
        for item, line in zip(items, lines if len(lines) > 1 else lines * len(items), strict=True):
            assert item in line_of(shared, document, line), f"{document}:{line}: {what}: {item}"

    for level in shipped()[policy].levels.values():
        check(level.impact, level.sources["impact"], level.severity)
        check(level.examples, level.sources.get("examples", ()), level.severity)
        check((level.communication,) if level.communication else (), level.sources.get("communication", ()), "told")
    for rule in shipped()[policy].communication:
        check((rule.text,), rule.lines, "rule")


@pytest.mark.parametrize(("policy", "severity", "call", "words"), CALLS)
def test_who_is_told_and_called_in_is_what_the_lines_say(
    shared: Path, policy: str, severity: str, call: Call, words: str
) -> None:
    assert call in calls_of(policy, severity)
    document = call.document or shipped()[policy].document
    lines = "\n".join(line_of(shared, document, line) for line in call.lines)
    who = "customer" if call.who == CUSTOMERS else call.who  # the audience of what the heading calls "Customer"
    for said in (words, who, call.when, call.how):
        assert said.lower() in lines.lower(), f"{document}:{call.lines}: {said}"


def test_nothing_is_invented() -> None:
    """Every target, level and call of every policy is in the tables above."""
    targets, calls = set(), set()
    for name, policy in shipped().items():
        calls |= {(name, "", call) for call in calls_of(name, "")}
        for severity, level in policy.levels.items():
            found = [t for t in ("acknowledge", "respond", "resolve", "update") if getattr(level, t)]
            targets |= {(name, severity, target) for target in found}
            calls |= {(name, severity, call) for call in calls_of(name, severity)}
    assert targets == {row[:3] for row in TARGETS}
    assert calls == {row[:3] for row in CALLS}
    assert [(name, severity) for name, policy in shipped().items() for severity in policy.levels] == [
        row[:2] for row in LEVELS
    ]


@pytest.mark.parametrize("policy", sorted(PASSAGES))
def test_nothing_of_a_passage_is_left_out(shared: Path, policy: str) -> None:
    whole = shipped()[policy]
    cited = {line for level in whole.levels.values() for line in level.lines}
    cited |= {line for call in calls_of(policy, "") if not call.document for line in call.lines}
    cited |= {line for rule in whole.communication for line in rule.lines}
    if policy == RUNBOOK:
        assert whole.first_update == timedelta(minutes=5)  # line 96
    for first, last in PASSAGES[policy]:
        for line in range(first, last + 1):
            words = line_of(shared, whole.document, line).strip()
            if re.search(r"\w", words) and words not in LABELS:
                assert line in cited, f"{whole.document}:{line}: {words}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("15m", "15 min"),
        ("15m-30m", "15–30 min"),
        ("1h-2h", "1–2 h"),
        ("2h", "2 h"),
        ("90m", "90 min"),
        ("30s", "30 s"),
    ],
)
def test_a_range_reads_as_people_say_it(text: str, shown: str) -> None:
    assert str(Range.of(text)) == shown


def test_other_targets_read_as_people_say_them() -> None:
    assert [str(each) for each in (IMMEDIATELY, NEXT_BUSINESS_DAY, Words("Within a few hours"))] == [
        "immediately", "next business day", "Within a few hours",
    ]  # fmt: skip


def test_a_range_that_is_none_is_refused() -> None:
    with pytest.raises(TimeError):
        Range.of("soon")


def test_a_name_has_one_spelling_for_comparing() -> None:
    assert key_of("VP Engineering") == key_of("@vp-engineering") == key_of(" vp  engineering ") == "vp-engineering"


def test_a_level_is_found_in_any_case() -> None:
    assert shipped()[ORDERS].level("sev-2") is shipped()[ORDERS].levels["SEV-2"]
    assert shipped()[ORDERS].level(None) is None
    assert isinstance(shipped()[PLAN].level("p3"), Level)
