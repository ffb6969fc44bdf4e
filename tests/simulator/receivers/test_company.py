"""What the demo tells with: a configuration whose every channel takes a message here, targets, and alerts that fire."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from cockpit.clock import SystemClock
from cockpit.config import Config, load
from cockpit.incident.kinds import Message
from cockpit.incident.policies import key_of, shipped
from cockpit.message.channel import Occasion
from cockpit.message.channels import build
from cockpit.simulator.alerting import firing, rules
from cockpit.simulator.churn.bindings import BREACHES
from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.bindings import Signal
from cockpit.simulator.prometheus import Prometheus, Target
from cockpit.simulator.prometheus.labels import labels
from cockpit.simulator.receivers.configured import with_receivers
from cockpit.simulator.receivers.people import EVERYBODY
from cockpit.simulator.server import Endpoints, Options, serve
from tests.receivers import receiving

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[3]
OUTSIDE = {"stripe-support", "team", "engineering-team", "internal-team", "product-team", "support-team"}
"""Whom a policy names and nobody can page: a company's support, and teams that are told and not called."""


@asynccontextmanager
async def served(directory: Path) -> AsyncIterator[tuple[Endpoints, Config]]:
    """The simulator on its first scenario, and the configuration that it wrote."""
    stop = asyncio.Event()
    ready: asyncio.Future[Endpoints] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(Options(directory), ready.set_result, stop))
    await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
    try:
        yield ready.result(), load(directory / "cockpit.yaml")
    finally:
        stop.set()
        await task


async def test_every_audience_of_the_demo_is_reached_on_this_machine(tmp_path: Path) -> None:
    async with served(tmp_path) as (endpoints, config):
        channels = {each.name: each for each in build(config.channels, SystemClock(), tmp_path, near=True)}
        firsts = {audience: names[0] for audience, names in config.audiences.items()}
        assert {names[-1] for names in config.audiences.values()} == {"paper"}, "each falls back to a file"
        occasion = Occasion(incident="i", label="INC-2026-001", name="x", title="x", service="payment-service")
        try:
            for number, (audience, name) in enumerate(firsts.items()):
                message = Message(
                    message=f"m-{number}", template="t", audience=audience, channels=(name,), title=f"to {audience}",
                    text=f"words for {audience}", status="investigating", standing="investigating",
                )  # fmt: skip
                await channels[name].send(message, occasion)
        finally:
            for channel in channels.values():
                await channel.close()
        async with httpx.AsyncClient(base_url=endpoints.receivers) as client:
            arrived = (await client.get("/arrived")).json()
    texts = {each["text"]: (each["receiver"], each["where"]) for each in arrived}
    reached = {audience: where for audience in firsts for text, where in texts.items() if f"for {audience}" in text}
    assert reached["internal"] == ("slack", "#incidents")
    assert reached["customers"] == ("statuspage", "investigating")
    assert reached["support"] == ("slack", "#support")
    assert reached["executives"] == ("mail", "executives@example.com")
    assert reached.keys() == firsts.keys()
    assert "words for internal" in endpoints.arrived.read_text()


async def test_the_demo_names_no_other_machine_and_no_secret(tmp_path: Path) -> None:
    kept: list[str] = []

    def keep(name: str, text: str) -> dict[str, str]:
        kept.append(text)
        return {"file": str(tmp_path / name)}

    made: dict[str, Any] = {"version": 1, "services": {"order-service": {}}}
    async with receiving(rated=False) as receivers:
        with_receivers(made, receivers, tmp_path, keep, 0.2)
        text = yaml.safe_dump(made)
    (tmp_path / "cockpit.yaml").write_text(text)
    config = load(tmp_path / "cockpit.yaml")
    hosts = {line.split("//")[1].split(":")[0] for line in text.splitlines() if "://" in line}
    assert hosts == {"127.0.0.1"}
    assert "host: 127.0.0.1" in text
    assert kept
    assert not any(secret in text for secret in kept)
    assert config.alertmanager["main"].interval == 1.0
    alerts = config.services["order-service"].alertmanager
    assert alerts is not None
    assert (alerts.source, alerts.match) == ("main", {"service": "order-service"})


def test_whoever_a_policy_calls_can_be_paged() -> None:
    targets = {each.target for each in EVERYBODY}
    for policy in shipped().values():
        levels = [level.escalate for level in policy.levels.values()]
        called = {key_of(each.who) for each in itertools.chain(policy.escalation, *levels)}
        assert called - OUTSIDE <= targets, policy.name


def test_what_fires_is_told_with_its_beginning() -> None:
    value = {"gauge": 9.0}
    target = Target("shop", "shop:1", lambda: [(labels({"__name__": "gauge"}), value["gauge"])])
    bound = [Signal("stuck", "count", "max(gauge)", {"breach": "> 5"}), Signal("other", "count", "max(gauge)", {})]
    alerts = rules("Shop", "shop", bound, 1.0)
    prometheus = Prometheus(Pace(), lambda: [target], 1.0, alerts)
    at = round(datetime(2026, 11, 21, 3, 12, tzinfo=UTC).timestamp() * 1000)
    for second in range(3):
        prometheus.scraper.scrape(at + second * 1000)
        prometheus.rules.evaluate(prometheus.storage, at + second * 1000)
        assert len(firing(prometheus)) == (1 if second else 0), "it must hold for a second"
    (told,) = firing(prometheus)
    assert told.labels == {"alertname": "ShopStuck", "service": "shop", "severity": "critical"}
    assert told.annotations == {"summary": "stuck is 9 count, > 5"}
    assert told.since == datetime(2026, 11, 21, 3, 12, 1, tzinfo=UTC)
    value["gauge"] = 1.0
    prometheus.scraper.scrape(at + 4000)
    prometheus.rules.evaluate(prometheus.storage, at + 4000)
    assert firing(prometheus) == []


def test_the_alerts_of_churn_saver_are_its_runbooks_bounds() -> None:
    runbook = yaml.safe_load((ROOT / "runbooks" / "churn-saver.yaml").read_text(encoding="utf-8"))
    bounds = {each["id"]: each.get("breach", each.get("warning")) for each in runbook["thresholds"]}
    assert {id: bound for id, bound in bounds.items() if bound} == BREACHES
