"""The policy of order-service-playbook.md: SEV-1 to SEV-4."""

from __future__ import annotations

from cockpit.incident.policies.model import (
    IMMEDIATELY,
    Escalation,
    Level,
    Notice,
    Policy,
    Range,
    Rule,
    by_severity,
)

_CUSTOMERS_TOO = "Customer Communication (SEV-1/SEV-2)"

SEV1 = Level(
    "SEV-1", "Critical", impact=("Service down, data loss",), examples=("Complete outage", "payment failures"),
    respond=Range.of("15m"), communication=_CUSTOMERS_TOO,
    notify=(Notice("team", IMMEDIATELY, how="via PagerDuty/Slack", lines=(26, 27)),),
    sources={"title": (12,), "impact": (12,), "examples": (12,), "respond": (12,), "communication": (171,)},
)  # fmt: skip
SEV2 = Level(
    "SEV-2", "High", impact=("Major feature broken",), examples=("Refunds failing", "order creation errors"),
    respond=Range.of("30m"), communication=_CUSTOMERS_TOO,
    sources={"title": (13,), "impact": (13,), "examples": (13,), "respond": (13,), "communication": (171,)},
)  # fmt: skip
SEV3 = Level(
    "SEV-3", "Medium", impact=("Degraded performance",), examples=("Slow responses", "intermittent errors"),
    respond=Range.of("2h"),
    sources={"title": (14,), "impact": (14,), "examples": (14,), "respond": (14,)},
)  # fmt: skip
SEV4 = Level(
    "SEV-4", "Low", impact=("Minor issues",), examples=("UI bugs", "non-critical errors"),
    respond=Range.of("24h"),
    sources={"title": (15,), "impact": (15,), "examples": (15,), "respond": (15,)},
)  # fmt: skip

POLICY = Policy(
    "order-service",
    "Order service",
    "order-service-playbook.md",
    by_severity(SEV1, SEV2, SEV3, SEV4),
    escalation=(
        Escalation("On-Call Engineer", how="Check PagerDuty", lines=(194,)),
        Escalation("Engineering Lead", how="@engineering-lead", lines=(195,)),
        Escalation("DevOps", how="@devops-team", lines=(196,)),
        Escalation("Stripe Support", how="support.stripe.com", lines=(197,)),
    ),
    communication=(Rule("Internal Alert", (161,)), Rule(_CUSTOMERS_TOO, (171,))),
)
