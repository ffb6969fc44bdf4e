"""Alerts on the sources' page, a silence from there, and the page of what is in place: how they look and what they do.

After a change that is meant: `pytest tests/screen/test_alerts.py --snapshot-update`, and look at the new pictures.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from screen.flying import flying
from screen.looking import Compare, drawn, looks
from screen.staged import NOW, open_staged, source, stage, story
from scribe.story import Book, at
from textual.pilot import Pilot

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.room.views.signals import Alert, AlertsView
from cockpit.screen.widgets.lines import Lines
from cockpit.values import replace
from tests.alertmanagers import alertmanager, fire, silences
from tests.shop import shop, step


def alert(name: str, state: str, severity: str, minutes: int, summary: str = "", **labels: str) -> Alert:
    """An alert that has fired for so long."""
    since = NOW - timedelta(minutes=minutes)
    return Alert(name + labels.get("pod", ""), name, state, since, summary, severity, labels)  # type: ignore[arg-type]


FIRING = AlertsView(
    source("alertmanager", ""),
    "main",
    (
        alert("PodCrashLooping", "active", "critical", 9, "payment-service-7599565f95-4kgb8 crash loops", pod="4kgb8"),
        alert("HighErrorRate", "active", "warning", 8, service="payment-service", team="payments"),
        alert("HighLatency", "silenced", "critical", 125, "p95 is above two seconds"),
        alert("QueueGrows", "inhibited", "info", 3),
    ),
)
LOST = replace(
    FIRING, source=source("alertmanager", "", "stale", as_of=NOW - timedelta(minutes=4), detail="main answered 503")
)
NOTHING = replace(FIRING, rows=())
NEVER = replace(NOTHING, source=source("alertmanager", "", "unreachable", as_of=None, detail="no route to host"))


def changed() -> list[Entry]:
    """The story, and what was changed in it: a rollback that helped, a silence that ends, another that has ended."""
    told = story(NOW)
    book = Book("writer-b")
    book.entries = []
    runs = (
        ("silence QueueGrows", "8:00", at("10:00")),
        ("Roll back", "9:00", None),
        ("silence HighLatency", "10:30", at("52:30")),
    )
    for number, (title, begun, ends) in enumerate(runs):
        prior = {"verb": "silence", "alertmanager": "main", "ends": ends.isoformat()} if ends else {"template": "x"}
        intent = kinds.RunIntent.model_validate(
            {
                "run": f"run-{number}", "title": title, "risk": "changing", "prior": prior,
                "from": "2 alerts telling somebody" if ends else "rev 43 (1.4.2)",
                "to": f"silenced until {ends:%H:%M}Z" if ends else "rev 42 (1.4.1)",
                "command": f"amtool --alertmanager.url=https://alertmanager.internal silence add --duration=1h {title}"
                if ends else "kubectl --context prod-eu -n production rollout undo deployment/payment-service",
            }
        )  # fmt: skip
        book.add(intent, begun, "@oncall")
        book.add(kinds.RunResult(run=f"run-{number}", outcome="succeeded", exit=0), begun, "@oncall")
    book.add(kinds.RunEffect(run="run-1", after=1, verdict="helped"), "10:00")
    book.add(kinds.Mitigation(text="Told the partner to retry later"), "10:40", "@comms")
    return [*told, *book.entries]


SCENES = {
    "alerts": (FIRING, "v", "PodCrashLooping"),
    "alerts_lost": (LOST, "v", "what fires now is unknown"),
    "alerts_none": (NOTHING, "v", "nothing fires"),
    "alerts_never_read": (NEVER, "v", "unknown: nothing was read yet"),
    "mitigations": (None, "U", "ends in 41 min"),
}


@pytest.mark.parametrize("name", SCENES)
def test_looks(snap_compare: Compare, tmp_path: Path, name: str) -> None:
    view, keys, shows = SCENES[name]
    live = stage(alerts_view=view)
    war = asyncio.run(open_staged(tmp_path, live, entries=changed()))
    assert isinstance(war.clock, ManualClock)
    war.room.store.path = Path("/home/oncall/.local/state/cockpit/record.db")

    async def fly(pilot: Pilot[int]) -> None:
        await drawn(pilot, "1 Pods")
        await pilot.press(keys)
        await drawn(pilot, shows)

    looks(snap_compare, war, fly)


@pytest.mark.anyio
async def test_an_alert_is_silenced_from_the_list_and_taken_back(tmp_path: Path) -> None:
    """Enter on an alert begins the line; its preview asks; the page of what is in place says when it ends and undoes
    it."""
    async with alertmanager("simulated", tmp_path) as url:
        await fire(url, {"alertname": "HighLatency", "service": "shop", "severity": "critical"}, summary="slow")
        service = {"alertmanager": {"source": "main", "match": {"service": "shop"}}}
        config = shop(
            tmp_path,
            step("look", manual="Look"),
            service=service,
            alertmanager={"main": {"url": url, "interval": "1s"}},
        )
        async with flying(tmp_path, config) as cockpit:
            await cockpit.press("D", "enter")
            await cockpit.records("declared")
            await cockpit.goes_to("CockpitScreen")
            await cockpit.press("slash")
            await cockpit.type("help silence")
            await cockpit.press("enter")
            await cockpit.sees("write: silence MATCHER… DURATION [WHY]")
            await cockpit.press("escape", "v")
            await cockpit.sees("alertmanager ", "live for ", "Alerts of main", "HighLatency", "slow")
            page = cockpit.app.screen.query_one("#page", Lines)
            for _ in range(20):
                await cockpit.press("j")
                if page.selected.startswith("alert "):
                    break
            await cockpit.press("enter")
            await cockpit.goes_to("CockpitScreen")
            await cockpit.sees("silence alertname=HighLatency service=shop severity=critical")
            await cockpit.type("1h the rollback runs")
            await cockpit.press("enter")
            await cockpit.goes_to("RunScreen")
            await cockpit.sees("covers HighLatency service=shop severity=critical", "no (default)")
            await cockpit.press("y")
            await cockpit.sees("verified", "undo")
            assert [each["status"] for each in await silences(url)] == [{"state": "active"}]
            await cockpit.press("escape", "U")
            await cockpit.goes_to("MitigationsPage")
            await cockpit.sees("ends in 59 min", "can be undone")
            await cockpit.press("U")
            await cockpit.goes_to("RunScreen")
            await cockpit.sees("silence expire", "no (default)")
            await cockpit.press("y")
            await cockpit.sees("verified")
            assert [each["status"] for each in await silences(url)] == [{"state": "expired"}]
            await cockpit.press("escape")
            await cockpit.sees("nothing that was changed here is in place")
