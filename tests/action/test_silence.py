"""A silence: previewed by what it covers, confirmed, recorded, verified; ended by itself or by an undo."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import SystemClock
from cockpit.room import grammar
from cockpit.room.house import open_house
from cockpit.room.live.silencing import asked_for, wanted
from cockpit.room.options import Options
from cockpit.room.requests import Resolve, Start
from cockpit.room.requests.in_place import expiry
from cockpit.room.runs.jobs import Job
from cockpit.room.runs.runs import Confirmation, Flight, Plan
from cockpit.room.war_room import WarRoom
from cockpit.runbook.reader import read_runbook
from cockpit.signal.alertmanager.firing import Alert
from tests.alertmanagers import KINDS, alertmanager, fire, silences
from tests.receivers import receiving
from tests.shop import shop, step

pytestmark = pytest.mark.anyio
YES = Confirmation(yes=True)
LATENCY = {"alertname": "HighLatency", "service": "shop", "severity": "critical", "pod": "shop-1"}
QUEUE = {"alertname": "QueueGrows", "service": "shop", "severity": "warning"}
OTHERS = {"alertname": "HighLatency", "service": "billing", "severity": "critical"}
STEPS = (
    step("hush", {"kind": "silence", "match": ["alertname=${alert}"], "duration": "$long", "why": "the release"},
         parameters=[{"name": "alert", "default": "HighLatency"}, {"name": "long", "default": "30m"}]),
)  # fmt: skip


@asynccontextmanager
async def opened(folder: Path, url: str, *, near: bool = False, **more: Any) -> AsyncIterator[WarRoom]:
    """A shop with an Alertmanager and an incident; `more` is the declaration's."""
    service = {"alertmanager": {"source": "main", "match": {"service": "shop"}}}
    shop(folder, *STEPS, service=service, alertmanager={"main": {"url": url, "interval": "1s"}})
    options = Options({}, folder, actor="@ada", journal=folder / "record.db", near=near)
    house = await open_house(options, SystemClock())
    war = WarRoom(house, SystemClock())
    try:
        await war.go_live()
        await war.room.perform(Start("slow", "", **more))
        yield war
    finally:
        await war.close()
        await house.close()


def asked(war: WarRoom, line: str) -> Job:
    """What `silence` and this line ask for."""
    return war.jobs.silence(wanted(line.split()))


async def over(flight: Flight) -> Flight:
    """A flight that has ended."""
    await eventually(lambda: flight.over)
    return flight


async def silenced(war: WarRoom, line: str = "HighLatency 1h the rollback runs") -> tuple[Plan, Flight]:
    """A silence that was asked for and confirmed."""
    plan = await war.prepare(asked(war, line))
    return plan, await over(war.launch(plan, YES))


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_previewed_made_seen_and_taken_back(kind: str, tmp_path: Path) -> None:
    """The same with the real Alertmanager and the simulated one."""
    async with alertmanager(kind, tmp_path) as url, opened(tmp_path, url) as war:
        await fire(url, LATENCY, {**LATENCY, "pod": "shop-2"}, QUEUE, OTHERS)
        plan = await war.prepare(asked(war, "HighLatency 1h the rollback runs"))
        assert (plan.risk, plan.confirm.kind, plan.refusals) == ("changing", "yes", ())
        assert plan.change == (
            'service="shop"',
            'alertname="HighLatency"',
            "covers HighLatency service=shop pod=shop-1 severity=critical",
            "covers HighLatency service=shop pod=shop-2 severity=critical",
        )
        assert plan.warnings == ("2 alerts of severity critical tell nobody then",)
        assert plan.before == "2 alerts telling somebody"
        assert await silences(url) == []
        flight = await over(war.launch(plan, YES))
        assert flight.standing == "verified", flight
        (made,) = await silences(url)
        assert (made["createdBy"], made["status"]) == ("@ada", {"state": "active"})
        assert made["comment"] == f"{war.room.label}: the rollback runs (cockpit {plan.run})"
        ends = datetime.fromisoformat(str(made["endsAt"]))
        assert abs((ends - datetime.now(UTC) - timedelta(hours=1)).total_seconds()) < 60
        states = {(alert.name, alert.state) for alert in await seen(war, "silenced")}
        assert states == {("HighLatency", "silenced"), ("QueueGrows", "active")}
        kinds = [entry.kind for entry in war.room.timeline.entries if entry.kind.startswith("run-")]
        assert [kind for kind in kinds if kind != "run-effect"] == ["run-intent", "run-result", "run-verified"]

        (run,) = war.room.state.in_place()
        assert run.ends is not None
        assert expiry(run, run.ends - timedelta(minutes=41)) == "ends in 41 min"
        assert expiry(run, run.ends + timedelta(minutes=5)) == "ended 5 min ago"
        undo = war.jobs.undo(run.intent.run)
        assert undo is not None
        back = await war.prepare(undo)
        assert back.command.endswith(f"silence expire {made['id']}")
        assert back.change == (
            "would tell again HighLatency service=shop pod=shop-1 severity=critical (silenced)",
            "would tell again HighLatency service=shop pod=shop-2 severity=critical (silenced)",
        )
        assert (await over(war.launch(back, YES))).standing == "verified"
        (ended,) = await silences(url)
        assert ended["status"] == {"state": "expired"}
        assert war.room.state.in_place() == []


