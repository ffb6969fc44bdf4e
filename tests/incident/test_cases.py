"""Many incidents: numbers worked out by hand, goals of the plan, and what never changes any number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.incident.cases import Case, counted, group, grouped
from cockpit.incident.entry import Entry
from cockpit.incident.goals import Goal, goals
from cockpit.incident.policies import shipped
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from tests.incident.telling import POLICY, told

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def at(month: int, day: int = 3, *, year: int = 2026) -> datetime:
    """A day of the story."""
    return datetime(year, month, day, tzinfo=UTC)


def incident(
    start: datetime, resolve: float | None, *, taken: float | None = 5, severity: str = "P1", service: str = "shop",
    scenario: str = "", merged: str = "", drill: bool = False, false_alarm: bool = False, id: str = "",
) -> tuple[State, dict[str, Entry]]:  # fmt: skip
    """An incident detected at `start` and declared a minute later; minutes from its detection to each step."""
    steps: list[tuple[float, kinds.Payload]] = [
        (0, kinds.Detected(source="monitoring")),
        (1, kinds.Declared(name="pay", service=service, policy=POLICY, drill=drill)),
        (1, kinds.Severity(severity=severity)),
    ]
    if taken is not None:
        steps.append((taken, kinds.Acknowledged()))
    if scenario:
        step = {"step": f"{scenario}.roll-back", "risk": "changing", "mitigates": True}
        steps.append((2, kinds.RunIntent(run="r", title="Roll back", command="x", **step)))
        steps.append((3, kinds.RunResult(run="r", outcome="succeeded")))
    if merged:
        steps.append((4, kinds.Merge(direction="into", other=merged, label="INC-1")))
    if false_alarm:
        steps.append((6, kinds.Closed(false_alarm="a test")))
    elif resolve is not None:
        steps.append((resolve, kinds.StatusChange(status=Status.RESOLVED)))
        steps.append((resolve + 1, kinds.Closed()))
    steps.sort(key=lambda step: step[0])
    gaps = [(now - before) * 60 for (before, _), (now, _) in zip([(0.0, steps[0][1]), *steps], steps, strict=False)]
    state, entries = told(*[(payload, gap) for (_, payload), gap in zip(steps, gaps, strict=True)], start=start)
    state.incident = id or f"{start:%Y%m%d}{resolve}"
    return state, entries


def cases(*found: tuple[State, dict[str, Entry]], now: datetime = NOW) -> list[Case]:
    """Labelled A, B, C, …"""
    return counted([(chr(65 + n), state) for n, (state, _) in enumerate(found)], shipped(), now)


def goal(found: list[Case], name: str, now: datetime = NOW) -> Goal:
    """The goal of that name."""
    return next(each for each in goals(found, now) if each.name == name)


def test_numbers_worked_out_by_hand() -> None:
    found = cases(
        incident(at(1), 60), incident(at(1, 9), 30, taken=None), incident(at(2), 120, severity="P0", taken=11),
        incident(at(2, 5), None), incident(at(2, 6), None, false_alarm=True), incident(at(2, 7), 999, drill=True),
        incident(at(2, 8), 999, merged="another"), incident(at(3), 10, service="till"),
    )  # fmt: skip
    assert [case.label for case in found] == ["A", "B", "C", "D", "E", "H"]
    january, february, till = grouped(found, ["month", "service"])
    assert [each.key for each in (january, february, till)] == [
        ("2026-01", "shop"), ("2026-02", "shop"), ("2026-03", "till")
    ]  # fmt: skip
    assert (january.spreads["resolve"].mean, january.spreads["resolve"].median) == (45 * 60, 45 * 60)
    assert january.spreads["acknowledge"].known == ("A",)
    assert january.spreads["acknowledge"].unknown == {"not computable: nobody acknowledged it": 1}
    assert [[case.label for case in part] for part in (february.ended, february.still_open, february.false_alarms)] == [
        ["C"], ["D"], ["E"]
    ]  # fmt: skip
    assert february.spreads["resolve"].mean == 120 * 60
    assert february.severities == {"P0": 1, "P1": 1}
    whole = group((), found)
    assert (whole.spreads["resolve"].mean, whole.spreads["resolve"].median) == (55 * 60, 45 * 60)
    alarms = whole.shares["false-positive"]
    assert (alarms.yes, alarms.of, alarms.part) == (1, 5, 0.2)
    assert whole.shares["first-severity"].unknown == 4


def test_response_targets_are_met_when_every_severity_meets_them() -> None:
    good = [incident(at(1), 60), incident(at(2), 30)]
    kept = goal(cases(*good), "response")
    assert (kept.value, kept.reached, kept.text, kept.line) == (1.0, True, "P1 2 of 2", 604)
    missed = goal(cases(*good, incident(at(3), 60, severity="P0", taken=20)), "response")
    assert (missed.value, missed.reached, missed.text) == (0.0, False, "P0 0 of 1, P1 2 of 2")
    assert goal([], "response").text == "not computable: no incident that is over had a response target"


def test_mttr_is_held_against_the_quarter_before() -> None:
    found = cases(incident(at(1), 60), incident(at(2), 30), incident(at(4), 30), incident(at(5), 42))
    mttr = goal(found, "mttr")
    assert mttr.value == pytest.approx(-0.2)
    assert (mttr.reached, mttr.text, mttr.line) == (True, "2026-Q1 (n 2) to 2026-Q2 (n 2)", 605)
    assert goal(found, "mttr", at(6)).text == "2026-Q1 (n 2) to 2026-Q2 so far (n 2)"
    slower = goal(cases(incident(at(12, year=2025), 40), incident(at(1), 37)), "mttr")
    assert (slower.value, slower.reached) == (pytest.approx(-0.075), False)


def test_mttr_has_no_trend_over_a_quarter_without_any() -> None:
    gap = goal(cases(incident(at(1), 60), incident(at(8), 30)), "mttr")
    assert (gap.value, gap.reached) == (None, None)
    assert gap.text == "not computable: 2026-Q2, the quarter before 2026-Q3, has none that was resolved"
    assert goal(cases(incident(at(1), None)), "mttr").text == "not computable: no incident has a time to resolve"


def test_similar_are_those_that_the_same_scenario_helped() -> None:
    def many(year: int, number: int, **more: Any) -> list[tuple[State, dict[str, Entry]]]:
        return [incident(at(2, 1 + day, year=year), 30, **more) for day in range(number)]

    then = many(2025, 6, scenario="crash-loop")
    now = [*many(2026, 4, scenario="crash-loop"), *many(2026, 2, scenario="slow"), *many(2026, 3)]
    other = many(2026, 3, scenario="crash-loop", service="till")[:1]
    old = [incident(at(3, year=2024), 30)]
    similar = goal(cases(*old, *then, *now, *other), "similar")
    assert similar.value == pytest.approx(-0.2)
    assert (similar.reached, similar.line) == (True, 606)
    assert similar.text == "5 in the year before the last 365 days, 4 in these; of 3 no scenario is known"
    young = goal(cases(*then, *now), "similar")
    assert (young.value, young.text) == (None, "not computable: the record has no incident that is two years old")
    none = goal(cases(*old, *now), "similar")
    assert none.text == "not computable: none was known to be similar in the year before the last 365 days"


@st.composite
def stories(draw: st.DrawFn) -> tuple[State, dict[str, Entry]]:
    """Any incident of the year: of two services, over or not, with or without each step."""
    start = at(1) + timedelta(hours=draw(st.integers(0, 24 * 300)))
    minutes = st.one_of(st.none(), st.floats(1, 600).map(lambda each: round(each, 2)))
    return incident(
        start, draw(minutes), taken=draw(minutes), severity=draw(st.sampled_from(["P0", "P1", "P2"])),
        service=draw(st.sampled_from(["shop", "till"])), scenario=draw(st.sampled_from(["", "crash-loop"])),
        false_alarm=draw(st.booleans()), id=draw(st.uuids().map(str)),
    )  # fmt: skip


@given(st.lists(stories(), max_size=6), st.lists(stories(), max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_drills_and_merged_ones_change_no_number_and_order_does_not_matter(
    real: list[tuple[State, dict[str, Entry]]], noise: list[tuple[State, dict[str, Entry]]], random: Random
) -> None:
    states = [(state.incident, state) for state, _ in real]
    drills, duplicates = [each.copy() for each, _ in noise], [each.copy() for each, _ in noise]
    for drill, duplicate in zip(drills, duplicates, strict=True):
        drill.drill, duplicate.merged_into = True, "another"
    mixed = [*states, *((f"D{n}", each) for n, each in enumerate([*drills, *duplicates]))]
    random.shuffle(mixed)
    alone, together = counted(states, shipped(), NOW), counted(mixed, shipped(), NOW)
    assert alone == together
    for by in ((), ("month",), ("month", "service")):
        assert grouped(alone, by) == grouped(together, by)
    assert goals(alone, NOW) == goals(together, NOW)


@given(st.lists(stories(), min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
def test_every_number_can_be_computed_again_from_its_entries(real: list[tuple[State, dict[str, Entry]]]) -> None:
    entries = {state.incident: known for state, known in real}
    for case in counted([(state.incident, state) for state, _ in real], shipped(), NOW):
        for each in case.measures.values():
            assert (each.seconds is None) == each.why.startswith("not computable: ")
            if each.seconds is not None:
                since, until = (entries[case.incident][id].occurred for id in each.entries)
                assert each.seconds == (until - since).total_seconds() >= 0
        for answer in case.judged.values():
            assert (answer.value is None) == bool(answer.why)
            assert all(id in entries[case.incident] for id in answer.entries)
