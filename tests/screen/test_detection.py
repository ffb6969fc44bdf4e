"""What fires while nothing is declared: the suggestion says it, it rings once, D declares it; in each way it can come.

After a change that is meant: `pytest tests/screen/test_detection.py --snapshot-update`, and look at the new pictures.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import eventually
from screen.flying import Flown, flown, flying
from screen.looking import Compare, drawn, looks
from screen.staged import NOW, open_staged, source, stage, staged
from textual.pilot import Pilot

from cockpit.clock import SystemClock
from cockpit.config import Config, load
from cockpit.incident.times import time_of_day
from cockpit.record.store import Store
from cockpit.room.facts.detecting import detections, file
from cockpit.room.listening.intake import Intake
from cockpit.room.plans import setting_of
from cockpit.room.requests import Resolve, Start
from cockpit.room.views.signals import Alert, AlertsView, Suggestion
from cockpit.screen.spans import Spans
from cockpit.screen.suggesting import suggestion
from cockpit.screen.terminal.alarms import Alarms
from cockpit.screen.terminal.glyphs import UNICODE
from cockpit.signal.notice import Notice
from cockpit.values import replace
from tests.alertmanagers import alertmanager, fire
from tests.shop import shop, step

HIGH = Notice(
    "ac24efa8db5aac9d", "PaymentErrorRateHigh", started=NOW - timedelta(minutes=9), summary="error rate 10.42 %",
    severity="critical", service="payment-service",
)  # fmt: skip
GRADED = replace(HIGH, fingerprint="b" * 16, name="CheckoutDown", severity="p1", summary="")


def words(spans: Spans) -> str:
    return "".join(span.text for span in spans)


def watched(folder: Path, url: str) -> Path:
    """A shop whose alerts an Alertmanager tells."""
    service = {"alertmanager": {"source": "main", "match": {"service": "shop"}}}
    main = {"main": {"url": url, "interval": "1s"}}
    alerts = {"severities": {"critical": "P1"}}
    return shop(folder, step("look", manual="Look"), service=service, alertmanager=main, alerts=alerts)


def bells(cockpit: Flown, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What rings from now on."""
    rung = list[str]()
    monkeypatch.setattr(cockpit.app, "alarm", rung.append)
    return rung


@pytest.mark.anyio
async def test_a_polled_alert_is_proposed_declared_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with alertmanager("simulated", tmp_path) as url, flying(tmp_path, watched(tmp_path, url)) as cockpit:
        await cockpit.sees("nothing suggested")
        rung = bells(cockpit, monkeypatch)
        labels = {"alertname": "HighErrorRate", "service": "shop", "severity": "critical"}
        await fire(url, labels, summary="one in ten fails")
        await cockpit.sees("▲ HighErrorRate fires since", "· D declares: one in ten fails")
        began = datetime.now(UTC) - timedelta(minutes=12)
        await cockpit.press("D")
        await cockpit.sees("Declare an incident", "high-error-rate", "by monitoring, HighErrorRate", "one in ten fails")
        await cockpit.sees("P1 is proposed: the alert says severity critical, which")
        await cockpit.press("enter")
        await cockpit.records("declared")
        state = cockpit.war.room.state
        assert state.detected is not None
        assert abs((state.detected.at - began).total_seconds()) < 30
        assert (state.name, state.detected_by, state.severity) == ("high-error-rate", "monitoring", None)
        assert len(rung) == 1, rung
        assert "proposed: HighErrorRate fires since" in rung[0]
        await cockpit.goes_to("CockpitScreen")
        await eventually(lambda: "D declares" not in cockpit.text)
        await cockpit.sees("▲ P1 is proposed, e sets it: HighErrorRate says severity critical, which")
        await cockpit.press("e")
        await cockpit.sees("proposed: HighErrorRate says severity critical")
        await cockpit.press("enter")
        graded = await cockpit.records("severity")
        assert (graded.payload["severity"], graded.payload["why"].split(",")[0]) == (
            "P1", "HighErrorRate says severity critical",
        )  # fmt: skip
        await eventually(lambda: "is proposed" not in cockpit.text)
        await _end(url, labels)
        ended = await cockpit.records("alert-resolved")
        assert ended.actor == "alertmanager"
        assert cockpit.kinds.count("detected") == 1


