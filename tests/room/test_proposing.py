"""Severity criteria propose a level with their evidence, and never set one."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import SIGNALS, stage, staged, story

from cockpit.room.requests import SetSeverity, Start
from cockpit.values import replace

pytestmark = pytest.mark.anyio


async def test_criteria_that_hold_propose_the_gravest_level_with_evidence(tmp_path: Path) -> None:
    async with staged(tmp_path, stage()) as war, flown(war, tmp_path) as cockpit:
        proposed = war.proposal()
        assert proposed is not None
        assert proposed.level == "P1"
        assert proposed.evidence == (
            "High error rates (>5%): error rate is 12.4 %; Slow response times (>3s): response time is 3.1 s"
        )
        await cockpit.press("D")
        await cockpit.sees("the criteria of P1 hold: High error rates (>5%)")
        await cockpit.press("escape")
        await war.room.perform(Start("payment-failure"))
        await cockpit.settles()
        await cockpit.sees(
            "P1 by its criteria: e" if war.suggestions() else "criteria of P1 hold, e sets it: High error rates (>5%)"
        )
        assert war.room.state.severity is None, "only a person sets it"
        await cockpit.press("e")
        await cockpit.sees("its criteria hold: High error rates")
        await cockpit.press("escape")
        await war.room.perform(SetSeverity("p0"))
        await cockpit.settles()
        assert "criteria" not in cockpit.text, "a graver one is set"


async def test_the_evidence_is_why_a_proposed_severity_was_taken(tmp_path: Path) -> None:
    async with staged(tmp_path, stage()) as war, flown(war, tmp_path) as cockpit:
        await war.room.perform(Start("payment-failure", severity="P2"))
        await cockpit.settles()
        await cockpit.press("e")
        await cockpit.goes_to("SeverityDialog")
        await cockpit.press("k", "enter")
        await cockpit.records("severity", 2)
        payload = cockpit.entries[-1].payload
        assert payload["severity"] == "P1"
        assert payload["why"].startswith("by its criteria: High error rates (>5%): error rate is 12.4 %; ")
        await cockpit.goes_to("CockpitScreen")
        await cockpit.press("e")
        await cockpit.goes_to("SeverityDialog")
        await cockpit.press("j", "enter")
        await cockpit.sees("a change says why")


async def test_what_is_unknown_or_in_no_level_of_the_policy_proposes_nothing(tmp_path: Path) -> None:
    unknown = tuple(replace(view, state="unknown", value=None) for view in SIGNALS)
    async with staged(tmp_path, stage(signal_views=unknown), entries=story()) as war:
        assert war.proposal() is None
    (tmp_path / "cockpit.yaml").unlink()
    async with staged(tmp_path, stage()) as war:
        war.room.setting = replace(war.room.setting, policy=None)
        assert war.proposal() is None
