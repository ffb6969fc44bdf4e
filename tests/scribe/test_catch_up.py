"""Catching up: what was missed is grouped and counted, one's own deeds are not news, what stands now is as it is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.incident.clocks import clocks
from cockpit.incident.policies import shipped
from cockpit.incident.timeline import Timeline
from cockpit.scribe.catch_up import CaughtUp, catch_up, since_words
from tests.scribe.fuller import handed_over
from tests.scribe.story import at

POLICY = shipped()["incident-response-plan"]


def missed(since: str, until: str, reader: str) -> CaughtUp:
    """What `reader` is told at `until` of the fuller story, who has seen what was recorded up to `since`."""
    timeline = Timeline(entry for entry in handed_over().entries if entry.recorded.at <= at(until))
    new = [entry for entry in timeline.entries if entry.recorded.at > at(since)]
    return catch_up(timeline.state, new, reader, "since then", clocks(timeline.state, POLICY))


def said(told: CaughtUp) -> dict[str, list[str]]:
    return {group.title: [f"{line.at:%H:%M} {line.text}" for line in group.lines] for group in told.groups}


def test_who_comes_back_hears_what_was_decided_done_and_is_due() -> None:
    told = said(missed("15:00", "60:00", "@net"))
    assert told["Asked of you"] == ["02:42 by 03:00Z, A2: is the firewall open"]
    assert told["People"] == ["02:40 IC offered to @bob: end of my shift", "02:41 @bob is incident commander, by @bob"]
    assert told["Decided"][0] == "02:43 decided: roll back to 1.4.1"
    assert told["Hypotheses"][0] == "02:17 H1 eliminated: the database pool is exhausted – pool at 20 %"
    assert told["Done"] == [
        "02:20 Restart the pods: succeeded, and it did not help, by @oncall",
        "02:47 Roll back → rev 42 (1.4.1): succeeded, verified, by @bob",
    ]
    assert [line[:5] for line in told["In place now"]] == ["02:47", "02:20"]
    assert told["Due next"][0] == "02:36 page"
    assert "02:44 1 note, the last: ‹redacted›" in told["Also"]


def test_ones_own_deeds_are_not_news() -> None:
    told = said(missed("15:00", "60:00", "@bob"))
    assert "H2 confirmed" not in str(told)
    assert told["Done"] == ["02:20 Restart the pods: succeeded, and it did not help, by @oncall"]
    assert told["People"] == ["02:40 IC offered to @bob: end of my shift"]


def test_where_nothing_came_only_what_stands_is_told() -> None:
    told = missed("60:00", "60:00", "@net")
    assert told.entries == 0
    assert [group.title for group in told.groups] == ["Asked of you", "In place now", "Due next"]


@settings(max_examples=40, deadline=None)
@given(since=st.integers(0, 130), reader=st.sampled_from(("@bob", "@oncall", "@net", "@nobody")))
def test_each_entry_is_told_once_and_every_line_is_one_line(since: int, reader: str) -> None:
    told = missed(f"{since}:00", "130:00", reader)
    titles = [group.title for group in told.groups]
    assert len(titles) == len(set(titles))
    for group in told.groups:
        entries = [line.entry for line in group.lines if line.entry]
        assert len(entries) == len(set(entries)), group
        assert all(line.text.strip() and "\n" not in line.text for line in group.lines)


def test_another_day_is_named() -> None:
    now = at("60:00")
    assert since_words(now, at("23:00"), "since") == "since 02:23Z, 37 min ago"
    assert since_words(now, now.replace(day=1), "since") == "since 2026-02-01 03:00Z, 2 days ago"
