"""The brief: everything that a receiver of the command must hear, in few lines, and nothing that is not recorded."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident.policies import shipped
from cockpit.incident.state import State
from cockpit.incident.timeline import Timeline
from cockpit.scribe.brief import Brief, brief
from tests.scribe.fuller import LABEL, handed_over
from tests.scribe.story import at, bad_release

POLICY = shipped()["incident-response-plan"]


def told(minute: str) -> Brief:
    """The brief at that minute of the fuller story."""
    known = [entry for entry in handed_over().entries if entry.recorded.at <= at(minute)]
    return brief(Timeline(known).state, label=LABEL, now=at(minute), policy=POLICY)


def test_it_says_what_the_next_commander_must_know() -> None:
    said = {section.title: " ".join(section.lines) for section in told("42:30").sections}
    assert said["Status"].startswith("P1, payment-failure, investigating since 02:03Z.")
    assert "INC-2026-001 declared 02:03Z, 39 min ago, noticed by monitoring 02:02Z." in said["Status"]
    assert said["Impact"].startswith("cards are refused, customers in the EU, getting worse. Data: not known.")
    assert "Affected: checkout." in said["Impact"]
    assert said["Eliminated"] == "H1: the database pool is exhausted (pool at 20 %)"
    assert said["May be"] == "H2: release 1.4.2 starts without PAYMENT_DSN"
    assert said["Asked"] == "A2: @net is asked, due in 17 min: is the firewall open"
    assert said["In place"] == "02:20Z Restart the pods, and it did not help."
    assert said["People"] == "Incident commander @bob."
    assert "page overdue by 6 min, 02:36Z" in said["Due"]
    assert said["Told"] == ("customers, 35 min ago: payment-service - Service Disruption, the next promised by 02:36Z")


def test_a_change_under_way_and_a_waiting_offer_are_said() -> None:
    assert "Incident commander is offered to @bob, who has not answered yet." in told("40:30").text()
    assert "Roll back to rev 42 (1.4.1), begun 02:47Z by @bob, no result yet." in told("47:10").text()
    assert "The clocks have stopped." in told("80:00").text()


def test_it_can_be_read_in_a_minute() -> None:
    """Some twenty lines for a usual incident; what is left out is counted."""
    usual = brief(bad_release().timeline.state, label=LABEL, now=at("41:20"), policy=POLICY)
    assert len(usual.text().splitlines()) <= 20
    for section in told("42:30").sections:
        assert 1 <= len(section.lines) <= 5


def test_of_nothing_it_says_nothing_but_that() -> None:
    said = brief(State(), label="", now=at("0:00"), policy=None)
    assert said.sections[0].lines == ("No incident is declared.",)
    assert said.sections[1].lines == ("The impact is not recorded.",)


@given(st.integers(0, 130 * 60), st.sampled_from([POLICY, None]))
@settings(max_examples=60, deadline=None)
def test_at_any_moment_each_part_has_a_sentence_in_one_line(second: int, policy: object) -> None:
    now = at(f"0:{second}")
    known = [entry for entry in handed_over().entries if entry.recorded.at <= now]
    said = brief(Timeline(known).state, label=LABEL, now=now, policy=policy)  # type: ignore[arg-type]
    assert all(line.strip() and "\n" not in line for section in said.sections for line in section.lines)
    assert "4111" not in said.text() or second < 45 * 60
