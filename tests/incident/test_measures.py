"""The measures of one incident: computed again from the entries that they name, and never from a guessed time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cockpit.incident import kinds
from cockpit.incident.measures import Judged, Measure, judgements, measures
from cockpit.incident.policies import shipped
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.incident.timeline import Timeline
from tests.incident.telling import FULL, POLICY, Step, told, without
from tests.stories import START, Writer

LATER = START + timedelta(days=2)


def measure(state: State, name: str) -> Measure:
    """The measure of that name."""
    return next(each for each in measures(state) if each.name == name)


def judged(state: State, name: str, now: datetime = LATER) -> Judged:
    """The judgement of that name, by the policy that the record names."""
    return next(each for each in judgements(state, shipped().get(state.policy), now) if each.name == name)


def test_each_measure_is_what_its_entries_say() -> None:
    state, entries = told(*FULL)
    found = {each.name: each for each in measures(state)}
    assert {name: each.seconds for name, each in found.items()} == {
        "detect": 60, "acknowledge": 90, "mitigate": 480, "resolve": 1080, "first-update": 120,
    }  # fmt: skip
    for each in found.values():
        since, until = (entries[id] for id in each.entries)
        assert each.seconds == (until.occurred - since.occurred).total_seconds()
    answers = {each.name: each.value for each in judgements(state, shipped()[POLICY], LATER)}
    assert answers == {
        "first-severity": True, "last-severity": True, "false-positive": False, "response-target": True,
        "resolution-target": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [
        (kinds.Detected, "resolve", "not computable: no detection time"),
        (kinds.Detected, "acknowledge", "not computable: no detection time"),
        (kinds.ThresholdCrossed, "detect", "not computable: nothing says when it began"),
        (kinds.Acknowledged, "acknowledge", "not computable: nobody acknowledged it"),
        (kinds.Mitigation, "mitigate", "not computable: nothing mitigated it"),
        (kinds.StatusChange, "resolve", "not computable: it is not resolved"),
        (kinds.Delivery, "first-update", "not computable: customers were told nothing"),
    ],
)
def test_what_is_missing_is_said_and_never_guessed(kind: type[kinds.Payload], name: str, why: str) -> None:
    found = measure(told(*without(kind))[0], name)
    assert (found.seconds, found.why, found.entries) == (None, why, ())


def test_what_ended_before_it_began_is_not_computable() -> None:
    writer = Writer()
    entries = [writer.write(kinds.Declared(name="x")), writer.write(kinds.Acknowledged(), after=10)]
    entries.append(writer.write(kinds.Detected(source="customer"), after=600))
    found = measure(Timeline(entries).state, "acknowledge")
    assert found.seconds is None
    assert found.why == "not computable: it ended 2026-03-14 02:00:10Z, before it began 2026-03-14 02:10:10Z"
    assert found.entries == (entries[2].id, entries[1].id)


def test_an_amended_time_counts_and_is_the_entry_that_is_named() -> None:
    writer = Writer()
    first = writer.write(kinds.Detected(source="monitoring"))
    entries = [first, writer.write(kinds.Declared(name="x"), after=60), writer.write(kinds.Acknowledged(), after=60)]
    entries.append(writer.write(kinds.Detected(source="monitoring"), after=600, ago=780, supersedes=first.id))
    found = measure(Timeline(entries).state, "acknowledge")
    assert (found.seconds, found.entries) == (180, (entries[3].id, entries[2].id))


def test_the_impacts_own_word_is_when_it_began_and_of_a_reopened_incident_the_last_resolution_counts() -> None:
    since = datetime(2026, 3, 14, 1, 50, tzinfo=UTC)
    again: tuple[Step, ...] = (
        (kinds.Impact(text="cards fail", since=since), 0), (kinds.Reopened(why="again"), 60),
        (kinds.Mitigation(text="once more"), 60), (kinds.StatusChange(status=Status.RESOLVED), 540),
    )  # fmt: skip
    state, _ = told(*FULL[:-2], *again)
    assert measure(state, "detect").seconds == 660
    assert (measure(state, "resolve").seconds, measure(state, "mitigate").seconds) == (1740, 480)
    assert measure(state, "resolve").counts == "reopened: the last resolution counts"
    assert measure(state, "mitigate").counts == "reopened: the first mitigation counts"
    assert measure(state, "acknowledge").counts == ""


def test_a_breach_that_was_over_before_and_a_warning_are_not_when_it_began() -> None:
    breach = kinds.ThresholdCrossed(id="e", title="errors", state="breach")
    well = kinds.ThresholdCrossed(id="e", title="errors", state="ok")
    warned = kinds.ThresholdCrossed(id="m", title="memory", state="warning")
    begun: tuple[Step, ...] = ((kinds.Pods(state="crashing", count=1), 1000), (kinds.Detected(source="monitoring"), 20))
    assert measure(told((breach, 0), (well, 60), (warned, 0), *begun)[0], "detect").seconds == 20
    assert measure(told((warned, 0), (kinds.Detected(source="monitoring"), 9))[0], "detect").seconds is None


def test_a_breach_that_cannot_be_read_any_more_is_not_over() -> None:
    breach = kinds.ThresholdCrossed(id="e", title="errors", state="breach")
    lost = kinds.ThresholdCrossed(id="e", title="errors", state="unknown")
    assert measure(told((breach, 0), (lost, 60), (kinds.Detected(source="customer"), 60))[0], "detect").seconds == 120


def test_a_severity_that_nobody_reviewed_is_neither_right_nor_wrong() -> None:
    found = judged(told(*FULL[:-1])[0], "first-severity")
    assert (found.value, found.why) == (None, "not computable: nobody has reviewed the severity")
    unset = judged(told(*without(kinds.Severity))[0], "last-severity")
    assert (unset.value, unset.why) == (None, "not computable: nobody set a severity")
    other = judged(told(*FULL[:-1], (kinds.Review(section="severity", text="high, we think"), 1))[0], "first-severity")
    assert other.why == f"not computable: the review names no severity of {POLICY}"


def test_the_first_severity_and_the_one_at_the_end_are_judged_apart() -> None:
    state, entries = told(*FULL[:5], (kinds.Severity(severity="P0"), 5), *FULL[5:-1],
                          (kinds.Review(section="severity", text="p0"), 1))  # fmt: skip
    first, last = judged(state, "first-severity"), judged(state, "last-severity")
    assert (first.value, last.value) == (False, True)
    assert [entries[id].kind for id in last.entries] == ["severity", "review"]


def test_a_false_alarm_is_one_when_it_is_closed_so() -> None:
    alarm, _ = told((kinds.Declared(name="x"), 0), (kinds.Closed(false_alarm="a test"), 60))
    assert judged(alarm, "false-positive").value is True
    assert judged(told(*FULL[:-2])[0], "false-positive").why == "not computable: it is not closed"


def declared(*more: Step) -> State:
    """A P1 of the plan: "Response SLA: Within 15 minutes" (production-incident-response-plan.md:37)."""
    return told((kinds.Declared(name="x", policy=POLICY), 0), (kinds.Severity(severity="P1"), 0), *more)[0]


def test_a_target_that_passed_with_nothing_done_is_missed_also_when_it_is_over() -> None:
    over: Step = (kinds.StatusChange(status=Status.RESOLVED), 1200)
    assert judged(declared(over), "response-target").value is False
    early = judged(declared((kinds.StatusChange(status=Status.RESOLVED), 60)), "response-target")
    assert (early.value, early.why) == (None, "not computable: it was not done, and was not due yet")
    assert judged(declared(), "response-target", START + timedelta(minutes=14)).value is None
    assert judged(declared(), "response-target", START + timedelta(minutes=15)).value is False


def test_a_snooze_puts_off_the_reminder_and_not_the_target() -> None:
    snooze = kinds.Snooze(clock="ack", until=START + timedelta(hours=1), why="in a tunnel")
    late = declared((snooze, 60), (kinds.Acknowledged(), 1200))
    assert judged(late, "response-target").value is False


def test_without_a_policy_or_a_severity_there_is_no_target() -> None:
    unknown, _ = told((kinds.Declared(name="x", policy="of another house"), 0))
    assert judged(unknown, "response-target").why == ("not computable: the policy of another house is not known here")
    unset, _ = told((kinds.Declared(name="x", policy=POLICY), 0))
    assert judged(unset, "response-target").why == "not computable: nobody set a severity"


def test_a_breach_that_was_read_after_the_detection_is_not_when_it_began() -> None:
    """An alert is older than the cockpit's own reading of the same breach: when it began is not known, and is not 0."""
    breach = kinds.ThresholdCrossed(id="e", title="errors", state="breach")
    found = measure(told((kinds.Detected(source="monitoring"), 0), (breach, 2))[0], "detect")
    assert (found.seconds, found.why) == (None, "not computable: nothing says when it began")
    since = datetime(2026, 3, 14, 1, 50, tzinfo=UTC)
    said = (kinds.Impact(text="cards fail", since=since), 60)
    assert measure(told((kinds.Detected(source="monitoring"), 0), (breach, 2), said)[0], "detect").seconds is not None
