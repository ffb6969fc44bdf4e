"""Measures: reproducible from the entries that they name, not computable where something is missing, and drills out."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.measures import accuracy, false_positive, measures
from cockpit.incident.policies import shipped
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.incident.timeline import Timeline
from cockpit.incident.trends import counted, group, grouped, trends
from tests.stories import Writer

MESSAGE = kinds.Message(message="m", template="t", audience="customers", channels=("paper",), title="", text="")


def told(*steps: tuple[kinds.Payload, float], start: datetime | None = None) -> tuple[State, dict[str, Entry]]:
    """The state after payloads that follow each other by so many seconds, and the entries by their id."""
    writer = Writer(start=start) if start else Writer()
    entries = [writer.write(payload, after=after) for payload, after in steps]
    return Timeline(entries).state, {entry.id: entry for entry in entries}


FULL: tuple[tuple[kinds.Payload, float], ...] = (
    (kinds.ThresholdCrossed(id="e", title="errors", state="breach", value=9.0), 0),
    (kinds.Detected(source="monitoring"), 60),
    (kinds.Declared(name="pay", service="shop", policy="payment-service"), 60),
    (kinds.Severity(severity="P1"), 0),
    (kinds.Acknowledged(), 30),
    (MESSAGE, 90),
    (kinds.Delivery(message="m", channel="paper", state="sent"), 0),
    (kinds.Mitigation(text="rolled back"), 300),
    (kinds.StatusChange(status=Status.RESOLVED), 600),
    (kinds.Review(section="severity", text="P1"), 3600),
    (kinds.Closed(), 60),
)


def test_each_measure_is_what_its_entries_say() -> None:
    state, entries = told(*FULL)
    found = {measure.name: measure for measure in measures(state)}
    assert {name: measure.seconds for name, measure in found.items()} == {
        "detect": 60, "acknowledge": 90, "mitigate": 480, "resolve": 1080, "first-update": 120,
    }  # fmt: skip
    for measure in found.values():
        since, until = (entries[id] for id in measure.entries)
        assert measure.seconds == (until.occurred - since.occurred).total_seconds()
    assert accuracy(state).value is True
    assert false_positive(state).value is False


@pytest.mark.parametrize(
    ("without", "name", "why"),
    [
        (kinds.Detected, "resolve", "not computable: no detection time"),
        (kinds.ThresholdCrossed, "detect", "not computable: nothing says when it began"),
        (kinds.Acknowledged, "acknowledge", "not computable: nobody acknowledged it"),
        (kinds.Mitigation, "mitigate", "not computable: nothing mitigated it"),
        (kinds.StatusChange, "resolve", "not computable: it is not resolved"),
        (kinds.Delivery, "first-update", "not computable: customers were told nothing"),
    ],
)
def test_what_is_missing_is_said_and_never_guessed(without: type[kinds.Payload], name: str, why: str) -> None:
    state, _ = told(*(step for step in FULL if not isinstance(step[0], without)))
    (measure,) = (each for each in measures(state) if each.name == name)
    assert (measure.seconds, measure.why) == (None, why)


def test_what_ended_before_it_began_is_not_computable() -> None:
    writer = Writer()
    entries = [writer.write(kinds.Declared(name="x")), writer.write(kinds.Acknowledged(), after=10)]
    entries.append(writer.write(kinds.Detected(source="customer"), after=600))
    (measure,) = (each for each in measures(Timeline(entries).state) if each.name == "acknowledge")
    assert measure.seconds is None
    assert "it ended 2026-03-14 02:00:10Z before it began 2026-03-14 02:10:10Z" in measure.why


def test_the_impacts_own_word_is_when_it_began_and_the_last_resolution_counts() -> None:
    since = datetime(2026, 3, 14, 1, 50, tzinfo=UTC)
    state, _ = told(
        *FULL[:-2], (kinds.Impact(text="cards fail", since=since), 0), (kinds.Reopened(why="again"), 60),
        (kinds.StatusChange(status=Status.RESOLVED), 600),
    )  # fmt: skip
    found = {measure.name: measure.seconds for measure in measures(state)}
    assert found["detect"] == 660
    assert found["resolve"] == 1740


def test_an_alarm_that_was_over_before_is_not_when_it_began() -> None:
    state, _ = told(
        (kinds.ThresholdCrossed(id="e", title="errors", state="warning"), 0),
        (kinds.ThresholdCrossed(id="e", title="errors", state="ok"), 60),
        (kinds.Pods(state="crashing", count=1), 1000),
        (kinds.Detected(source="monitoring"), 20),
    )
    assert {m.name: m.seconds for m in measures(state)}["detect"] == 20


def test_a_severity_that_nobody_reviewed_is_neither_right_nor_wrong() -> None:
    state, _ = told(*FULL[:-2])
    assert (accuracy(state).value, accuracy(state).why) == (None, "nobody has reviewed the severity")
    state, _ = told(*FULL[:-2], (kinds.Review(section="severity", text="P0"), 1))
    assert accuracy(state).value is False


def month(number: int, minutes: float, *, name: str = "pay", **declared: bool) -> State:
    """An incident of 2026 that took so many minutes from its detection to its resolution."""
    return told(
        (kinds.Detected(source="monitoring"), 0),
        (kinds.Declared(name=name, service="shop", policy="payment-service", **declared), 0),
        (kinds.StatusChange(status=Status.RESOLVED), minutes * 60),
        start=datetime(2026, number, 3, tzinfo=UTC),
    )[0]


def test_groups_means_and_the_goal_of_the_plan() -> None:
    states = [("A", month(1, 60)), ("B", month(2, 30)), ("C", month(4, 30)), ("D", month(5, 42))]
    cases = counted(states, shipped())
    by_month = grouped(cases, ["month", "service"])
    assert [each.key for each in by_month] == [(f"2026-{n:02}", "shop") for n in (1, 2, 4, 5)]
    whole = group((), cases)
    assert (whole.spreads["resolve"].mean, whole.spreads["resolve"].median) == (40.5 * 60, 36 * 60)
    assert whole.spreads["mitigate"].mean is None
    assert whole.spreads["mitigate"].unknown == ("A", "B", "C", "D")
    mttr, similar = trends(cases)
    assert mttr.change == pytest.approx(-0.2)
    assert (mttr.reached, mttr.text) == (True, "2026-Q1 to 2026-Q2")
    assert similar.change is None
    assert "fewer than two years" in similar.text


def test_a_false_alarm_counts_in_its_rate_alone() -> None:
    alarm, _ = told((kinds.Declared(name="x"), 0), (kinds.Closed(false_alarm="a test"), 60))
    whole = group((), counted([("A", month(1, 60)), ("F", alarm)], shipped()))
    assert (whole.false_positives.yes, whole.false_positives.of, whole.false_positives.unknown) == (1, 1, 1)
    assert whole.spreads["resolve"].known == ("A",)


NUMBERS = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 600)), max_size=12)


@given(NUMBERS, NUMBERS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_drills_and_merged_ones_change_nothing_and_order_does_not_matter(
    real: list[tuple[int, int]], drills: list[tuple[int, int]], random: Random
) -> None:
    states = [(f"R{n}", month(*each)) for n, each in enumerate(real)]
    noise = [(f"D{n}", month(*each, drill=True)) for n, each in enumerate(drills)]
    for label, state in [(f"M{n}", month(*each)) for n, each in enumerate(drills)]:
        state.merged_into = "another"
        noise.append((label, state))
    mixed = [*states, *noise]
    random.shuffle(mixed)
    alone, together = counted(states, shipped()), counted(mixed, shipped())
    assert sorted(c.label for c in together) == sorted(c.label for c in alone)
    for first, second in zip(grouped(alone, ["month"]), grouped(together, ["month"]), strict=True):
        assert first.spreads["resolve"].mean == pytest.approx(second.spreads["resolve"].mean)
        assert (first.key, first.deadlines, first.severities) == (second.key, second.deadlines, second.severities)
    assert [trend.reached for trend in trends(alone)] == [trend.reached for trend in trends(together)]
