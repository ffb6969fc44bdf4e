"""The whole path by keys, as a responder flies it: from the first alarm to the Markdown record."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually
from markdown_it import MarkdownIt
from screen.flying import Flown, flying

from cockpit.incident.entry import Entry

pytestmark = pytest.mark.anyio


async def test_a_responder_flies_from_the_first_alarm_to_the_record(own_outage: Path, tmp_path: Path) -> None:
    arrived = own_outage.with_name("arrived.txt")
    async with flying(tmp_path, own_outage, size=(120, 40)) as cockpit:
        await it_says_so_by_itself(cockpit)
        await declared_in_three_keys(cockpit)
        await severity_and_commander(cockpit)
        await ticked(cockpit)
        await log_read(cockpit)
        await rolled_back(cockpit)
        await recovered(cockpit)
        await customers_told(cockpit, arrived)
        await resolved(cockpit, arrived)
        path = await written(cockpit)
        verdict = await cockpit.war.house.store.verify()
        assert verdict.sound, verdict
        tells_the_true_story(cockpit, read(path))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


async def it_says_so_by_itself(cockpit: Flown) -> None:
    """Nobody has touched a key: the timeline and the panes' titles tell it."""
    await cockpit.sees("no incident declared", "CrashLoopBackOff", "Error rate", "breached", "suggested: Pod Crash")
    pods = await cockpit.records("pods")
    assert (pods.payload["state"], pods.payload["reason"]) == ("crashing", "CrashLoopBackOff")
    await eventually(lambda: any(_breached(entry) for entry in cockpit.entries))


def _breached(entry: Entry) -> bool:
    return entry.kind == "threshold" and (entry.payload["id"], entry.payload["to"]) == ("error-rate", "breach")


async def declared_in_three_keys(cockpit: Flown) -> None:
    """The third is a yes to all that a declaration means: whom it pages and tells, and where."""
    await cockpit.press("D", "enter")
    await cockpit.sees("pages primary by pager", "tells customers by status", "does all of this together")
    await cockpit.press("y")
    declared = await cockpit.records("declared")
    assert declared.payload["name"] == "payment-service-crash-loop"
    assert declared.payload["target"]["namespace"] == "production"
    await cockpit.goes_to("CockpitScreen")
    await cockpit.sees("INVESTIGATING", "IC nobody")
    for channel in ("pager", "status", "incidents", "tickets"):
        await eventually(lambda name=channel: sent(cockpit, name))


def sent(cockpit: Flown, channel: str) -> list[Entry]:
    """What a channel took."""
    deliveries = [entry for entry in cockpit.entries if entry.kind == "delivery"]
    return [each for each in deliveries if (each.payload["channel"], each.payload["state"]) == (channel, "sent")]


async def severity_and_commander(cockpit: Flown) -> None:
    await cockpit.press("e")
    await cockpit.goes_to("SeverityDialog")
    await cockpit.press("enter")  # the cursor stands on the level that the criteria propose
    assert (await cockpit.records("severity")).payload["severity"] == "P1"
    await cockpit.press("r")
    await cockpit.goes_to("PeoplePage")
    await cockpit.press("enter")
    role = await cockpit.records("role")
    assert (role.payload["role"], role.payload["handle"]) == ("ic", "@ada")
    await cockpit.sees("P1", "IC @ada")


async def ticked(cockpit: Flown) -> None:
    """One by hand; four were ticked by what the declaration did, and stay open once somebody says so."""
    await cockpit.press("3", "space")
    await cockpit.records("checklist")
    auto = ("[✓] Declare the", "[✓] Create incident channel", "[✓] Page required")
    await cockpit.sees("[x] Acknowledge the alert/incident", *auto, "5/6")
    await cockpit.press("j", "j", "space")
    assert (await cockpit.records("checklist", 2)).payload["state"] == "open"
    await cockpit.sees("[ ] Declare the incident", "4/6")


async def log_read(cockpit: Flown) -> None:
    """The crashing pod stands first; its log says why it died."""
    await cockpit.sees("▲ fdb6c65fd")  # between two crashes a pod runs for a moment, and stands among the others
    await cockpit.press("1", "g", "l")
    await cockpit.goes_to("LogPage")
    await cockpit.press("P")
    await cockpit.sees("setting PAYMENT_ROUTES is missing")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")


