"""Policies: severity schemes as data, one file per source document, and a team's own from the configuration."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.incident.policies import order_service, payment_management, payment_service, response_plan
from cockpit.incident.policies.model import (
    CUSTOMERS,
    IMMEDIATELY,
    INTERNAL,
    NEXT_BUSINESS_DAY,
    Call,
    Escalation,
    Flag,
    Level,
    NextBusinessDay,
    Notice,
    Policy,
    Range,
    Rule,
    Target,
    Words,
    key_of,
)
from cockpit.incident.policies.own import with_own

__all__ = [
    "CUSTOMERS",
    "IMMEDIATELY",
    "INTERNAL",
    "NEXT_BUSINESS_DAY",
    "Call",
    "Escalation",
    "Flag",
    "Level",
    "NextBusinessDay",
    "Notice",
    "Policy",
    "Range",
    "Rule",
    "Target",
    "Words",
    "key_of",
    "shipped",
    "with_own",
]

_SHIPPED = {
    module.POLICY.name: module.POLICY for module in (payment_service, response_plan, payment_management, order_service)
}


def shipped() -> Mapping[str, Policy]:
    """The policies of the source documents, by name."""
    return _SHIPPED