async def seen(war: WarRoom, state: str) -> list[Alert]:
    """The alerts as the board has them, once one is in `state`."""

    def found() -> list[Alert]:
        view = war.alerts()
        return list(view.rows) if view and any(each.state == state for each in view.rows) else []

    await eventually(found)
    return found()


async def test_a_step_of_a_runbook_silences(tmp_path: Path) -> None:
    async with alertmanager("simulated", tmp_path) as url, opened(tmp_path, url) as war:
        await fire(url, LATENCY, QUEUE)
        plan = await war.prepare(war.jobs.step("hush", given={"alert": "QueueGrows", "long": "5m"}))
        assert plan.change == (
            'service="shop"',
            'alertname="QueueGrows"',
            "covers QueueGrows service=shop severity=warning",
        )
        assert "--duration=300s" in plan.command
        assert "the release" in plan.command
        assert (await over(war.launch(plan, YES))).standing == "verified"


async def test_nothing_is_made_without_a_yes(tmp_path: Path) -> None:
    async with alertmanager("simulated", tmp_path) as url, opened(tmp_path, url) as war:
        plan = await war.prepare(asked(war, "HighLatency 1h"))
        assert plan.warnings == ("nothing that fires now is covered",)
        assert "not confirmed" in (await over(war.launch(plan, Confirmation()))).trouble
        assert await silences(url) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("HighLatency 25h", "it would last 1 day 1 h, and a silence may last a day at most"),
        ("HighLatency 0s", "it would end at once"),
    ],
)
async def test_what_would_last_too_long_is_refused(tmp_path: Path, line: str, why: str) -> None:
    async with alertmanager("simulated", tmp_path) as url, opened(tmp_path, url) as war:
        plan = await war.prepare(asked(war, line))
        assert why in plan.refusals[0]
        assert "cannot" not in plan.refusals[0]


async def test_matchers_that_fit_everything_are_refused_where_no_label_narrows_them(tmp_path: Path) -> None:
    async with alertmanager("simulated", tmp_path) as url:
        service = {"alertmanager": {"source": "main"}}
        shop(tmp_path, *STEPS, service=service, alertmanager={"main": {"url": url}})
        house = await open_house(Options({}, tmp_path, actor="@ada", journal=tmp_path / "r.db"), SystemClock())
        war = WarRoom(house, SystemClock())
        try:
            await war.go_live()
            plan = await war.prepare(asked(war, "alertname=~.* 1h"))
            assert "its matchers fit every alert there is" in plan.refusals[0]
        finally:
            await war.close()
            await house.close()