async def rolled_back(cockpit: Flown) -> None:
    """`a` stands on the mitigation; the preview says all; enter alone changes nothing; y does it.

    A no leads back to the runbook, a yes to the cockpit, where the change is watched.
    """
    await cockpit.press("a")
    await cockpit.goes_to("ActPage")
    await cockpit.sees("now: ", "Roll back")
    await cockpit.press("enter")
    await cockpit.goes_to("RunScreen")
    await cockpit.sees("no (default)")
    await cockpit.press("n")
    await cockpit.goes_to("ActPage")
    await cockpit.press("enter")
    await cockpit.goes_to("RunScreen")
    seen = await cockpit.sees("rollout undo deployment/payment-service --to-revision=42", "dry run")
    for words in ("prod-eu", "production", "1.4.2", "1.4.1", "never in this incident", "no (default)"):
        assert words in seen, words
    assert "-" in seen
    before = len([e for e in cockpit.entries if e.kind == "run-intent"])
    await cockpit.press("enter", "enter", "space")
    await cockpit.settles()
    assert len([e for e in cockpit.entries if e.kind == "run-intent"]) == before
    await cockpit.press("y")
    verified = await cockpit.records("run-verified")
    assert verified.payload["verdict"] == "verified", verified.payload
    await cockpit.sees("verified", "undo")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")


async def recovered(cockpit: Flown) -> None:
    await cockpit.sees("5/5 ready")
    assert not cockpit.war.pods().crashing
    states = {signal.id: signal.state for signal in cockpit.war.signals()}
    assert states["error-rate"] == states["p95"] == "ok"


async def customers_told(cockpit: Flown, arrived: Path) -> None:
    """The update goes to the page that the declaration has opened, and stands there for everybody to read."""
    messages = cockpit.kinds.count("message")
    await cockpit.press("u")
    await cockpit.goes_to("UpdateScreen")
    await cockpit.type("rolled back to 1.4.1")
    await cockpit.press("ctrl+right", "enter")
    await cockpit.sees("tells customers by status", "does all of this together")
    assert cockpit.kinds.count("message") == messages
    await cockpit.press("y")
    await cockpit.goes_to("SentPage")
    await cockpit.sees("nothing is on its way any more", "status took it")
    await eventually(lambda: "statuspage: update identified" in read(arrived))
    assert read(arrived).count("statuspage: incident") == 1
    assert len(sent(cockpit, "status")) == 2
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")


async def resolved(cockpit: Flown, arrived: Path) -> None:
    await cockpit.press("slash")
    await cockpit.type("resolve payments are normal")
    await cockpit.press("enter")
    await cockpit.goes_to("StaysDialog")
    await cockpit.sees("Roll back, rev 43 (1.4.2) → rev 42 (1.4.1)")
    await cockpit.press("y")
    await cockpit.goes_to("BlanksDialog")
    await cockpit.type("A release was taken back")
    await cockpit.press("enter")
    await cockpit.sees("resolves the page to primary at pager", "resolves the ticket")
    await cockpit.press("G")
    await cockpit.sees("post-mortem")
    await cockpit.press("y")
    await cockpit.sees("RESOLVED")
    for done in ("pagerduty: resolve", "jira: transition OPS-1", "mail: letter reviewers@example.com"):
        await eventually(lambda words=done: words in read(arrived))


async def written(cockpit: Flown) -> Path:
    await cockpit.press("x")
    path = cockpit.folder / f"{cockpit.war.room.label}.md"
    await cockpit.sees("written:")
    assert path.is_file()
    return path


def tells_the_true_story(cockpit: Flown, markdown: str) -> None:
    """The record's order, and what the Markdown says of it."""
    run = next(e.payload["run"] for e in cockpit.entries if e.kind == "run-intent" and e.payload["risk"] == "changing")
    of_run = [e.kind for e in cockpit.entries if e.payload.get("run") == run]
    assert [kind for kind in of_run if kind != "run-effect"] == [
        "run-intent", "run-result", "run-verified", "mitigation-left",
    ]  # fmt: skip
    assert "run-effect" in of_run, "how the signals were before it is kept"
    kinds = cockpit.kinds
    assert kinds.index("watching") < kinds.index("declared")  # what was wrong before anybody watched stands before it
    order = ["pods", "declared", "message", "delivery", "severity", "role", "checklist", "status"]
    places = [kinds.index(kind) for kind in order[:-1]] + [len(kinds) - 1 - kinds[::-1].index("status")]
    assert places == sorted(places), list(zip(order, places, strict=True))
    for words in (
        "payment-service-crash-loop", "P1", "CrashLoopBackOff", "--to-revision=42", "verified", "@ada",
        "rolled back to 1.4.1", "payments are normal", "Acknowledge the alert/incident", "Error rate",
    ):  # fmt: skip
        assert words in markdown.replace("\\", ""), words
    assert MarkdownIt("commonmark").parse(markdown)
