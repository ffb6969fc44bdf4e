"""Who can be reached in the simulated company: whom the policies and runbooks name, each with a handle and a number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Someone:
    """A person or a team that is paged.

    Attributes:
        target: as `page` and the policies call it.
        handle: in the chat, without its @.
        name: as PagerDuty has it.
        phone: from the numbers that are kept for fiction.
        level: of PagerDuty's escalation; 0: not on its schedule.
    """

    target: str
    handle: str
    name: str
    phone: str
    level: int = 0

    @property
    def email(self) -> str:
        """An address that reaches nobody (RFC 2606)."""
        return f"{self.handle}@example.com"


EVERYBODY = (
    Someone("primary", "primary", "Paula Primary", "+1 5550101", 1),
    Someone("secondary", "secondary", "Sam Secondary", "+1 5550102", 2),
    Someone("tertiary", "tertiary", "Terry Tertiary", "+1 5550103", 3),
    Someone("on-call-engineer", "oncall", "Olga Oncall", "+1 5550104"),
    Someone("incident-commander", "commander", "Ines Commander", "+1 5550105"),
    Someone("database-team", "dba", "Dana Base", "+1 5550106"),
    Someone("platform-team", "platform", "Pat Platform", "+1 5550107"),
    Someone("devops", "devops-team", "Devon Ops", "+1 5550108"),
    Someone("engineering-lead", "engineering-lead", "Erin Lead", "+1 5550109"),
    Someone("team-lead", "team-lead", "Tom Lead", "+1 5550110"),
    Someone("engineering-manager", "eng-manager", "Emma Manager", "+1 5550111"),
    Someone("product-manager", "product-manager", "Priya Product", "+1 5550112"),
    Someone("vp-engineering", "vp-eng", "Vera President", "+1 5550113"),
    Someone("cto", "cto", "Carl Officer", "+1 5550114"),
    Someone("ceo", "ceo", "Cleo Chief", "+1 5550115"),
    Someone("leadership", "leadership", "Lee Leader", "+1 5550116"),
    Someone("payment-gateway-account-manager", "gateway-am", "Gil Gateway", "+1 5550117"),
)