async def _end(url: str, labels: dict[str, str]) -> None:
    over = {"labels": labels, "endsAt": datetime.now(UTC).isoformat()}
    async with httpx.AsyncClient() as client:
        (await client.post(f"{url}/api/v2/alerts", json=[over])).raise_for_status()


@pytest.mark.anyio
async def test_what_an_intake_took_is_seen_here_and_settled_there(tmp_path: Path) -> None:
    """Two cockpits on one journal, and a listener: one entry, one proposal, and one incident of it."""
    config = shop(tmp_path, step("look", manual="Look"))
    read, clock = load(config), SystemClock()
    store = await Store.open(tmp_path / "record.db", clock)
    intake = Intake(store, clock, read, lambda name: setting_of(read, name))
    now = replace(HIGH, started=datetime.now(UTC) - timedelta(minutes=2))
    try:
        async with flying(tmp_path, config) as here, flying(tmp_path, config, actor="@bob") as there:
            await intake.take("alertmanager", [replace(now, service="shop")])
            await intake.take("grafana", [replace(now, fingerprint="elsewhere00", name="Elsewhere", service="other")])
            for cockpit in (here, there):
                await cockpit.sees("▲ PaymentErrorRateHigh fires since", "D declares")
            await here.press("i")
            await here.sees(
                "▲ proposed shop", "PaymentErrorRateHigh fires since", "▲ proposed other", "Elsewhere fires"
            )
            await here.press("escape", "D")
            await here.sees("payment-error-rate-high")
            await here.press("enter")
            await there.records("declared")
            await eventually(lambda: "D declares" not in there.text)
            assert here.war.room.incident == there.war.room.incident
            assert here.kinds.count("detected") == there.kinds.count("detected") == 1
    finally:
        await store.close()


@pytest.mark.anyio
async def test_what_is_silenced_by_now_or_over_is_not_proposed(tmp_path: Path) -> None:
    live = stage()
    async with staged(tmp_path, live) as war:
        await file(war.room, detections([HIGH], "main", NOW))
        assert words(suggestion(war, UNICODE, 200)).startswith("▲ PaymentErrorRateHigh fires since ")
        rows = (Alert(HIGH.fingerprint, HIGH.name, "silenced", NOW),)
        live.alerts_view = AlertsView(source("alertmanager", ""), "main", rows)
        assert "D declares" not in words(suggestion(war, UNICODE, 200))
        await war.waiting.look()
        assert "D declares" not in words(suggestion(war, UNICODE, 200)), "nor by way of the list of all"
        lost = replace(live.alerts_view, source=source("alertmanager", "", "stale"))
        live.alerts_view = lost
        said = words(suggestion(war, UNICODE, 200))
        assert "D declares" in said, "whether it is silenced is unknown"
        assert f", as of {time_of_day(lost.source.as_of)}Z · D declares" in said, "nor is it known to fire now"
        await file(war.room, detections([replace(HIGH, state="resolved", ended=NOW)], "main", NOW))
        assert "D declares" not in words(suggestion(war, UNICODE, 200))


@pytest.mark.anyio
async def test_what_fires_after_the_resolution_says_that_it_may_not_be_over(tmp_path: Path) -> None:
    async with staged(tmp_path, stage()) as war:
        await war.room.perform(Start("pay"))
        await war.room.perform(Resolve("done"))
        await file(war.room, detections([HIGH], "main", NOW))
        assert "PaymentErrorRateHigh" not in words(suggestion(war, UNICODE, 200)), "it fired before that"
        war.clock.advance(60)
        again = replace(HIGH, fingerprint="c" * 16, started=war.clock.now())
        await file(war.room, detections([again], "main", war.clock.now()))
        assert "fires since" in words(suggestion(war, UNICODE, 200))
        assert "after it was resolved · /reopen WHY opens it again" in words(suggestion(war, UNICODE, 200))


