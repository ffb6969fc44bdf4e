"""`alerts`, `silence`, `mitigations` and `doctor` against an Alertmanager: what is printed, and the exit codes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.alertmanagers import alertmanager, fire, silences
from tests.cli.shell import Done, Shell
from tests.shop import shop, step

pytestmark = pytest.mark.anyio
STEP = step("look", manual="Look at it")
LATENCY = {"alertname": "HighLatency", "service": "shop", "severity": "critical", "pod": "shop-1"}


@pytest.fixture
async def url(tmp_path: Path) -> Any:
    async with alertmanager("simulated", tmp_path) as found:
        yield found


@pytest.fixture
def here(shell: Shell, url: str) -> Shell:
    """A shop whose alerts fire in an Alertmanager of this machine."""
    service = {"alertmanager": {"source": "main", "match": {"service": "shop"}}}
    shop(shell.folder, STEP, service=service, alertmanager={"main": {"url": url, "interval": "1s"}})
    return shell


async def run(shell: Shell, *args: str) -> Done:
    """A command, beside the Alertmanager that this process serves."""
    return await asyncio.to_thread(shell, *args)


async def test_alerts_are_listed_the_loudest_first(here: Shell, url: str) -> None:
    assert (await run(here, "alerts")).ok().out == "nothing fires, main says\n"
    await fire(url, {"alertname": "QueueGrows", "service": "shop"}, LATENCY, summary="slow")
    await fire(url, {**LATENCY, "service": "other"})
    *lines, declares = (await run(here, "alerts")).ok().out.splitlines()
    assert declares.startswith("no incident is open: `cockpit incident start --from ")
    assert [line.split() for line in lines] == [
        ["active", "critical", "12m", "HighLatency", "service=shop", "pod=shop-1", "severity=critical", "slow"],
        ["active", "-", "12m", "QueueGrows", "service=shop", "slow"],
    ]
    told = (await run(here, "alerts", "--json")).ok().json
    assert [(each["name"], each["state"], each["labels"]["service"]) for each in told["alerts"]] == [
        ("HighLatency", "active", "shop"), ("QueueGrows", "active", "shop"),
    ]  # fmt: skip
    assert told["source"]["state"] == "live"


async def test_where_it_cannot_be_read_it_is_unknown_and_not_nothing(here: Shell) -> None:
    service = {"alertmanager": {"source": "main"}}
    shop(here.folder, STEP, service=service, alertmanager={"main": {"url": "http://127.0.0.1:9"}})
    done = await run(here, "alerts")
    done.failed("http://127.0.0.1:9 cannot be reached", "nothing listens there")
    assert done.out.startswith("whether anything fires is unknown: ")
    assert (await run(here, "alerts", "--json")).json["alerts"] is None
    shop(here.folder, STEP)
    (await run(here, "alerts")).wrong("no Alertmanager is configured for this service")
    here.declared()
    (await run(here, "silence", "HighLatency", "1h")).wrong("no Alertmanager is configured for this service")


async def test_a_silence_is_previewed_made_listed_and_undone(here: Shell, url: str) -> None:
    await fire(url, LATENCY)
    await asyncio.to_thread(here.declared)
    shown = (await run(here, "silence", "HighLatency", "1h", "the", "rollback", "--dry-run")).ok().out
    assert "covers HighLatency service=shop pod=shop-1 severity=critical" in shown
    assert f"request: POST {url}/api/v2/silences" in shown
    refused = await run(here, "silence", "HighLatency", "1h")
    assert (refused.code, "answer it with --yes" in refused.err) == (1, True)
    assert await silences(url) == []
    done = await run(here, "silence", "HighLatency", "1h", "--why", "the rollback runs", "--yes")
    assert (done.code, done.out.splitlines()[-1]) == (0, "verified")
    assert [each["status"] for each in await silences(url)] == [{"state": "active"}]
    assert "silenced    critical" in (await run(here, "alerts")).ok().out
    listed = (await run(here, "incident", "mitigations")).ok().out
    assert "silence HighLatency, 1 alert telling somebody → silenced until " in listed
    assert "ends in 59 min · can be undone" in listed
    assert (await run(here, "incident", "mitigations", "--json")).ok().json[0]["ends"]
    assert (await run(here, "runbook", "undo", "--yes")).code == 0
    assert [each["status"] for each in await silences(url)] == [{"state": "expired"}]
    assert (await run(here, "incident", "mitigations")).ok().out == "nothing is in place\n"


async def test_what_is_no_silence_says_how_one_is_written(here: Shell) -> None:
    await asyncio.to_thread(here.declared)
    (await run(here, "silence", "HighLatency")).wrong("needs a duration", "write: silence MATCHER… DURATION [WHY]")
    (await run(here, "silence", "a b", "1h")).wrong("'a b' is no matcher")
    (await run(here, "silence", "1h")).wrong("'1h' is no matcher")


async def test_the_doctor_looks_at_the_alertmanager(here: Shell, url: str) -> None:
    await fire(url, LATENCY)
    found = {each["what"]: each for each in (await run(here, "doctor", "--json")).json}
    said = found["alertmanager main"]
    assert (said["state"], said["said"]) == ("ok", f"{url}, version 0.25.0, 1 firing")
