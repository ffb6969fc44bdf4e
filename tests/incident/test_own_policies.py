"""A team's own policies: laid over what they extend, field by field, from a real file."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from cockpit.config import PolicyConfig, load
from cockpit.incident.calendar import Calendar
from cockpit.incident.policies import (
    IMMEDIATELY,
    INTERNAL,
    NEXT_BUSINESS_DAY,
    Escalation,
    Notice,
    Policy,
    Range,
    Words,
    shipped,
    with_own,
)

BASE = shipped()["payment-service"]


def own(folder: Path, text: str) -> dict[str, Policy]:
    path = folder / "cockpit.yaml"
    path.write_text(text, encoding="utf-8")
    config = load(path)
    return with_own(shipped(), config.policies, Calendar.of(config.calendar))


HOUSE = """\
calendar: {hours: "08:00-16:00"}
policies:
  night:                       # before the one that it extends
    extends: house
    levels: {P1: {resolve: 3h}}
  house:
    extends: payment-service
    levels:
      P1:
        acknowledge: 5m
        respond: none
        resolve: next business day
        update: {internal: 20m, customers: none, merchants: [1h, 2h]}
        commander: oncall
        notify: {engineering-manager: 10m, product-manager: none, support: immediately}
        escalate: {cto: "1h-2h"}
      p3: {respond: {words: within a few days}}
  alone:
    levels: {HIGH: {respond: 1h}, LOW: {}}
"""


def test_what_a_level_says_replaces_and_what_it_leaves_out_stays(tmp_path: Path) -> None:
    house = own(tmp_path, HOUSE)["house"]
    assert (house.name, house.extends, house.document) == ("house", "payment-service", "payment-service-runbook.md")
    assert (house.first_update, house.escalation) == (BASE.first_update, BASE.escalation)
    level = house.levels["P1"]
    assert (level.acknowledge, level.respond, level.resolve) == (Range.of("5m"), None, NEXT_BUSINESS_DAY)
    assert level.update == {INTERNAL: Range.of("20m"), "merchants": Range.of("1h-2h")}
    assert level.notify == (Notice("Engineering Manager", Range.of("10m")), Notice("support", IMMEDIATELY))
    assert level.escalate == (*BASE.levels["P1"].escalate, Escalation("cto", Range.of("1h-2h")))
    assert (level.commander, level.impact, level.title) == ("oncall", BASE.levels["P1"].impact, "High")
    assert (house.levels["P0"], house.levels["P2"]) == (BASE.levels["P0"], BASE.levels["P2"])


def test_what_was_replaced_cites_the_document_no_longer(tmp_path: Path) -> None:
    level = own(tmp_path, HOUSE)["house"].levels["P1"]
    assert level.lines == (12, 13, 14, 15, 17)


def test_a_level_of_ones_own_follows_those_of_the_base(tmp_path: Path) -> None:
    house = own(tmp_path, HOUSE)["house"]
    assert list(house.levels) == ["P0", "P1", "P2", "P3"]
    assert house.levels["P3"].respond == Words("within a few days")
    assert house.levels["P3"].update == {}


def test_one_may_extend_another_whatever_their_order(tmp_path: Path) -> None:
    policies = own(tmp_path, HOUSE)
    night, house = policies["night"].levels["P1"], policies["house"].levels["P1"]
    assert night.resolve == Range.of("3h")
    assert (night.notify, night.update, night.commander) == (house.notify, house.update, house.commander)


def test_one_may_stand_alone(tmp_path: Path) -> None:
    alone = own(tmp_path, HOUSE)["alone"]
    assert list(alone.levels) == ["HIGH", "LOW"]
    assert alone.level("high") is alone.levels["HIGH"]
    assert (alone.levels["LOW"].respond, alone.document, alone.first_update) == (None, "", timedelta(minutes=5))


def test_all_have_the_calendar_and_the_shipped_ones_stay_as_they_are(tmp_path: Path) -> None:
    policies = own(tmp_path, HOUSE)
    assert {policy.calendar.opens for policy in policies.values()} == {time(8)}
    assert policies["payment-service"].levels is BASE.levels
    assert with_own(shipped(), {}) == shipped()


def test_a_circle_that_the_configuration_would_have_refused_does_not_hang() -> None:
    circle = {"a": PolicyConfig(extends="b"), "b": PolicyConfig(extends="a")}
    with pytest.raises(ValueError, match="no base for the policies a, b"):
        with_own(shipped(), circle)