@pytest.mark.anyio
async def test_with_a_scenario_suggested_both_have_room(tmp_path: Path) -> None:
    live = stage()
    async with staged(tmp_path, live) as war:
        assert war.house.runbook is not None
        live.suggested = (Suggestion(war.house.runbook.scenarios[0], "3 pods crash", 9),)
        await file(war.room, detections([HIGH, GRADED], "main", NOW))
        said = words(suggestion(war, UNICODE, 200))
        assert said.startswith("▲ PaymentErrorRateHigh +1 since 02:02Z · D declares  ▸ suggested: ")


@pytest.mark.anyio
async def test_what_fires_during_a_drill_may_be_real_and_is_declared_beside_it(tmp_path: Path) -> None:
    async with staged(tmp_path, stage()) as war, flown(war, tmp_path) as cockpit:
        await war.room.perform(Start("game-day", drill=True))
        await file(war.room, detections([HIGH], "main", NOW))
        assert "D declares it, beside the drill" in words(suggestion(war, UNICODE, 200))
        drill = war.room.incident
        await cockpit.press("D")
        await cockpit.sees("payment-error-rate-high")
        await cockpit.press("enter")
        await eventually(lambda: war.room.incident != drill and war.room.state.declared)
        state = war.room.state
        assert (state.drill, state.detected and state.detected.at, state.detected_by) == (
            False, HIGH.started, "monitoring",
        )  # fmt: skip


@pytest.mark.anyio
async def test_what_no_service_owns_is_said_everywhere_and_shown_on_the_list(tmp_path: Path) -> None:
    """No incident takes it in, so whoever looks at another service is told of it, behind what is his own."""
    several = Config.model_validate({"services": {"one": {}, "other": {}}})
    async with staged(tmp_path, stage()) as war:
        intake = Intake(war.room.store, war.clock, several, lambda name: setting_of(several, name))
        await intake.take("alertmanager", [replace(HIGH, service="")])
        await war.waiting.look()
        alarms = Alarms()
        assert war.proposed() is None
        assert not alarms.proposes(war.proposed() or war.nobodys())
        assert "PaymentErrorRateHigh fires since" in words(suggestion(war, UNICODE, 200))
        assert words(suggestion(war, UNICODE, 200)).endswith(", of no service · i shows it")
        await file(war.room, detections([GRADED], "main", NOW))
        assert "CheckoutDown fires since" in words(suggestion(war, UNICODE, 200)), "its own goes first"
        found, own = war.nobodys(), war.room.state.service
        assert found is not None
        await war.go_to(found.incident)
        assert words(suggestion(war, UNICODE, 200)).startswith("▲ PaymentErrorRateHigh fires since")
        await war.room.go_on()
        await war.room.perform(Start("", alert=HIGH.fingerprint))
        state = war.room.state
        assert (state.incident, state.service, state.name) == (found.incident, own, "payment-error-rate-high")


@pytest.mark.anyio
async def test_each_alert_rings_once_and_what_was_there_before_not_at_all(tmp_path: Path) -> None:
    async with staged(tmp_path, stage()) as war:
        await file(war.room, detections([HIGH], "main", NOW))
        alarms = Alarms()
        assert not alarms.proposes(war.proposed()), "it is on the screen already"
        await file(war.room, detections([GRADED], "main", NOW))
        assert alarms.proposes(war.proposed())
        assert not alarms.proposes(war.proposed())
        await file(war.room, detections([replace(GRADED, state="resolved", ended=NOW)], "main", NOW))
        assert not alarms.proposes(war.proposed())


SCENES: dict[str, tuple[Notice, str, str]] = {
    "declare": (HIGH, "D", "severity critical"),
    "declare_with_severity": (GRADED, "D", "P1 is proposed"),
    "incidents": (HIGH, "i", "proposed"),
}


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, name: str) -> None:
    notice, key, shows = SCENES[name]

    async def opened() -> Any:
        war = await open_staged(tmp_path, stage())
        await file(war.room, detections([notice], "main", NOW))
        await war.waiting.look()
        return war

    war = asyncio.run(opened())
    war.room.store.path = Path("/home/oncall/.local/state/cockpit/record.db")

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, "D declares")
        await pilot.press(key)
        await drawn(pilot, shows)

    looks(snap_compare, war, fly)
