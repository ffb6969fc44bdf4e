"""The clocks: from record and policy alone, never nagging after an update that really went out."""

from __future__ import annotations

from datetime import timedelta

from cockpit.incident import kinds
from cockpit.incident.clocks import clocks, next_update
from cockpit.incident.policies import shipped
from cockpit.incident.terms import Status
from cockpit.incident.timeline import Timeline
from tests.stories import START, Writer

PLAN = shipped()["incident-response-plan"]


def message(id: str, **fields: object) -> kinds.Message:
    base = {"message": id, "template": "t", "audience": "customers", "channels": ("paper",), "title": "", "text": ""}
    return kinds.Message.model_validate(base | fields)


def standing(timeline: Timeline, seconds: float) -> dict[str, str]:
    now = START + timedelta(seconds=seconds)
    return {clock.title: clock.standing(now) for clock in clocks(timeline.state, PLAN)}


def test_nothing_is_due_before_a_declaration() -> None:
    assert clocks(Timeline([Writer().write(kinds.Note(text="hm"))]).state, PLAN) == []


def test_the_public_page_is_due_five_minutes_after_the_declaration_whatever_the_severity() -> None:
    timeline = Timeline([Writer().write(kinds.Declared(name="x"))])
    assert standing(timeline, 0) == {"page": "running"}
    assert standing(timeline, 241) == {"page": "due soon"}
    assert standing(timeline, 300) == {"page": "overdue"}


def test_a_range_is_due_soon_at_its_lower_end_and_overdue_at_its_upper() -> None:
    writer = Writer()
    timeline = Timeline([writer.write(kinds.Declared(name="x")), writer.write(kinds.Severity(severity="P1"))])
    assert standing(timeline, 60) == {
        "page": "running", "internal": "running", "acknowledge": "running", "resolve": "running",
    }  # fmt: skip
    assert standing(timeline, 16 * 60)["internal"] == "due soon"
    assert standing(timeline, 30 * 60)["internal"] == "overdue"
    assert standing(timeline, 121 * 60)["resolve"] == "overdue"


def test_only_what_really_went_out_starts_the_next_clock() -> None:
    writer = Writer()
    entries = [
        writer.write(kinds.Declared(name="x")),
        writer.write(kinds.Severity(severity="P1")),
        writer.write(message("m", next_update=START + timedelta(minutes=20)), after=60),
    ]
    assert standing(Timeline(entries), 400)["page"] == "overdue", "queued is not told"
    entries.append(writer.write(kinds.Delivery(message="m", channel="paper", state="sent"), after=1))
    timeline = Timeline(entries)
    assert standing(timeline, 400)["page"] == "running"
    assert standing(timeline, 20 * 60)["page"] == "overdue", "a promise is the deadline"


def test_met_and_missed_stay_and_the_rest_stops_when_it_is_over() -> None:
    writer = Writer()
    entries = [writer.write(kinds.Declared(name="x")), writer.write(kinds.Severity(severity="P0"))]
    entries.append(writer.write(kinds.Acknowledged(), after=48))
    entries.append(writer.write(kinds.StatusChange(status=Status.RESOLVED), after=3600))
    timeline = Timeline(entries)
    assert standing(timeline, 4000) == {"acknowledge": "met", "resolve": "missed"}
    assert next_update(timeline.state, PLAN, "customers", START) is None


def test_a_promise_is_the_upper_end_of_the_cadence() -> None:
    writer = Writer()
    timeline = Timeline([writer.write(kinds.Declared(name="x")), writer.write(kinds.Severity(severity="P2"))])
    assert next_update(timeline.state, PLAN, "customers", START) == START + timedelta(hours=2)
    assert next_update(Timeline().state, PLAN, "customers", START) is None
