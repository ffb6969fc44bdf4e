"""The policy of payment-incident-management.md: SEV-1 to SEV-4."""

from __future__ import annotations

from cockpit.incident.policies.model import (
    IMMEDIATELY,
    Escalation,
    Level,
    Policy,
    Range,
    Rule,
    Words,
    both,
    by_severity,
)

_COMMANDER = "Incident Commander"

SEV1 = Level(
    "SEV-1", "Critical", impact=("Major outage, all transactions failing, legal or regulatory risk",),
    examples=("Payment gateway down", "fraud system failing", "major bank integration outage"),
    # The example of a SEV-1 has the engineer answer within five minutes; no other severity has such a line.
    acknowledge=Range.of("5m"), respond=Range.of("5m-10m"), update=both("15m"), commander=_COMMANDER,
    # "Immediate response, major escalation": the commander escalates as he declares.
    escalate=(Escalation("leadership", IMMEDIATELY, lines=(24, 43, 97)),),
    sources={
        "title": (18,), "impact": (18,), "examples": (18,), "respond": (24,), "commander": (41,), "update": (44,),
        "acknowledge": (96, 97),
    },
)  # fmt: skip
SEV2 = Level(
    "SEV-2", "High", impact=("Partial service degradation, high transaction failure rates",),
    examples=("Delayed settlements", "high API latency", "issues for a specific region"),
    respond=Range.of("15m-30m"), update=both("30m"), commander=_COMMANDER,
    sources={
        "title": (19,), "impact": (19,), "examples": (19,), "respond": (25,), "commander": (41,), "update": (44,),
    },
)  # fmt: skip
SEV3 = Level(
    "SEV-3", "Moderate", impact=("Minor impact, some users affected, workaround available",),
    examples=("One payment method failing", "delays in refunds", "minor reconciliation issues"),
    respond=Words("Within a few hours"), commander=_COMMANDER,
    sources={"title": (20,), "impact": (20,), "examples": (20,), "respond": (26,), "commander": (41,)},
)  # fmt: skip
SEV4 = Level(
    "SEV-4", "Low", impact=("Cosmetic, non-urgent issues",),
    examples=("Incorrect status display", "minor UI bugs", "log inconsistencies"),
    respond=Words("Backlog prioritization"), commander=_COMMANDER,
    sources={"title": (21,), "impact": (21,), "examples": (21,), "respond": (27,), "commander": (41,)},
)  # fmt: skip

POLICY = Policy(
    "payment-incident-management",
    "Payment incident management",
    "payment-incident-management.md",
    by_severity(SEV1, SEV2, SEV3, SEV4),
    escalation=(
        Escalation("On-Call Engineer", how="acknowledges alert", lines=(40,)),
        Escalation(_COMMANDER, how="assigns severity & leads response", lines=(41,)),
        Escalation("leadership", IMMEDIATELY, when="regulatory impact", flag="regulatory", lines=(24, 43)),
    ),
    communication=(
        Rule("Internal Updates", (57,)),
        Rule("Merchant & Partner Communication", (58,)),
        Rule("Status Page Updates", (59,)),
    ),
)
