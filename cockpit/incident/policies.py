"""Policies: severity schemes as data, one per source document; each level cites the lines that it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from cockpit.incident.times import duration


@dataclass(frozen=True, slots=True)
class Range:
    """A target: due soon at `lower`, overdue at `upper`. A plain duration has both the same."""

    lower: timedelta
    upper: timedelta

    @classmethod
    def of(cls, text: str) -> Range:
        """Read `15m` or `15m-30m`; raises TimeError."""
        lower, _, upper = text.partition("-")
        return cls(duration(lower), duration(upper or lower))

    def __str__(self) -> str:
        minutes = [int(limit.total_seconds()) // 60 for limit in (self.lower, self.upper)]
        hours = all(m >= 60 and m % 60 == 0 for m in minutes)
        first, last = (m // 60 if hours else m for m in minutes)
        unit = "h" if hours else "min"
        return f"{last} {unit}" if first == last else f"{first}–{last} {unit}"


@dataclass(frozen=True, slots=True)
class Level:
    """One severity of a policy. A target that the document does not give is None; its words stand in `words`."""

    severity: str
    title: str
    impact: tuple[str, ...]
    acknowledge: Range | None = None
    respond: Range | None = None
    resolve: Range | None = None
    update: dict[str, Range] = field(default_factory=dict)
    commander: str = ""
    words: dict[str, str] = field(default_factory=dict)
    """Targets that are no duration ("next business day", "backlog prioritization"), by the field they would fill."""
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A severity scheme.

    `first_update` is how soon after the declaration the public page must speak.
    """

    name: str
    title: str
    document: str
    levels: dict[str, Level]
    first_update: timedelta = timedelta(minutes=5)

    def level(self, severity: str | None) -> Level | None:
        """The level named `severity` in any case, if this policy has it."""
        return self.levels.get(severity.upper()) if severity else None


INTERNAL, CUSTOMERS = "internal", "customers"


def _level(severity: str, title: str, impact: str, lines: tuple[int, ...], **targets: str) -> Level:
    """A level from the short forms of the tables below; `update_internal="15m-30m"` and the like are cadences."""
    words = {name.removeprefix("words_"): text for name, text in targets.items() if name.startswith("words_")}
    update = {name.removeprefix("update_"): Range.of(text) for name, text in targets.items() if "update_" in name}
    ranges = {
        name: Range.of(targets[name]) if name in targets else None for name in ("acknowledge", "respond", "resolve")
    }
    commander = targets.get("commander", "")
    parts = tuple(impact.split("; "))
    return Level(severity, title, parts, update=update, commander=commander, words=words, lines=lines, **ranges)


def _both(cadence: str) -> dict[str, str]:
    """A cadence that the document gives without naming an audience holds for both."""
    return {"update_internal": cadence, "update_customers": cadence}


@cache
def shipped() -> dict[str, Policy]:
    """The policies of the source documents, by name."""
    policies = (_payment_service(), _incident_response_plan(), _payment_management(), _order_service())
    return {policy.name: policy for policy in policies}


def _payment_service() -> Policy:
    levels = (
        _level(
            "P0", "Critical",
            "Payment processing completely down; Database connectivity lost; Security breach detected",
            (5, 6, 7, 8, 9, 10, 98, 103), respond="15m", **_both("15m"),
        ),
        _level(
            "P1", "High", "High error rates (>5%); Slow response times (>3s); Single payment method failing",
            (12, 13, 14, 15, 16, 17, 99, 104), respond="30m", **_both("30m"),
        ),
        _level(
            "P2", "Medium",
            "Isolated payment failures; Non-critical feature issues; Performance degradation <20%",
            (19, 20, 21, 22, 23, 24, 100, 105), respond="2h", **_both("2h"), words_escalate="Next business day",
        ),
    )  # fmt: skip
    return Policy("payment-service", "Payment service", "payment-service-runbook.md", _by_name(levels))


def _incident_response_plan() -> Policy:
    levels = (
        _level(
            "P0", "Critical",
            "Application completely unavailable; Database inaccessible; Webhook processing stopped for >15 minutes; "
            "Data loss or corruption detected; Security breach with active exploitation",
            (15, 16, 24, 25, 79, 91, 466), acknowledge="5m", respond="5m", resolve="1h", **_both("15m-30m"),
            commander="Engineering Manager or designated incident commander",
        ),
        _level(
            "P1", "High",
            "Webhook processing success rate < 90%; Scheduler not running for >30 minutes; "
            "Push/DM delivery rate < 80%; Response times >10 seconds sustained; Database performance severely degraded",
            (28, 29, 37, 38, 79, 92, 466), acknowledge="5m", respond="15m", resolve="2h", **_both("15m-30m"),
            commander="Senior engineer on-call",
        ),
        _level(
            "P2", "Medium",
            "Single feature failures; Performance degradation (response times 5-10 seconds); "
            "External service partial failures; Error rates elevated (5-10%); Non-critical functionality broken",
            (41, 42, 50, 51, 93, 467), respond="1h", resolve="4h", **_both("1h-2h"), commander="On-call engineer",
        ),
        _level(
            "P3", "Low",
            "Cosmetic UI issues; Minor performance degradation; Log volume issues; Non-critical monitoring gaps; "
            "Documentation discrepancies",
            (54, 55, 63, 64, 93, 468), respond="4h", resolve="24h", **_both("24h"), commander="On-call engineer",
        ),
    )  # fmt: skip
    document = "production-incident-response-plan.md"
    return Policy("incident-response-plan", "Incident response plan", document, _by_name(levels))


def _payment_management() -> Policy:
    levels = (
        _level(
            "SEV-1", "Critical", "Major outage, all transactions failing, legal or regulatory risk",
            (18, 24, 44), acknowledge="5m", respond="5m-10m", **_both("15m"), commander="Incident Commander",
        ),
        _level(
            "SEV-2", "High", "Partial service degradation, high transaction failure rates",
            (19, 25, 44), acknowledge="5m", respond="15m-30m", **_both("30m"), commander="Incident Commander",
        ),
        _level(
            "SEV-3", "Moderate", "Minor impact, some users affected, workaround available",
            (20, 26), words_respond="Within a few hours",
        ),
        _level("SEV-4", "Low", "Cosmetic, non-urgent issues", (21, 27), words_respond="Backlog prioritization"),
    )  # fmt: skip
    document = "payment-incident-management.md"
    return Policy("payment-incident-management", "Payment incident management", document, _by_name(levels))


def _order_service() -> Policy:
    levels = (
        _level("SEV-1", "Critical", "Service down, data loss", (12,), respond="15m"),
        _level("SEV-2", "High", "Major feature broken", (13,), respond="30m"),
        _level("SEV-3", "Medium", "Degraded performance", (14,), respond="2h"),
        _level("SEV-4", "Low", "Minor issues", (15,), respond="24h"),
    )
    return Policy("order-service", "Order service", "order-service-playbook.md", _by_name(levels))


def _by_name(levels: tuple[Level, ...]) -> dict[str, Level]:
    return {level.severity: level for level in levels}
