"""The policy of payment-service-runbook.md: P0 to P2."""

from __future__ import annotations

from cockpit.incident.policies.model import (
    IMMEDIATELY,
    NEXT_BUSINESS_DAY,
    Escalation,
    Level,
    Notice,
    Policy,
    Range,
    Rule,
    both,
    by_severity,
)

P0 = Level(
    "P0", "Critical", "Complete service outage",
    ("Payment processing completely down", "Database connectivity lost", "Security breach detected"),
    respond=Range.of("15m"), update=both("15m"),
    notify=tuple(Notice(who, IMMEDIATELY, lines=(98,)) for who in ("CEO", "CTO", "VP Engineering")),
    escalate=(Escalation("VP Engineering", IMMEDIATELY, lines=(10,)),),
    sources={"title": (5,), "summary": (5,), "impact": (6, 7, 8), "respond": (9,), "update": (103,)},
)  # fmt: skip
P1 = Level(
    "P1", "High", "Partial service degradation",
    ("High error rates (>5%)", "Slow response times (>3s)", "Single payment method failing"),
    respond=Range.of("30m"), update=both("30m"),
    notify=tuple(Notice(who, Range.of("30m"), lines=(99,)) for who in ("Engineering Manager", "Product Manager")),
    escalate=(Escalation("Engineering Manager", Range.of("1h"), lines=(17,)),),
    sources={"title": (12,), "summary": (12,), "impact": (13, 14, 15), "respond": (16,), "update": (104,)},
)  # fmt: skip
P2 = Level(
    "P2", "Medium", "Minor issues",
    ("Isolated payment failures", "Non-critical feature issues", "Performance degradation <20%"),
    respond=Range.of("2h"), update=both("2h"),
    notify=(Notice("Team Lead", NEXT_BUSINESS_DAY, lines=(100,)),),
    # Line 24 names nobody: whom one escalates to stands among the contacts.
    escalate=(Escalation("VP Engineering", NEXT_BUSINESS_DAY, lines=(24, 211)),),
    sources={"title": (19,), "summary": (19,), "impact": (20, 21, 22), "respond": (23,), "update": (105,)},
)  # fmt: skip

_TAIL = "incident-response-process.md"
"""It begins with the end of a payment service runbook."""

POLICY = Policy(
    "payment-service",
    "Payment service",
    "payment-service-runbook.md",
    by_severity(P0, P1, P2),
    escalation=(
        Escalation("Database Team", when="if database issue", lines=(20,), document=_TAIL),
        Escalation("Platform Team", when="if infrastructure issue", lines=(21,), document=_TAIL),
        Escalation("Payment Gateway Account Manager", when="if gateway issue", lines=(22,), document=_TAIL),
        Escalation("Primary", how="Check PagerDuty schedule", lines=(209,)),
        Escalation("Secondary", how="Check Slack /oncall command", lines=(210,)),
        Escalation("VP Engineering", how="Slack: @vp-eng", lines=(211,)),
    ),
    communication=(
        Rule("Post in `#incidents` channel", (87,)),
        Rule("Update within 5 minutes", (96,)),
    ),
)
