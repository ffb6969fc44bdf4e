"""The closed vocabularies of the design: roles, statuses, and the words people use for them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A responder's role in the incident command system."""

    IC = "ic"
    OPS = "ops"
    COMMS = "comms"
    SCRIBE = "scribe"
    TL = "tl"
    ONCALL = "oncall"
    SUPPORT = "support"

    @property
    def label(self) -> str:
        """The role as people say it."""
        return _ROLE_TITLES[self]

    @property
    def short(self) -> str:
        """The role as a pane's title has room for."""
        return {"ic": "IC", "tl": "TL"}.get(self.value, self.value.capitalize())


_ROLE_TITLES = {
    Role.IC: "Incident commander",
    Role.OPS: "Operations lead",
    Role.COMMS: "Communications lead",
    Role.SCRIBE: "Scribe",
    Role.TL: "Technical lead",
    Role.ONCALL: "On-call engineer",
    Role.SUPPORT: "Support",
}


class Status(StrEnum):
    """Where the response stands. `WATCHING` is a record that began before anybody declared an incident."""

    WATCHING = "watching"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MITIGATING = "mitigating"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on it: declared, and neither resolved nor closed."""
        return self not in (Status.WATCHING, Status.RESOLVED, Status.CLOSED)


SETTABLE = (Status.INVESTIGATING, Status.IDENTIFIED, Status.MITIGATING, Status.MONITORING)
"""What `status --to` may set; resolving and closing are deeds of their own."""

DETECTION_SOURCES = ("monitoring", "synthetic", "customer", "merchant", "internal")
"""Who can notice an incident first (payment-incident-management.md:8-13)."""

TO_DO = {
    "read": "run what looks",
    "change": "change things",
    "destroy": "destroy things",
    "severity": "set the severity",
    "resolve": "resolve the incident",
    "close": "close the incident",
}
"""What a role may be let do, in words that go on from "may not", "may" or "to"."""

OBSERVER = "observer"
"""Who only looks: no role of the incident, and given with `--role` as one."""

PROGRAM = "cockpit"
"""The actor of what the program does by itself."""
