"""What a step must be told: where each value comes from, what goes first, and what is said when one is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.incident import kinds
from cockpit.room.house import House
from cockpit.room.requests import Facts, Refusal, Start
from cockpit.room.runs.jobs import Ground, Jobs
from cockpit.room.runs.needs import Known, Need, missing, resolved, values_of
from cockpit.runbook.model import Runbook
from cockpit.runbook.reader import parse_runbook
from tests.room.rooms import opened

pytestmark = pytest.mark.anyio

BOOK = b"""
title: Orders
service: orders
parameters:
  - {name: order, pattern: '[0-9]+', placeholder: <order-id>}
  - {name: api_token, secret: true}
procedures:
  - id: one
    title: One
    steps:
      - {id: one.find, title: Find, action: {kind: command, argv: [find-order]}}
      - id: one.look
        title: Look
        parameters:
          - {name: pid, type: integer, from: {step: one.find, pattern: 'pid (\\d+)'}}
          - {name: replicas, type: integer, default: 5}
          - {name: where, from: pod}
        action: {kind: command, shell: 'look $ORDER $PID $REPLICAS $WHERE $API_TOKEN'}
      - {id: one.hand, title: Call them, manual: Call the vendor, command: tel 555}
"""


@pytest.fixture
def book() -> Runbook:
    return parse_runbook(BOOK, "orders.yaml")


def known(**more: object) -> Known:
    return Known(**{"standing": {"pod": "orders-1"}, **more})  # type: ignore[arg-type]


def by_name(book: Runbook, known: Known) -> dict[str, Need]:
    step = book.step("one.look")
    assert step
    return {need.parameter.name: need for need in resolved(step, book, known)}


def ran(output: str, outcome: str = "succeeded") -> list[kinds.Payload]:
    intent = kinds.RunIntent(run="r", title="Find", step="one.find", command="find-order")
    return [intent, kinds.RunResult.model_validate({"run": "r", "outcome": outcome, "output": output})]


async def record(house: House, *payloads: kinds.Payload) -> None:
    await house.room.perform(Facts(lambda _: [(each, None) for each in payloads]))


async def test_every_value_says_where_it_comes_from(tmp_path: Path, book: Runbook) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("x", "p1"))
        found = by_name(book, known(environ={"API_TOKEN": "t-1"}))
        assert {name: (need.value, need.origin) for name, need in found.items()} == {
            "order": ("", ""), "pid": ("", ""), "replicas": ("5", "default"), "where": ("orders-1", "selected"),
            "api_token": ("t-1", "$API_TOKEN"),
        }  # fmt: skip
        assert missing(found.values()) == "it needs pid, order; give it with --set pid=VALUE"
        await record(house, *ran("looked at 3\npid 4711 waits"))
        runs = house.room.state.runs
        found = by_name(book, known(runs=runs, given={"order": "17", "replicas": "8"}))
        assert (found["pid"].value, found["pid"].origin[:11]) == ("4711", "one.find at")
        assert (found["order"].origin, found["replicas"].value) == ("given", "8")
        assert missing(found.values()) == "it needs api_token; give it with --set api_token=VALUE"
        wrong = by_name(book, known(runs=runs, given={"order": "17; reboot", "api_token": "s"}))
        assert "does not match" in missing(wrong.values())
        assert values_of(list(wrong.values())).known.keys() == {"pid", "replicas", "where", "api_token"}
        assert values_of(list(wrong.values())).secret == {"api_token"}


async def test_a_failed_run_gives_no_value(tmp_path: Path, book: Runbook) -> None:
    async with opened(tmp_path) as house:
        await record(house, *ran("pid 4711", outcome="failed"))
        assert by_name(book, known(runs=house.room.state.runs))["pid"].value == ""


async def test_a_job_is_refused_with_what_is_to_be_done(tmp_path: Path, book: Runbook) -> None:
    async with opened(tmp_path) as house:
        jobs = Jobs(lambda: Ground(book, None, "orders", house.plans.config, house.room.state))
        with pytest.raises(Refusal, match=r"'Look' cannot run yet: it needs .*order"):
            jobs.step("one.look")
        with pytest.raises(Refusal, match=r"takes no value `ordr`; it takes .*order"):
            jobs.step("one.look", given={"ordr": "1"})
        with pytest.raises(Refusal, match=r"done by hand: tel 555; `incident done one.hand` records it"):
            jobs.step("one.hand")
        with pytest.raises(Refusal, match="has no step 'two'"):
            jobs.step("two")