async def test_a_drill_and_a_demo_silence_nothing_real(tmp_path: Path) -> None:
    """Whatever the configuration says; a name is looked up nowhere."""
    elsewhere = "http://alertmanager.invalid:9093"
    async with opened(tmp_path / "a", elsewhere, drill=True) as war:
        plan = await war.prepare(asked(war, "HighLatency 1h"))
        assert any(
            "this is a drill, and http://alertmanager.invalid:9093 is not this machine" in r for r in plan.refusals
        )
    async with opened(tmp_path / "b", elsewhere, near=True) as war:
        plan = await war.prepare(asked(war, "HighLatency 1h"))
        assert "a demo reaches nothing else" in plan.refusals[0]


@pytest.mark.parametrize("kind", ["reset", "cut"])
async def test_an_answer_that_was_lost_is_found_out(tmp_path: Path, kind: Any) -> None:
    """The silence was made: its mark tells, and it is not made twice."""
    async with receiving("alertmanager") as receivers, opened(tmp_path, receivers.alertmanager.url) as war:
        plan = await war.prepare(asked(war, "HighLatency 1h"))
        receivers.alertmanager.trouble.set(kind, takes=True, path="/silences", next=1)
        flight = await over(war.launch(plan, YES))
        assert flight.result is not None
        assert (flight.result.outcome, flight.standing) == ("succeeded", "verified")
        assert "it is there" in flight.result.error
        assert len(receivers.alertmanager.silences) == 1


async def test_a_request_that_was_lost_made_nothing(tmp_path: Path) -> None:
    async with receiving("alertmanager") as receivers, opened(tmp_path, receivers.alertmanager.url) as war:
        plan = await war.prepare(asked(war, "HighLatency 1h"))
        receivers.alertmanager.trouble.set("reset", path="/silences", next=1)
        flight = await over(war.launch(plan, YES))
        assert flight.result is not None
        assert flight.result.outcome == "failed"
        assert "there is no such silence" in flight.result.error


async def test_where_nobody_can_say_it_is_unknown(tmp_path: Path) -> None:
    async with receiving("alertmanager") as receivers, opened(tmp_path, receivers.alertmanager.url) as war:
        plan = await war.prepare(asked(war, "HighLatency 1h"))
        receivers.alertmanager.trouble.set("reset", path="/silences", next=2)
        flight = await over(war.launch(plan, YES))
        assert flight.result is not None
        assert flight.result.outcome == "unknown"
        assert (flight.standing, flight.verified and flight.verified.checks) == (
            "not verified", ("the silence is not there",)
        )  # fmt: skip


@pytest.mark.parametrize(("status", "body"), [(401, "Unauthorized"), (422, {"code": 612, "message": "no matchers"})])
async def test_a_refusal_is_a_failure_with_its_words(tmp_path: Path, status: int, body: Any) -> None:
    async with receiving("alertmanager") as receivers, opened(tmp_path, receivers.alertmanager.url) as war:
        plan = await war.prepare(asked(war, "HighLatency 1h"))
        receivers.alertmanager.trouble.answers(status, body, path="/silences", next=1)
        flight = await over(war.launch(plan, YES))
        assert flight.result is not None
        assert (flight.result.outcome, str(status) in flight.result.error) == ("failed", True)
        refusing = await war.prepare(asked(war, "QueueGrows 1h"))
        receivers.alertmanager.trouble.set("refuse")
        assert refusing.refusals == ()
        later = await war.prepare(asked(war, "QueueGrows 1h"))
        assert "cannot be reached" in later.refusals[0]
        receivers.alertmanager.trouble.lift()


