"""The escalation ladder: who is next, and since when the last one has not answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.ladder import Ladder, fallen, ladder
from cockpit.incident.policies import Policy, shipped
from cockpit.incident.terms import Status
from cockpit.incident.timeline import Timeline
from tests.stories import START, Writer

PLAN, RUNBOOK = shipped()["incident-response-plan"], shipped()["payment-service"]
MINUTE = 60


def told(*said: tuple[float, kinds.Payload], severity: str = "P0") -> list[Entry]:
    """A declared incident, and what was written so many seconds after its declaration."""
    writer = Writer()
    entries = [writer.write(kinds.Declared(name="x")), writer.write(kinds.Severity(severity=severity))]
    for seconds, payload in said:
        writer.now = START + timedelta(seconds=seconds)
        entries.append(writer.write(payload))
    return entries


def found(entries: list[Entry], policy: Policy = PLAN, targets: Mapping[str, Sequence[str]] | None = None) -> Ladder:
    result = ladder(Timeline(entries).state, policy, targets or {})
    assert result is not None
    return result


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def paged(target: str, **more: object) -> kinds.Page:
    return kinds.Page.model_validate({"target": target} | more)


def test_nobody_answers_and_the_first_rung_is_due_after_the_severitys_time() -> None:
    rungs = found(told())
    assert [rung.call.who for rung in rungs.rungs][:3] == ["Primary", "Secondary", "Tertiary"]
    assert rungs.next is not None
    assert rungs.next.target == "Primary"
    assert rungs.within == timedelta(minutes=5)
    assert (rungs.due(after(4.9)), rungs.due(after(5))) == (False, True)


def test_each_rung_begins_the_wait_anew() -> None:
    rungs = found(told((3 * MINUTE, paged("Primary"))))
    assert rungs.next is not None
    assert (rungs.last, rungs.next.call.who, rungs.since) == ("Primary", "Secondary", after(3))
    assert (rungs.due(after(7.9)), rungs.due(after(8))) == (False, True)


def test_a_page_that_no_channel_took_reached_nobody_and_is_not_offered_again() -> None:
    page = paged("Primary", message="m-1")
    message = kinds.Message(
        message="m-1", template="page", audience="page:Primary", channels=("pager",), title="", text=""
    )
    lost = kinds.Delivery(message="m-1", channel="pager", state="failed", reason="no answer")
    entries = told((MINUTE, page), (MINUTE, message), (MINUTE, lost))
    rungs = found(entries)
    assert rungs.next is not None
    assert (rungs.last, rungs.next.call.who, rungs.since) == ("", "Secondary", START)
    assert rungs.rungs[0].page is not None
    assert rungs.rungs[0].reached is None


def test_a_page_says_where_it_fell_to() -> None:
    page = paged("Primary", message="m-1")
    message = kinds.Message(
        message="m-1", template="page", audience="page:Primary", channels=("pager", "paper"), title="", text=""
    )
    lost = kinds.Delivery(message="m-1", channel="pager", state="failed", reason="no answer")
    for said, words in (((), ""), (("pager",), ""), (("paper",), " only by paper"), (("paper", "pager"), "")):
        took = [(MINUTE, kinds.Delivery(message="m-1", channel=channel, state="sent", attempt=2)) for channel in said]
        state = Timeline(told((MINUTE, page), (MINUTE, message), (MINUTE, lost), *took)).state
        assert fallen(state, page) == words, said


def test_an_acknowledgement_or_a_mitigation_ends_the_wait() -> None:
    for payload in (kinds.Acknowledged(), kinds.StatusChange(status=Status.MITIGATING)):
        rungs = found(told((MINUTE, payload)))
        assert (rungs.waiting, rungs.due(after(60))) == (False, False), payload


def test_what_only_people_can_judge_stands_last_and_is_never_next() -> None:
    rungs = found(told(severity="P1"), RUNBOOK)
    who = [rung.call.who for rung in rungs.rungs]
    assert who[:2] == ["Primary", "Secondary"]
    assert who[-3:] == [
        "Database Team",
        "Platform Team",
        "Payment Gateway Account Manager",
    ]
    every = [(MINUTE, paged(rung.call.who)) for rung in rungs.rungs if not rung.call.when]
    assert found(told(*every, severity="P1"), RUNBOOK).next is None


def test_a_rung_has_the_time_that_the_severity_gives_it() -> None:
    manager = next(rung for rung in found(told(severity="P1"), RUNBOOK).rungs if rung.call.who == "Engineering Manager")
    assert manager.by == after(60)


def test_a_rung_is_paged_by_the_target_that_means_it() -> None:
    targets = {"first-line": ("@primary",), "vp-engineering": ()}
    rungs = found(told((MINUTE, paged("first-line", handles=("@primary",)))), targets=targets)
    by_name = {rung.call.who: rung for rung in rungs.rungs}
    assert by_name["Primary"].target == "first-line"
    assert by_name["Primary"].reached == after(1)
    assert by_name["VP Engineering"].target == "vp-engineering"
    assert by_name["CTO"].target == "CTO"


def test_there_is_none_before_the_declaration_or_without_a_policy() -> None:
    assert ladder(Timeline([]).state, PLAN, {}) is None
    assert ladder(Timeline(told()).state, None, {}) is None
