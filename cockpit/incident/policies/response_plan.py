"""The policy of production-incident-response-plan.md: P0 to P3."""

from __future__ import annotations

from cockpit.incident.policies.model import (
    CUSTOMERS,
    IMMEDIATELY,
    Escalation,
    Level,
    Notice,
    Policy,
    Range,
    Rule,
    Words,
    both,
    by_severity,
)

P0 = Level(
    "P0", "Critical", "Service Down", ("Complete system failure or data corruption",),
    ("Application completely unavailable", "Database inaccessible", "Webhook processing stopped for >15 minutes",
     "Data loss or corruption detected", "Security breach with active exploitation"),
    acknowledge=Range.of("5m"), respond=Range.of("5m"), resolve=Range.of("1h"), update=both("15m-30m"),
    commander="Engineering Manager or designated incident commander",
    communication="All stakeholders notified immediately",
    notify=(
        Notice("stakeholders", IMMEDIATELY, lines=(26,)),
        # The executives are among the stakeholders (503): what line 26 says of all holds for them.
        Notice("Executive Team", IMMEDIATELY, lines=(26, 504)),
        # At this severity the service is down, which is what line 499 waits for.
        Notice(CUSTOMERS, Range.of("30m"), how="Status page update + email notification", lines=(15, 498, 499)),
    ),
    # The step belongs to the phase of the first five minutes (69).
    escalate=(Escalation("incident commander", Range.of("5m"), lines=(69, 81)),),
    sources={
        "title": (15,), "summary": (15,), "impact": (16,), "examples": (18, 19, 20, 21, 22), "respond": (24,),
        "resolve": (25,), "communication": (26,), "acknowledge": (79,), "commander": (91,), "update": (466,),
    },
)  # fmt: skip
P1 = Level(
    "P1", "High", "Service Degraded", ("Major functionality impaired, significant user impact",),
    ("Webhook processing success rate < 90%", "Scheduler not running for >30 minutes", "Push/DM delivery rate < 80%",
     "Response times >10 seconds sustained", "Database performance severely degraded"),
    acknowledge=Range.of("5m"), respond=Range.of("15m"), resolve=Range.of("2h"), update=both("15m-30m"),
    commander="Senior engineer on-call", communication="Engineering team + key stakeholders",
    notify=(
        Notice("Engineering team", lines=(39,)),
        Notice("key stakeholders", lines=(39,)),
        Notice("Executive Team", when="major P1 incidents", lines=(504,)),
    ),
    escalate=(Escalation("incident commander", Range.of("5m"), when="complex P1 incident", lines=(69, 81)),),
    sources={
        "title": (28,), "summary": (28,), "impact": (29,), "examples": (31, 32, 33, 34, 35), "respond": (37,),
        "resolve": (38,), "communication": (39,), "acknowledge": (79,), "commander": (92,), "update": (466,),
    },
)  # fmt: skip
P2 = Level(
    "P2", "Medium", "Service Monitoring", ("Partial degradation, monitoring alerts active",),
    ("Single feature failures", "Performance degradation (response times 5-10 seconds)",
     "External service partial failures", "Error rates elevated (5-10%)", "Non-critical functionality broken"),
    respond=Range.of("1h"), resolve=Range.of("4h"), update=both("1h-2h"), commander="On-call engineer",
    communication="Engineering team notified",
    notify=(Notice("Engineering team", lines=(52,)),),
    sources={
        "title": (41,), "summary": (41,), "impact": (42,), "examples": (44, 45, 46, 47, 48), "respond": (50,),
        "resolve": (51,), "communication": (52,), "commander": (93,), "update": (467,),
    },
)  # fmt: skip
P3 = Level(
    "P3", "Low", "Service Maintenance", ("Minor issues, no immediate user impact",),
    ("Cosmetic UI issues", "Minor performance degradation", "Log volume issues", "Non-critical monitoring gaps",
     "Documentation discrepancies"),
    respond=Range.of("4h"), resolve=Range.of("24h"), update=both("24h"), commander="On-call engineer",
    communication="Internal team coordination",
    notify=(Notice("Internal team", lines=(65,)),),
    sources={
        "title": (54,), "summary": (54,), "impact": (55,), "examples": (57, 58, 59, 60, 61), "respond": (63,),
        "resolve": (64,), "communication": (65,), "commander": (93,), "update": (468,),
    },
)  # fmt: skip

POLICY = Policy(
    "incident-response-plan", "Incident response plan", "production-incident-response-plan.md",
    by_severity(P0, P1, P2, P3),
    notify=(
        Notice(CUSTOMERS, Range.of("30m"), when="Service Outage > 30 minutes",
               how="Status page update + email notification", lines=(498, 499)),
        Notice(CUSTOMERS, IMMEDIATELY, when="if customer data affected", flag="data", lines=(498, 500)),
        Notice(CUSTOMERS, Words("Coordinated disclosure based on severity"), when="Security Incident", flag="security",
               lines=(498, 501)),
        Notice("Product Team", when="All incidents affecting product functionality", lines=(505,)),
        Notice("Support Team", when="All customer-impacting incidents", lines=(506,)),
    ),
    escalation=(
        Escalation("Primary", how="PagerDuty escalation with SMS/call alerts", lines=(84, 575)),
        Escalation("Secondary", lines=(576,)),
        Escalation("Tertiary", lines=(577,)),
        Escalation("Engineering Manager", lines=(580,)),
        Escalation("VP Engineering", lines=(581,)),
        Escalation("CTO", lines=(582,)),
    ),
    communication=(
        Rule("Slack `#incidents` channel", (471,)),
        Rule("PagerDuty for on-call notifications", (472,)),
        Rule("Incident tracking in project management tool", (473,)),
    ),
)  # fmt: skip