async def test_what_ended_by_itself_needs_no_undo(tmp_path: Path) -> None:
    """U goes on to the change before it; the Alertmanager's word counts where somebody ended it there."""
    async with alertmanager("simulated", tmp_path) as url, opened(tmp_path, url) as war:
        await silenced(war)
        (run,) = war.jobs.undoable()
        undo = war.jobs.undo(run.intent.run)
        assert undo is not None
        again = war.jobs.undo(run.intent.run)
        await over(war.launch(await war.prepare(undo), YES))
        assert war.jobs.undoable() == []
        assert again is not None
        assert "the silence ended at" in (await war.prepare(again)).refusals[0]
        await silenced(war, "HighLatency 1s")
        assert len(war.room.state.in_place()) == 1
        await eventually(lambda: war.jobs.undoable() == [])
        told = [line for part in war.papers.brief().sections for line in part.lines]
        assert any("silence HighLatency" in line and line.endswith(", ended since.") for line in told)


async def test_it_asks_nobody_at_the_resolution(tmp_path: Path) -> None:
    """It ends by itself: nobody has to say that it stays."""
    async with alertmanager("simulated", tmp_path) as url, opened(tmp_path, url) as war:
        await silenced(war)
        assert war.room.undecided(Resolve("over")) == []
        await war.room.perform(Resolve("over"))
        assert war.room.state.over


async def test_the_line_is_completed_by_what_fires(tmp_path: Path) -> None:
    async with alertmanager("simulated", tmp_path) as url, opened(tmp_path, url) as war:
        await fire(url, LATENCY, QUEUE)
        await seen(war, "active")
        assert "silence" in war.complete("sil")
        assert war.complete("silence Hi") == ["alertname=HighLatency"]
        assert war.complete("silence ") == ["alertname=HighLatency", "alertname=QueueGrows"]
        assert war.complete("silencer Hi") == []


async def test_words_are_read_and_an_alert_becomes_words() -> None:
    found = wanted(["alertname=HighLatency", 'pod=~"shop-.*"', "1h30m", "the", "release"])
    assert ([str(each) for each in found.matchers], found.seconds, found.why) == (
        ['alertname="HighLatency"', 'pod=~"shop-.*"'], 5400.0, "the release",
    )  # fmt: skip
    labels = {"alertname": "HighLatency", "job": 'a "b" c', "pod": "shop-1", "prometheus": "x/y"}
    alert = Alert("1", "HighLatency", "active", datetime.now(UTC), labels=labels)
    assert asked_for(alert) == 'silence alertname=HighLatency \'job="a \\"b\\" c"\' pod=shop-1 '


VALUES = st.text(st.characters(blacklist_categories=("C", "Z"), whitelist_characters=" "), min_size=1, max_size=20)


@settings(deadline=None, max_examples=100)
@given(labels=st.dictionaries(st.sampled_from(["alertname", "pod", "x_1"]), VALUES, min_size=1))
def test_whatever_an_alert_is_called_its_line_covers_it(labels: dict[str, str]) -> None:
    """The line that enter on an alert begins is read as matchers that this alert fits."""
    alert = Alert("1", labels.get("alertname", "?"), "active", datetime.now(UTC), labels=labels)
    words = grammar.split(f"{asked_for(alert)}1h why")
    assert words[0] == "silence"
    found = wanted(words[1:])
    assert (found.seconds, found.why) == (3600.0, "why")
    assert {each.name for each in found.matchers} == set(labels)
    for name, operator, value in found.matchers:
        assert labels[name] == value if operator == "=" else re.fullmatch(value, labels[name])


async def test_a_runbook_with_a_silence_that_is_wrong_is_refused(tmp_path: Path) -> None:
    """With its line: a matcher that is none, and one that lasts longer than a day."""
    for action, why in (
        ('{kind: silence, match: ["a b"], duration: 1h}', "is no matcher"),
        ("{kind: silence, match: [HighLatency], duration: 2d}", "lasts longer than a day"),
        ("{kind: silence, match: [], duration: 1h}", "match"),
    ):
        scenario = f"{{id: s, title: S, steps: [{{id: x, title: X, action: {action}}}]}}"
        path = tmp_path / "t.yaml"
        path.write_text(f"title: T\nservice: t\nscenarios: [{scenario}]\n")
        with pytest.raises(Exception, match=why):
            read_runbook(path)
