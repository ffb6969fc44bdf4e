"""Audiences by their usual names, and which of a policy's offices and teams each of them reaches."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.incident.policies import CUSTOMERS, INTERNAL, key_of

CUSTOMER_EMAIL, SUPPORT, MERCHANTS, PARTNERS = "customer-email", "support", "merchants", "partners"
STAKEHOLDERS, EXECUTIVES, PRODUCT = "stakeholders", "executives", "product"
SECURITY, REGULATORS, RESPONDERS, REVIEWERS = "security", "regulators", "responders", "reviewers"

OUTSIDE = frozenset({CUSTOMERS, CUSTOMER_EMAIL, MERCHANTS, PARTNERS})
"""Who is told in public or nearly so: disclosure of a security incident is coordinated for all of them."""

_OFFICES: Mapping[str, frozenset[str]] = {
    # "Stakeholder Notification" names them (payment-service-runbook.md:97-100).
    STAKEHOLDERS: frozenset(
        ["key-stakeholders", "ceo", "cto", "vp-engineering", "engineering-manager", "product-manager", "team-lead"]
    ),
    EXECUTIVES: frozenset(["executive-team", "leadership", "ceo", "cto", "vp-engineering"]),
    PRODUCT: frozenset(["product-team", "product-manager"]),
    SUPPORT: frozenset(["support-team", "customer-support"]),
    INTERNAL: frozenset(["engineering-team", "internal-team", "team"]),
}


def reaches(audience: str, who: str) -> bool:
    """Whether what is told to `audience` is told to `who`, an office, a team or an audience of a policy."""
    key = key_of(who)
    return key_of(audience) == key or key in _OFFICES.get(audience, ())
