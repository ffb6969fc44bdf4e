"""How far a list is: time boxes at their edges, ticks of facts and of people, and what is due after the incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cockpit.incident import kinds
from cockpit.incident.checklists import PhaseProgress, Progress, Tick, find, progress
from cockpit.incident.entry import Entry
from cockpit.incident.fold import fold
from cockpit.incident.kinds import Payload
from cockpit.incident.policies import Range
from cockpit.incident.terms import Status
from tests.stories import START, Writer


@dataclass(frozen=True)
class Item:
    """An item of a list."""

    id: str
    answered_by: str = ""
    text: str = "Do it"


@dataclass(frozen=True)
class Phase:
    """A part of a list."""

    title: str
    begins: float | None = None
    ends: float | None = None
    within: Range | None = None
    items: Sequence[Item] = (Item("x"),)


@dataclass(frozen=True)
class List:
    """A list."""

    phases: Sequence[Phase]
    role: str = "ic"
    title: str = "A list"


@dataclass
class Story:
    """An incident that is written as a test goes, and looked at when it likes."""

    writer: Writer = field(default_factory=Writer)
    entries: list[Entry] = field(default_factory=list)

    def write(self, payload: Payload, **more: object) -> Entry:
        self.entries.append(self.writer.write(payload, **more))  # type: ignore[arg-type]
        return self.entries[-1]

    def at(self, checklist: List, *, seconds: float = 0.0) -> Progress:
        """The list so long after START."""
        return progress(checklist, fold(self.entries), START + timedelta(seconds=seconds))


def declared() -> Story:
    story = Story()
    story.write(kinds.Declared(name="payment-failure"))
    return story


def ticked(state: str, item: str = "x", why: str = "") -> Payload:
    return kinds.ChecklistItem.model_validate({"item": item, "state": state, "text": "Do it", "why": why})


RESOLVED = kinds.StatusChange(status=Status.RESOLVED)
BOXES = List((Phase("first", 0, 5), Phase("second", 5, 15), Phase("ongoing", 15), Phase("whenever")))


def titles(found: Progress) -> list[str]:
    return [phase.phase.title for phase in found.phases if phase.now]


EDGES = [
    (-1, []), (0, ["first"]), (299.999, ["first"]), (300, ["second"]), (899.999, ["second"]), (900, ["ongoing"]),
    (1_000_000, ["ongoing"]),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "now"), EDGES)
def test_a_time_box_begins_with_its_first_instant_and_ends_before_its_last(seconds: float, now: list[str]) -> None:
    assert titles(declared().at(BOXES, seconds=seconds)) == now


def test_nothing_is_now_before_the_declaration() -> None:
    story = Story()
    story.write(kinds.Watching(service="payment-service"))
    assert titles(story.at(BOXES, seconds=60)) == []


def test_nothing_is_now_once_it_is_over_and_after_a_reopening_the_boxes_run_from_the_declaration() -> None:
    story = declared()
    story.write(RESOLVED, after=120)
    assert titles(story.at(BOXES, seconds=121)) == []
    story.write(kinds.Closed(), after=60)
    assert titles(story.at(BOXES, seconds=200)) == []
    story.write(kinds.Reopened(why="it is back"), after=240)
    assert titles(story.at(BOXES, seconds=421)) == ["second"]


def test_a_time_box_says_what_is_left() -> None:
    found = declared().at(BOXES, seconds=460)
    assert [phase.standing_words(START) for phase in found.phases] == ["", "now, 7:20 left", "", ""]
    assert [phase.given for phase in found.phases] == ["0–5 min", "5–15 min", "ongoing", ""]
    assert declared().at(BOXES, seconds=901).phases[2].standing_words(START) == "now"


ACKNOWLEDGED = List((Phase("first", items=(Item("x", "acknowledged"),)),))


def only(found: Progress) -> Tick:
    return found.phases[0].ticks[0]


def test_a_fact_ticks_an_item_and_says_by_which_entry() -> None:
    story = declared()
    assert only(story.at(ACKNOWLEDGED)) == Tick(Item("x", "acknowledged"), "open", None)
    entry = story.write(kinds.Acknowledged(), after=48, actor="@bob")
    tick = only(story.at(ACKNOWLEDGED))
    assert (tick.state, tick.answered, tick.ref, tick.deed) == ("done", True, entry.id[-6:], "ack")
    assert tick.fact
    assert (tick.fact.actor, tick.fact.at) == ("@bob", entry.occurred)
    assert (story.at(ACKNOWLEDGED).settled, story.at(ACKNOWLEDGED).total) == (1, 1)


@pytest.mark.parametrize("state", ["done", "open", "not-applicable"])
@pytest.mark.parametrize("before", [True, False])
def test_what_a_person_said_stands_above_the_fact(state: str, before: bool) -> None:
    story = declared()
    if not before:
        story.write(kinds.Acknowledged(), after=10)
    entry = story.write(ticked(state, why="alone"), after=10, actor="@cara")
    if before:
        story.write(kinds.Acknowledged(), after=10)
    tick = only(story.at(ACKNOWLEDGED))
    assert (tick.state, tick.answered, tick.ref, tick.why) == (state, False, entry.id[-6:], "alone")


def test_a_fact_that_no_longer_holds_ticks_no_more() -> None:
    lists = List((Phase("first", items=(Item("x", "resolved"),)),))
    story = declared()
    story.write(RESOLVED, after=10)
    assert only(story.at(lists)).state == "done"
    story.write(kinds.Reopened(why="it is back"), after=10)
    assert only(story.at(lists)).state == "open"


HOUR = timedelta(hours=1)
TWO_HOURS, DAY = Range(2 * HOUR, 2 * HOUR), Range(24 * HOUR, 48 * HOUR)
AFTER = List((Phase("At once", within=TWO_HOURS, items=(Item("x"), Item("y"))), Phase("Later", within=DAY)), "after")


def over() -> Story:
    """Resolved ten minutes in."""
    story = declared()
    story.write(RESOLVED, after=600)
    return story


def standings(story: Story, *, hours: float) -> list[str | None]:
    """So long after the resolution."""
    return [phase.standing for phase in story.at(AFTER, seconds=600 + hours * 3600).phases]


def test_what_comes_after_waits_for_the_resolution() -> None:
    found = declared().at(AFTER, seconds=999_999)
    assert not found.begun
    assert [(phase.due, phase.standing, phase.standing_words(START)) for phase in found.phases] == [
        (None, None, "")
    ] * 2
    assert [phase.given for phase in found.phases] == ["within 2 h", "within 24–48 h"]


def test_dates_run_from_the_resolution() -> None:
    found = over().at(AFTER, seconds=600)
    end = START + timedelta(seconds=600)
    assert found.begun
    assert [phase.due for phase in found.phases] == [end + 2 * HOUR, end + 48 * HOUR]
    assert found.phases[0].standing_words(end + HOUR) == "due in 1:00:00"


@pytest.mark.parametrize(
    ("hours", "first", "second"),
    [
        (0, "running", "running"), (1.59, "running", "running"), (1.61, "due soon", "running"),
        (1.999, "due soon", "running"), (2, "overdue", "running"), (23.9, "overdue", "running"),
        (24, "overdue", "due soon"), (48, "overdue", "overdue"),
    ],
)  # fmt: skip
def test_where_a_date_stands_at_its_edges(hours: float, first: str, second: str) -> None:
    assert standings(over(), hours=hours) == [first, second]


def test_a_date_is_met_when_the_last_item_was_settled_in_time_and_missed_when_it_was_later() -> None:
    story = over()
    story.write(ticked("done", "y"), after=3600)
    assert standings(story, hours=3) == ["overdue", "running"]
    assert story.at(AFTER, seconds=600 + 2.5 * 3600).phases[0].standing_words(START + timedelta(seconds=9600)) == (
        "overdue 30:00"
    )
    in_time = Story(story.writer, list(story.entries))
    in_time.write(ticked("not-applicable", why="one service"), after=3600)
    assert standings(in_time, hours=99) == ["met", "met"]
    assert in_time.at(AFTER).phases[0].standing_words(START) == ""


def test_a_date_that_was_missed_says_so() -> None:
    story = over()
    story.write(ticked("done", "y"), after=3600)
    story.write(ticked("done"), after=3601)
    assert standings(story, hours=99)[0] == "missed"
    assert story.at(AFTER, seconds=99 * 3600).phases[0].standing_words(START) == "done late"


def test_dates_stay_where_they_are_when_it_is_closed_and_are_gone_when_it_is_reopened() -> None:
    story = over()
    dates = [phase.due for phase in story.at(AFTER).phases]
    story.write(kinds.Closed(), after=3600)
    assert [phase.due for phase in story.at(AFTER).phases] == dates
    story.write(kinds.Reopened(why="it is back"), after=60)
    assert [phase.due for phase in story.at(AFTER).phases] == [None, None]
    story.write(RESOLVED, after=60)
    assert story.at(AFTER).phases[0].due == story.entries[-1].occurred + 2 * HOUR


def test_without_a_resolution_they_run_from_the_closing() -> None:
    story = declared()
    story.write(kinds.Closed(), after=60)
    assert story.at(AFTER).phases[0].due == START + timedelta(seconds=60) + 2 * HOUR


@pytest.mark.parametrize("end", [kinds.Closed(false_alarm="a test"), kinds.Merge(direction="into", other="i", why="w")])
def test_a_false_alarm_and_a_duplicate_leave_nothing_to_follow_up(end: Payload) -> None:
    story = declared()
    story.write(end, after=60)
    found = story.at(AFTER, seconds=999_999)
    assert not found.begun
    assert [phase.due for phase in found.phases] == [None, None]


def test_an_item_is_found_in_any_list() -> None:
    assert find([BOXES, AFTER], "y") == Item("y")
    assert find([BOXES, AFTER], "z") is None


@given(boxes=some.lists(some.integers(1, 60), min_size=1, max_size=6), elapsed=some.integers(-6_000, 30_000))
def test_of_boxes_that_follow_one_another_one_is_now_until_the_last_ends(boxes: list[int], elapsed: int) -> None:
    starts = [sum(boxes[:number]) for number in range(len(boxes) + 1)]
    phases = [Phase(str(n), start, start + box) for n, (start, box) in enumerate(zip(starts, boxes, strict=False))]
    now: list[PhaseProgress] = [p for p in declared().at(List(phases), seconds=elapsed).phases if p.now]
    inside = 0 <= elapsed < 60 * sum(boxes)
    assert len(now) == inside
    for phase in now:
        assert phase.left is not None
        assert timedelta(0) < phase.left <= timedelta(minutes=phase.phase.ends or 0)
