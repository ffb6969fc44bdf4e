"""The clocks: from record and policy alone, never nagging after an update that really went out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cockpit.incident import kinds
from cockpit.incident.clocks import Due, clocks, next_update
from cockpit.incident.entry import Entry
from cockpit.incident.kinds import Payload
from cockpit.incident.policies import NEXT_BUSINESS_DAY, Level, Policy, Range, Words, shipped
from cockpit.incident.terms import Role, Status
from cockpit.incident.timeline import Timeline
from cockpit.values import replace
from tests.stories import START, Writer

PLAN, RUNBOOK = shipped()["incident-response-plan"], shipped()["payment-service"]
MINUTE, HOUR = 60, 3600


def message(id: str, audience: str = "customers", **fields: object) -> kinds.Message:
    base = {"message": id, "template": "t", "audience": audience, "channels": ("paper",), "title": "", "text": ""}
    return kinds.Message.model_validate(base | fields)


def sent(id: str) -> kinds.Delivery:
    return kinds.Delivery(message=id, channel="paper", state="sent")


def instant(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Story:
    """An incident, told in seconds from its beginning."""

    def __init__(self, severity: str | None = None, policy: Policy = PLAN) -> None:
        self.writer, self.policy = Writer(), policy
        self.entries: list[Entry] = [self.writer.write(kinds.Declared(name="x"))]
        if severity:
            self.at(0, kinds.Severity(severity=severity))

    def at(self, seconds: float, *payloads: Payload) -> Story:
        self.writer.now = instant(seconds)
        self.entries += [self.writer.write(payload) for payload in payloads]
        return self

    def told(self, seconds: float, id: str, audience: str = "customers", **fields: object) -> Story:
        return self.at(seconds, message(id, audience, **fields), sent(id))

    def resolved(self, seconds: float) -> Story:
        return self.at(seconds, kinds.StatusChange(status=Status.RESOLVED))

    @property
    def timeline(self) -> Timeline:
        return Timeline(self.entries)

    @property
    def clocks(self) -> dict[str, Due]:
        return {clock.name: clock for clock in clocks(self.timeline.state, self.policy)}

    def standing(self, seconds: float) -> dict[str, str]:
        return {clock.title: clock.standing(instant(seconds)) for clock in self.clocks.values()}

    def due(self, name: str) -> float:
        return (self.clocks[name].due - START).total_seconds()


def test_nothing_is_due_before_a_declaration_or_without_a_policy() -> None:
    assert clocks(Timeline([Writer().write(kinds.Note(text="hm"))]).state, PLAN) == []
    assert clocks(Story("P1").timeline.state, None) == []


def test_the_public_page_is_due_five_minutes_after_the_declaration_whatever_the_severity() -> None:
    story = Story()
    assert story.standing(0) == {"page": "running"}
    assert story.standing(241) == {"page": "due soon"}
    assert story.standing(300) == {"page": "overdue"}
    assert Story("P9").standing(300) == {"page": "overdue"}, "a severity that the policy does not have"


def test_a_range_is_due_soon_at_its_lower_end_and_overdue_at_its_upper() -> None:
    story = Story("P1")
    assert story.standing(60) == {
        "page": "running", "internal": "running", "acknowledge": "running", "resolve": "running",
    }  # fmt: skip
    assert story.standing(16 * MINUTE)["internal"] == "due soon"
    assert story.standing(30 * MINUTE)["internal"] == "overdue"
    assert story.standing(121 * MINUTE)["resolve"] == "overdue"


def test_the_header_reads_updates_acknowledge_resolve_then_who_is_told_then_who_is_called_in() -> None:
    assert list(Story("P0").clocks) == [
        "update:customers", "update:internal", "ack", "resolve", "notify:stakeholders", "notify:executive-team",
        "notify:customers", "escalate:incident-commander",
    ]  # fmt: skip


def test_only_what_really_went_out_starts_the_next_clock() -> None:
    story = Story("P1").at(60, message("m", next_update=instant(20 * MINUTE)))
    assert story.standing(400)["page"] == "overdue", "queued is not told"
    story.at(61, sent("m"))
    assert story.standing(400)["page"] == "running"
    assert story.standing(20 * MINUTE)["page"] == "overdue", "a promise is the deadline"


def test_the_message_that_went_out_last_counts_however_early_it_was_written() -> None:
    story = Story("P1").at(60, message("early")).told(120, "later").at(600, sent("early"))
    assert story.due("update:customers") == 600 + 30 * MINUTE


def test_a_message_that_went_out_after_its_own_promise_does_not_nag_at_once() -> None:
    story = Story("P1").at(60, message("m", next_update=instant(60 + 15 * MINUTE))).at(HOUR, sent("m"))
    assert story.standing(HOUR)["page"] == "running"
    assert story.due("update:customers") == HOUR + 15 * MINUTE


def test_a_graver_severity_shortens_what_was_promised_and_a_lesser_one_leaves_it() -> None:
    story = Story("P2").told(60, "m", next_update=instant(60 + 2 * HOUR))
    assert story.due("update:customers") == 60 + 2 * HOUR
    story.at(120, kinds.Severity(severity="P0"))
    assert story.due("update:customers") == 60 + 30 * MINUTE
    story.at(180, kinds.Severity(severity="P3"))
    assert story.due("update:customers") == 60 + 2 * HOUR


def test_met_and_missed_stay_and_the_rest_stops_when_it_is_over() -> None:
    story = Story("P0").at(48, kinds.Acknowledged()).resolved(3648)
    assert story.standing(4000) == {"acknowledge": "met", "resolve": "missed"}
    assert next_update(story.timeline.state, PLAN, "customers", START) is None


def test_a_severity_change_times_the_same_beginning_anew() -> None:
    story = Story("P3").at(HOUR, kinds.Severity(severity="P1"))
    assert story.due("resolve") == 2 * HOUR
    assert story.standing(HOUR)["acknowledge"] == "overdue"


def test_where_no_acknowledgement_is_asked_for_the_response_time_is_the_target() -> None:
    story = Story("P1", RUNBOOK)
    assert story.clocks["ack"].title == "respond"
    assert story.due("ack") == 30 * MINUTE
    assert story.at(29 * MINUTE, kinds.Acknowledged()).standing(HOUR)["respond"] == "met"
    assert "ack" not in Story("SEV-3", shipped()["payment-incident-management"]).clocks, "words are no time"


def test_who_is_told_was_paged_or_read_a_message_or_took_the_role() -> None:
    story = Story("P1", RUNBOOK)
    assert story.due("notify:product-manager") == 30 * MINUTE
    story.at(600, kinds.Page(target="product-manager"))
    story.told(20 * MINUTE, "m", "Engineering Manager")
    standing = story.standing(21 * MINUTE)
    assert (standing["notify Product Manager"], standing["notify Engineering Manager"]) == ("met", "met")
    assert story.clocks["escalate:engineering-manager"].done == instant(20 * MINUTE)
    late = Story("P1", RUNBOOK).at(31 * MINUTE, kinds.Page(target="oncall", handles=("@product-manager",)))
    assert late.standing(HOUR)["notify Product Manager"] == "missed"
    plan = Story("P0").at(120, kinds.RoleChange(role=Role.IC, handle="@alice"))
    assert plan.standing(130)["escalate to incident commander"] == "met"


def test_an_audience_reaches_the_offices_that_its_document_means_by_it() -> None:
    """ "Stakeholder Notification" names them: what stakeholders read, they were told."""
    story = Story("P0", RUNBOOK).told(60, "m", "stakeholders")
    assert {story.clocks[f"notify:{who}"].done for who in ("ceo", "cto", "vp-engineering")} == {instant(60)}
    assert Story("P0", RUNBOOK).told(60, "m", "executives").clocks["notify:cto"].done == instant(60)
    assert Story("P0", RUNBOOK).told(60, "m", "internal").clocks["notify:cto"].done is None


def test_a_promise_to_an_audience_without_a_cadence_is_its_deadline() -> None:
    """It holds until a message that promises nothing more has gone out."""
    story = Story("P1").told(60, "m", "partners", next_update=instant(20 * MINUTE))
    assert story.due("update:partners") == 20 * MINUTE
    assert story.standing(21 * MINUTE)["partners"] == "overdue"
    story.told(22 * MINUTE, "n", "partners")
    assert "update:partners" not in story.clocks


def test_a_page_that_no_channel_took_has_told_nobody() -> None:
    page = kinds.Page(target="product-manager", message="p")
    story = Story("P1", RUNBOOK).at(60, message("p", "product-manager"), page)
    story.at(61, kinds.Delivery(message="p", channel="paper", state="failed", reason="the disk is full"))
    assert story.standing(HOUR)["notify Product Manager"] == "overdue"
    assert story.at(90, sent("p")).clocks["notify:product-manager"].done == instant(90)


def test_immediately_is_due_soon_at_once_and_overdue_after_five_minutes() -> None:
    story = Story("P0", RUNBOOK)
    assert [story.standing(at)["notify CEO"] for at in (0, 299, 300)] == ["due soon", "due soon", "overdue"]
    assert story.at(240, kinds.Page(target="ceo")).standing(301)["notify CEO"] == "met"


def test_who_is_told_because_of_a_severity_is_so_from_when_it_was_set() -> None:
    story = Story("P1", RUNBOOK).at(HOUR, kinds.Page(target="vp-engineering"), kinds.Severity(severity="P0"))
    story.at(HOUR + 60, kinds.Severity(severity="P0", why="the same, with a reason"))
    assert story.due("notify:cto") == HOUR + 5 * MINUTE
    assert story.standing(HOUR + 60)["notify VP Engineering"] == "met", "he knows already"
    assert story.clocks["notify:vp-engineering"].done == story.clocks["notify:vp-engineering"].since


def test_a_condition_that_the_impact_states_starts_a_clock_and_one_that_only_people_know_does_not() -> None:
    story = Story("P2").told(60, "m")
    assert "notify:customers" not in story.clocks
    assert "notify:product-team" not in story.clocks
    story.at(600, kinds.Impact(data=True)).at(660, kinds.Impact(text="more", data=True))
    assert story.due("notify:customers") == 600 + 5 * MINUTE, "from when it was said"
    assert story.clocks["notify:customers"].done is None, "that they were told of something else before is nothing"
    assert story.told(700, "n").standing(700)["notify customers"] == "met"
    story.at(800, kinds.Impact(data=False))
    assert "notify:customers" not in story.clocks


def test_of_two_clocks_of_a_name_the_one_that_waits_is_shown() -> None:
    story = Story("P0").told(60, "m")
    assert story.standing(61)["notify customers"] == "met"
    assert story.at(HOUR, kinds.Impact(data=True)).due("notify:customers") == HOUR + 5 * MINUTE


def test_a_letter_to_an_audience_calls_nobody_in() -> None:
    """What all stakeholders read told the manager of it, and did not call him: the ladder still has him next."""
    story = Story("P1", RUNBOOK).told(20 * MINUTE, "m", "stakeholders")
    standing = story.standing(2 * HOUR)
    assert standing["notify Engineering Manager"] == "met"
    assert standing["escalate to Engineering Manager"] == "overdue"


def test_an_escalation_waits_no_longer_while_a_mitigation_is_in_place() -> None:
    story = Story("P1", RUNBOOK)
    assert story.due("escalate:engineering-manager") == HOUR
    story.at(600, kinds.StatusChange(status=Status.MITIGATING))
    assert "escalate:engineering-manager" not in story.clocks
    story.at(700, kinds.StatusChange(status=Status.INVESTIGATING, text="it did not help"))
    assert story.standing(2 * HOUR)["escalate to Engineering Manager"] == "overdue"
    story.at(2 * HOUR, kinds.Page(target="engineering-manager"), kinds.StatusChange(status=Status.MONITORING))
    assert story.standing(3 * HOUR)["escalate to Engineering Manager"] == "missed", "what was done late stays"


def test_the_next_business_day_is_that_of_the_calendar() -> None:
    """START is a Saturday, 02:00 UTC: on Monday the day begins at nine and ends at five."""
    story = Story("P2", RUNBOOK)
    monday = 2 * 24 * HOUR
    assert [story.standing(monday + hour * HOUR)["notify Team Lead"] for hour in (6, 7, 15)] == [
        "running", "due soon", "overdue",
    ]  # fmt: skip
    daily = Policy(
        "d", "d", "", {"P1": Level("P1", update={"internal": NEXT_BUSINESS_DAY, "x": Words("now and then")})}
    )
    other = Story("P1", daily)
    assert other.due("update:internal") == monday + 15 * HOUR
    assert "update:x" not in other.clocks
    assert next_update(other.timeline.state, daily, "internal", START) == instant(monday + 15 * HOUR)
    assert next_update(other.timeline.state, daily, "x", START) is None


def snooze(clock: str, until: float) -> kinds.Snooze:
    return kinds.Snooze(clock=clock, until=instant(until), why="all are on the call")


def test_a_snoozed_clock_is_due_later_and_says_so() -> None:
    story = Story("P1").at(200, snooze("update:customers", 900))
    clock = story.clocks["update:customers"]
    assert (clock.due, clock.snoozed_until, clock.why) == (instant(900), instant(900), "all are on the call")
    assert [clock.snoozed(instant(at)) for at in (200, 899, 900)] == [True, True, False]
    assert [story.standing(at)["page"] for at in (300, 800, 900)] == ["running", "due soon", "overdue"]


def test_a_snooze_never_brings_a_clock_nearer() -> None:
    story = Story("P1").at(20, snooze("update:customers", 60))
    assert story.clocks["update:customers"].snoozed_until is None
    assert story.due("update:customers") == 300


def test_a_snooze_is_spent_with_the_update_that_it_put_off() -> None:
    story = Story("P1").at(200, snooze("update:customers", 5 * HOUR)).told(400, "m")
    assert story.due("update:customers") == 400 + 30 * MINUTE
    assert story.clocks["update:customers"].snoozed_until is None


def test_the_last_snooze_holds_and_one_after_the_deed_changes_nothing() -> None:
    story = Story("P1").at(10, snooze("ack", 2 * HOUR)).at(20, snooze("ack", HOUR))
    assert story.due("ack") == HOUR
    story.at(400, kinds.Acknowledged())
    assert story.standing(500)["acknowledge"] == "met", "it was put off before it was due"
    late = Story("P1").at(400, kinds.Acknowledged()).at(500, snooze("ack", HOUR))
    assert late.standing(600)["acknowledge"] == "missed"


def test_an_ask_is_a_clock_whatever_the_policy_and_can_be_put_off() -> None:
    due = {"due": instant(300), "text": "is it the pool?"}
    story = Story("P1").at(0, kinds.Ask(ask="a", number=1, handle="@bob", **due)).at(10, snooze("ask:1", 600))
    assert story.due("ask:1") == 600
    assert [clock.name for clock in clocks(story.timeline.state, None)] == ["ask:1"]
    story.at(60, kinds.Ask(ask="a", number=1, handle="@bob", state="answered", answer="no"))
    assert "ask:1" not in story.clocks


def test_merging_stops_all_that_waits_and_resolves_nothing() -> None:
    story = Story("P1").at(60, kinds.Acknowledged()).at(120, kinds.Merge(direction="into", other="other"))
    assert story.standing(130) == {"acknowledge": "met"}


def test_after_a_reopening_the_clocks_run_again_from_there() -> None:
    story = Story("P1", RUNBOOK).at(60, kinds.Acknowledged(), kinds.Page(target="product-manager"))
    story.told(120, "m").resolved(HOUR).at(HOUR, kinds.Closed()).at(10 * HOUR, kinds.Reopened(why="it is back"))
    assert story.due("update:customers") == 10 * HOUR + 5 * MINUTE, "the page must say that it is back"
    assert story.standing(10 * HOUR)["respond"] == "met", "what was done stays done"
    assert story.standing(10 * HOUR)["notify Product Manager"] == "met"
    assert story.due("notify:engineering-manager") == 10 * HOUR + 30 * MINUTE
    assert story.due("escalate:engineering-manager") == 11 * HOUR
    plan = Story("P1").resolved(HOUR).at(10 * HOUR, kinds.Reopened(why="it is back"))
    assert plan.due("resolve") == 12 * HOUR
    assert plan.due("ack") == 10 * HOUR + 5 * MINUTE, "nobody has taken it yet"
    assert plan.resolved(11 * HOUR).standing(20 * HOUR)["resolve"] == "met"


def test_a_status_after_a_resolution_is_a_reopening_too() -> None:
    story = Story("P1").resolved(HOUR).at(3 * HOUR, kinds.StatusChange(status=Status.INVESTIGATING))
    assert story.due("resolve") == 5 * HOUR


def test_a_promise_is_the_upper_end_of_the_cadence() -> None:
    state = Story("P2").timeline.state
    assert next_update(state, PLAN, "customers", START) == START + timedelta(hours=2)
    assert next_update(Timeline().state, PLAN, "customers", START) is None
    assert next_update(state, None, "customers", START) is None


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_level_of_every_policy_has_clocks_of_stable_names(name: str) -> None:
    policy = shipped()[name]
    for severity in policy.levels:
        found = clocks(Story(severity, policy).timeline.state, policy)
        assert len({clock.name for clock in found}) == len(found) > 0
        assert all(clock.since <= clock.soon <= clock.due for clock in found)


def test_a_clock_is_met_at_the_very_instant_it_is_due() -> None:
    policy = replace(PLAN, levels={"P1": Level("P1", acknowledge=Range.of("10s"))})
    story = Story("P1", policy).at(10, kinds.Acknowledged())
    assert story.clocks["ack"].standing(instant(60)) == "met"
