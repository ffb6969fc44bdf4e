"""Which severity an alert proposes: by a label that names one, or by the configuration's word; a person sets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.room.facts.severities import graver, proposed_by_alerts, severity_by
from cockpit.room.refusal import HouseError
from cockpit.room.requests import Start
from cockpit.room.views.signals import Proposal
from cockpit.values import replace
from tests.room.rooms import configure, opened
from tests.room.test_detecting import HIGH, told

pytestmark = pytest.mark.anyio


async def test_a_label_proposes_a_severity_only_by_the_policys_own_name(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await told(house, HIGH, replace(HIGH, fingerprint="p" * 16, severity="p1"))
        alerts, policy = house.room.state.alerts, house.room.policy
        assert severity_by(alerts[HIGH.fingerprint], policy, {}) is None
        by = severity_by(alerts["p" * 16], policy, {"p1": ("P3",)})
        assert by is not None
        assert (by.level, by.evidence) == ("P1", "the alert says severity p1")


async def test_what_an_alerts_word_proposes_stands_in_the_configuration(tmp_path: Path) -> None:
    """A person still sets it; of several the first counts that the policy has."""
    said = "alerts:\n  severities: {Critical: [SEV-1, p0], warning: SEV-3}\n"
    path = configure(tmp_path)
    path.write_text(path.read_text() + said + "policies:\n  own: {levels: {SEV-3: {}}}\n")
    path.write_text(path.read_text().replace("services:\n", "services:\n  other: {policy: own}\n"))
    async with opened(tmp_path, service="payment-service") as house:
        await told(house, replace(HIGH, severity="CRITICAL"), replace(HIGH, fingerprint="w" * 16, severity="warning"))
        alerts, room = house.room.state.alerts, house.room
        by = severity_by(alerts[HIGH.fingerprint], room.policy, room.setting.severities)
        assert by is not None
        assert (by.level, by.evidence) == (
            "P0", "the alert says severity CRITICAL, which `alerts.severities` calls P0",
        )  # fmt: skip
        assert severity_by(alerts["w" * 16], room.policy, room.setting.severities) is None, "another policy's"
        await room.perform(Start("", alert=HIGH.fingerprint))
        assert room.state.severity is None


async def test_of_several_alerts_the_gravest_that_fires_proposes(tmp_path: Path) -> None:
    path = configure(tmp_path)
    path.write_text(path.read_text() + "alerts:\n  severities: {critical: P1, high: P2}\n")
    async with opened(tmp_path) as house:
        room, high = house.room, replace(HIGH, fingerprint="a" * 16, name="Slow", severity="high")
        grave = replace(HIGH, fingerprint="c" * 16, name="Down", severity="critical")

        def by(silent: frozenset[str] = frozenset()) -> Proposal | None:
            return proposed_by_alerts(room.state, room.policy, room.setting.severities, room.clock.now(), silent)

        assert by() is None
        await told(house, high, grave)
        found = by()
        assert found == Proposal("P1", "Down says severity critical, which `alerts.severities` calls P1", "alert")
        assert found.why == found.evidence
        slow = Proposal("P2", "Slow says severity high, which `alerts.severities` calls P2", "alert")
        assert by(frozenset({grave.fingerprint})) == slow
        criteria = Proposal("P1", "p95 > 2 s: p95 is 3 s")
        assert graver(room.policy, criteria, found) == criteria == graver(room.policy, criteria, slow)
        await told(house, replace(grave, state="resolved", ended=room.clock.now()))
        assert by() == slow
        await room.perform(Start("x", drill=True, another=True))
        assert by() is None


async def test_a_severity_that_no_policy_has_is_refused_with_its_line(tmp_path: Path) -> None:
    path = configure(tmp_path)
    path.write_text(path.read_text() + "alerts:\n  severities:\n    critical: PO\n")
    line = len(path.read_text().splitlines())
    with pytest.raises(HouseError) as refused:
        async with opened(tmp_path):
            pass
    assert str(refused.value) == (
        f"{path}:{line}: `alerts.severities.critical`: no policy of the services has the severity PO; "
        "give one of P0, P1, P2"
    )
