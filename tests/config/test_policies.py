"""The policies and calendar sections: what is taken, and how a refusal reads."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from cockpit.config import SHIPPED_POLICIES, CalendarConfig, ConfigError, PolicyConfig, TargetConfig, load
from cockpit.incident import policies


def loaded(folder: Path, text: str) -> dict[str, PolicyConfig]:
    path = folder / "cockpit.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path).policies


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{folder / 'cockpit.yaml'}:")


def test_the_shipped_policies_are_those_that_the_configuration_knows() -> None:
    assert set(policies.shipped()) == SHIPPED_POLICIES


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("30m", TargetConfig("span", 1800, 1800)),
        ("15m-30m", TargetConfig("span", 900, 1800)),
        ("[15m, 30m]", TargetConfig("span", 900, 1800)),
        ("immediately", TargetConfig("span")),
        ("next business day", TargetConfig("next business day")),
        ("none", TargetConfig("none")),
        ("{words: within a few hours}", TargetConfig("words", words="within a few hours")),
    ],
)
def test_a_target_has_these_forms(tmp_path: Path, written: str, read: TargetConfig) -> None:
    for field in ("acknowledge", "respond", "resolve"):
        level = loaded(tmp_path, f"policies: {{house: {{levels: {{P1: {{{field}: {written}}}}}}}}}")["house"].levels[
            "P1"
        ]
        assert getattr(level, field) == read
    for field in ("update", "notify", "escalate"):
        level = loaded(tmp_path, f"policies: {{house: {{levels: {{P1: {{{field}: {{a: {written}}}}}}}}}}}")[
            "house"
        ].levels["P1"]
        assert getattr(level, field) == {"a": read}


HOUSE = """\
services:
  shop: {policy: house}
policies:
  house:
    extends: order-service
    levels:
      SEV-1: {respond: 10m, update: {internal: 15m}}
  other:
    extends: house
"""


def test_a_service_may_have_a_policy_of_the_teams_own(tmp_path: Path) -> None:
    assert set(loaded(tmp_path, HOUSE)) == {"house", "other"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("policy: house", "policy: hoose", "2: there is no policy `hoose`; use one of house, other, incident-resp"),
        ("extends: order-service", "extends: orders", "5: there is no policy `orders`; use one of house, other, incid"),
        ("extends: order-service", "extends: other", "5: `house` extends itself: house → other → house; remove one"),
        ("extends: order-service", "extends: house", "5: `house` extends itself: house → house; remove one `extends`"),
        ("  other:", "  order-service:", "8: `order-service` is a shipped policy; give your own another name"),
        ("    extends: house\n", "    levels: {}\n", "8: `other` has no levels; add `levels`, or `extends`"),
        ("      SEV-1:", "      sev-1: {}\n      SEV-1:", "8: the level `SEV-1` stands here a second time; remove one"),
        ("respond: 10m", "respond: soon", "7: `policies.house.levels.SEV-1.respond` is no target; write 30m, 15m-30m,"),
        ("respond: 10m", "respond: 10", "7: `policies.house.levels.SEV-1.respond` is no target; write 30m"),
        ("respond: 10m", "respond: 30m-10m", "7: `policies.house.levels.SEV-1.respond` runs backwards; put"),
        ("respond: 10m", "respond: {word: x}", "7: `policies.house.levels.SEV-1.respond` is no target; words that are"),
        ("respond: 10m", "respond:", "7: "),
        ("respond: 10m", "repond: 10m", "7: unknown key `repond`; did you mean `respond`?"),
        ("internal: 15m", "inter nal: 15m", "7: `policies.house.levels.SEV-1.update.inter nal` has a character"),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_to_do(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in HOUSE
    assert refusal(tmp_path, HOUSE.replace(old, new, 1)).startswith(expected)


def test_a_circle_is_told_once_and_not_of_who_only_leads_into_it(tmp_path: Path) -> None:
    text = "policies:\n  a: {extends: b}\n  b: {extends: c}\n  c: {extends: b}\n"
    assert refusal(tmp_path, text) == "3: `b` extends itself: b → c → b; remove one `extends`"


def calendar(folder: Path, text: str) -> CalendarConfig | None:
    path = folder / "cockpit.yaml"
    path.write_text(f"calendar: {text}\n", encoding="utf-8")
    return load(path).calendar


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{timezone: Europe/Berlin}", ("Europe/Berlin", {0, 1, 2, 3, 4}, (time(9), time(17)))),
        ('{days: "sun-thu", hours: "08:30-24:00"}', ("UTC", {6, 0, 1, 2, 3}, (time(8, 30), None))),
        ('{days: "mon, wed,fri-sat"}', ("UTC", {0, 2, 4, 5}, (time(9), time(17)))),
    ],
)
def test_a_calendar(tmp_path: Path, written: str, expected: tuple[object, ...]) -> None:
    read = calendar(tmp_path, written)
    assert read
    assert (read.timezone, set(read.days), read.hours) == expected


def test_without_a_calendar_there_is_none(tmp_path: Path) -> None:
    assert calendar(tmp_path, "") is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{timezone: Mars/Olympus}", "1: `calendar.timezone` is no time zone; write one like UTC or Europe/Berlin"),
        ("{timezone: ../../etc/passwd}", "1: `calendar.timezone` is no time zone"),
        ("{days: weekdays}", "1: `calendar.days` are no days; write them like mon-fri or mon, wed, fri"),
        ("{days: mon-}", "1: `calendar.days` are no days"),
        ('{days: ""}', "1: `calendar.days` are no days"),
        ('{hours: "9-17"}', "1: `calendar.hours` are no hours; write them in quotes like"),
        ("{hours: 9}", "1: `calendar.hours` are no hours"),
        ('{hours: "17:00-09:00"}', "1: `calendar.hours` end before they begin"),
        ('{hours: "09:00-25:00"}', "1: `calendar.hours` are no hours"),
    ],
)
def test_a_calendar_that_cannot_be_meant(tmp_path: Path, written: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        calendar(tmp_path, written)
    assert str(caught.value).removeprefix(f"{tmp_path / 'cockpit.yaml'}:").startswith(expected)
