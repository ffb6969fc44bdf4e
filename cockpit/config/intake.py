"""The `intake` section: who may send alerts to `cockpit listen`, how they are read, and whose they are."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from cockpit.config.lines import Location
from cockpit.config.values import FilePath, Name, Secret, Strict

SHIPPED_MAPPINGS = frozenset({"alertmanager", "datadog", "grafana", "pagerduty"})
"""The senders whose alerts can be read without a file of one's own."""


class IntakeConfig(Strict):
    """One way in, named as the last part of its address: `/NAME`."""

    mapping: Name | None = None
    """The shipped mapping; None: the one of the intake's own name."""
    file: FilePath | None = None
    """A mapping of one's own, instead."""
    token: Secret | None = None
    """What a sender must show: as a bearer token, or as the password of basic authentication."""
    secret: Secret | None = None
    """What a sender signs with, where the mapping says how."""
    service: Name | None = None
    """Whose alerts they are; None: each says so itself."""


def wrong_intakes(intakes: Mapping[str, IntakeConfig], services: Container[str]) -> Iterator[tuple[Location, str]]:
    """Where an intake names what is not there."""
    for name, intake in intakes.items():
        if intake.mapping and intake.file:
            yield ("intake", name, "file"), "is given beside `mapping`; keep one of them"
        elif not intake.file and (intake.mapping or name) not in SHIPPED_MAPPINGS:
            where = ("intake", name, "mapping") if intake.mapping else ("intake", name)
            yield where, f"there is no mapping `{intake.mapping or name}`; {_instead(SHIPPED_MAPPINGS)}"
        if intake.service and intake.service not in services:
            yield ("intake", name, "service"), f"there is no service `{intake.service}`; add it under `services`"


def _instead(known: Iterable[str]) -> str:
    return f"give one of {', '.join(sorted(known))} as `mapping`, or your own as `file`"
