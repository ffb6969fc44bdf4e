"""What alerts become in a record: one entry of each, whoever told it, however often; and what they propose."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.timeline import Timeline
from cockpit.incident.wording import headline, shown
from cockpit.room.facts.detecting import MOST_ENTRIES, detections, file, of_change, told_of
from cockpit.room.facts.proposals import proposals, proposed
from cockpit.room.house import House
from cockpit.room.requests import Close, Detect, Refusal, Resolve, Start
from cockpit.room.requests.from_alert import name_of
from cockpit.signal.changes import AlertsChanged
from cockpit.signal.notice import Notice
from cockpit.values import replace
from tests.room.rooms import opened
from tests.stories import START, Writer

pytestmark = pytest.mark.anyio
HIGH = Notice(
    "ac24efa8db5aac9d", "PaymentErrorRateHigh", started=START - timedelta(minutes=3), summary="error rate 10.42%",
    severity="critical",
)  # fmt: skip
OVER = replace(HIGH, state="resolved", ended=START - timedelta(minutes=1))


async def told(house: House, *notices: Notice, origin: str = "alertmanager") -> list[str]:
    """What filing them wrote: the kinds of the entries."""
    entries = await file(house.room, detections(notices, origin, house.room.clock.now()))
    return [entry.kind for entry in entries]


def lines(house: House) -> list[str]:
    """The timeline as the pane shows it."""
    room = house.room
    return [headline(each, room.state).text for each in room.timeline.entries if shown(each, room.state)]


async def test_an_alert_begins_a_record_with_its_true_start_and_is_told_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        assert await told(house, HIGH) == ["watching", "detected"]
        assert await told(house, HIGH) == []
        later = replace(HIGH, started=HIGH.started and HIGH.started + timedelta(microseconds=654010))
        assert await told(house, later, origin="main") == [], "the API cuts at milliseconds, the webhook does not"
        assert await told(house, replace(HIGH, state="renotified", started=START)) == []
        state = house.room.state
        assert (state.detected and state.detected.at, state.detected_by) == (HIGH.started, "monitoring")
        assert lines(house)[-1] == "alert PaymentErrorRateHigh fires: error rate 10.42%"
        (found,) = await proposals(house.store, house.room.clock.now())
        assert found.words(START) == "PaymentErrorRateHigh fires since 01:57:00Z"
        assert found.service == "payment-service"


async def test_an_end_is_a_quiet_entry_and_ends_the_proposal(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        assert await told(house, OVER) == [], "nothing was known to fire"
        await told(house, HIGH)
        assert await told(house, OVER) == ["alert-resolved"]
        assert await told(house, OVER, HIGH) == [], "late copies"
        entry = house.room.timeline.entries[-1]
        assert (entry.occurred, headline(entry, house.room.state).tone) == (OVER.ended, "quiet")
        assert proposed(house.room.state, START) is None
        assert house.room.state.detected is None, "what was over before anybody declared was another thing"


async def test_declaring_from_it_settles_it_and_takes_its_name_and_start(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        older = replace(HIGH, fingerprint="b" * 16, name="QueueGrows", started=START - timedelta(hours=2))
        await told(house, HIGH, older)
        with pytest.raises(Refusal, match="no alert of this record fires"):
            await house.room.perform(Start("", alert="feedfeed"))
        with pytest.raises(Refusal, match="leave --source and --detected out"):
            await house.room.perform(Start("", alert="ac24", source="customer"))
        await house.room.perform(Start("", alert="ac24e"))
        state = house.room.state
        assert (state.name, state.detected and state.detected.at) == ("payment-error-rate-high", HIGH.started)
        assert await proposals(house.store, START) == []
        assert await told(house, replace(HIGH, fingerprint="c" * 16, name="Next", started=START)) == ["detected"]
        assert house.room.state.detected == state.detected, "what fires later is no detection of it"


async def test_an_alert_whose_fingerprint_is_last_is_not_taken_for_the_last(tmp_path: Path) -> None:
    """As another journal's may be."""
    async with opened(tmp_path) as house:
        await told(house, replace(HIGH, fingerprint="last", name="Forged"))
        house.room.clock.advance(1)
        await told(house, replace(HIGH, name="Real"))
        with pytest.raises(Refusal, match="'last': several alerts are called so"):
            await house.room.perform(Start("", alert="last"))
        await told(house, replace(OVER, fingerprint="last"))
        with pytest.raises(Refusal, match="'last': several alerts are called so"):
            await house.room.perform(Start("", alert="last"))
        await house.room.perform(Start("", alert="Real"))
        assert house.room.state.name == "real"


async def test_an_intake_that_is_called_as_an_alertmanager_is_another_source(tmp_path: Path) -> None:
    """What it told is not over because that Alertmanager does not list it."""
    async with opened(tmp_path) as house:
        await told(house, HIGH, origin="main")
        assert [*await file(house.room, of_change(change()))] == []
        assert house.room.state.alerts[HIGH.fingerprint].fires
        polled = replace(HIGH, fingerprint="polled")
        await file(house.room, of_change(change(polled, listed=[HIGH.fingerprint])))
        assert [each.kind for each in await file(house.room, of_change(change()))] == ["alert-resolved"]
        assert house.room.state.alerts[HIGH.fingerprint].fires


async def test_a_start_in_the_future_is_none_and_hides_nothing(tmp_path: Path) -> None:
    """Or one forged delivery would make everything known that fires until then."""
    async with opened(tmp_path) as house:
        clock, forged = house.room.clock, replace(HIGH, started=datetime(2099, 1, 1, tzinfo=UTC))
        assert await told(house, forged) == ["watching", "detected"]
        entry = house.room.timeline.entries[-1]
        assert (entry.occurred, house.room.state.alerts[HIGH.fingerprint].started) == (START, None)
        assert await told(house, forged) == [], "known while it fires"
        await told(house, replace(OVER, ended=clock.now()))
        clock.advance(60)
        assert await told(house, replace(HIGH, started=clock.now())) == ["detected"]
        clock.advance(60)
        polled = replace(forged, fingerprint="polled")
        (entry,) = await file(house.room, of_change(change(polled, at=clock.now())))
        assert house.room.state.alerts["polled"].started is None
        slightly = replace(HIGH, fingerprint="skewed", started=clock.now() + timedelta(seconds=30))
        await told(house, slightly)
        assert house.room.state.alerts["skewed"].started == slightly.started, "clocks differ"


def test_a_start_in_the_future_that_a_record_has_hides_nothing_either() -> None:
    """One that an earlier version, or another journal, wrote."""
    writer = Writer()
    key = kinds.AlertKey(fingerprints=("f",), started=datetime(2099, 1, 1, tzinfo=UTC), origin="x")
    over = kinds.AlertResolved(name="A", alert=kinds.AlertKey(fingerprints=("f",), started=None, origin="x"))
    fires = writer.write(kinds.Detected(source="monitoring", alert=key, words=kinds.AlertWords(name="A")))
    timeline = Timeline([fires])
    again = Notice("f", "A", started=START)
    assert told_of([again], "x", timeline.state, writer.now) == []
    timeline.add(writer.write(over))
    assert len(told_of([again], "x", timeline.state, writer.now)) == 1


async def test_somebody_who_was_earlier_than_the_alert_is_the_detection(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await told(house, HIGH)
        await house.room.perform(Start("", alert=HIGH.fingerprint))
        with pytest.raises(Refusal, match="it was detected by monitoring"):
            await house.room.perform(Detect("customer", "two calls"))
        called = START - timedelta(minutes=20)
        await house.room.perform(Detect("customer", "two calls", called))
        state = house.room.state
        assert (state.detected and state.detected.at, state.detected_by) == (called, "customer")


async def test_without_an_alert_named_the_earliest_that_fires_is_the_detection(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await told(house, HIGH)
        await house.room.perform(Start("by-hand"))
        assert house.room.state.detected is not None
        assert house.room.state.detected.at == HIGH.started


async def test_what_flaps_takes_two_lines_and_loses_nothing(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        for _ in range(6):
            clock.advance(60)
            await told(house, replace(HIGH, started=clock.now()))
            clock.advance(60)
            await told(house, replace(OVER, ended=clock.now()))
        assert lines(house)[1:] == [
            "alert PaymentErrorRateHigh fires: error rate 10.42%",
            "alert PaymentErrorRateHigh fires no more",
            "alert PaymentErrorRateHigh flaps, fired 6 times: error rate 10.42%",
            "alert PaymentErrorRateHigh fires no more",
        ]
        assert sum(entry.kind == "detected" for entry in house.room.timeline.entries) == 6
        clock.advance(3600)
        await told(house, replace(HIGH, started=clock.now()))
        assert lines(house)[-1] == "alert PaymentErrorRateHigh fires: error rate 10.42%", "calm for long: a new one"


async def test_a_storm_of_one_rule_is_one_entry(tmp_path: Path) -> None:
    storm = [replace(HIGH, fingerprint=f"{n:016x}", name="PodCrashLooping") for n in range(500)]
    async with opened(tmp_path) as house:
        assert await told(house, *storm, HIGH) == ["watching", "detected", "detected"]
        assert "alert 500 × PodCrashLooping fires: error rate 10.42%" in lines(house)
        assert await told(house, *storm) == []
        over = [replace(each, state="resolved", ended=START) for each in storm[:499]]
        assert await told(house, *over) == ["alert-resolved"]
        assert len([each for each in house.room.state.alerts.values() if each.fires]) == 2


async def test_a_storm_of_many_rules_is_few_entries_and_loses_none(tmp_path: Path) -> None:
    """As where everything of a zone fails at once, or somebody names a rule after each pod."""
    storm = [replace(HIGH, fingerprint=f"{n:016x}", name=f"Rule{n}", severity="info" if n else "") for n in range(1200)]
    async with opened(tmp_path) as house:
        assert (await told(house, *storm)).count("detected") == MOST_ENTRIES + 1
        assert "alert 1000 × various rules fires: Rule49, Rule50, Rule51, Rule52, Rule53 and 995 more" in lines(house)
        alerts = house.room.state.alerts
        assert (len(alerts), alerts[f"{0:016x}"].severity, alerts[f"{1100:016x}"].severity) == (1200, "", "info")
        assert await told(house, *storm) == []
        over = [replace(each, state="resolved", ended=START) for each in storm]
        assert await told(house, over[1100]) == ["alert-resolved"]
        assert lines(house)[-1] == "alert Rule1100 fires no more"
        assert len(await told(house, *over)) == MOST_ENTRIES + 1
        assert "alert 1000 × various rules fires no more" in lines(house)
        assert not any(each.fires for each in house.room.state.alerts.values())


async def test_what_is_grave_is_not_hushed_by_others_in_its_entry(tmp_path: Path) -> None:
    storm = [replace(HIGH, fingerprint=f"{n:016x}", name=f"Rule{n}", severity="info") for n in range(99)]
    async with opened(tmp_path) as house:
        await told(house, *storm, replace(HIGH, name="Grave"))
        found = proposed(house.room.state, START)
        assert found is not None
        assert HIGH.fingerprint in [each.fingerprint for each in found.alerts]


def change(
    *firing: Notice,
    listed: Sequence[str] = (),
    seen: Sequence[str] = (),
    again: Sequence[str] = (),
    at: datetime = START,
) -> AlertsChanged:
    """A polled list of the Alertmanager `main`."""
    ids = frozenset((*(each.fingerprint for each in firing), *listed))
    return AlertsChanged("main", firing, ids, frozenset(seen), at, frozenset(again))


async def test_what_a_list_lacks_is_over_also_after_a_restart(tmp_path: Path) -> None:
    """But only what came from there, or was seen there: of the others this Alertmanager knows nothing."""
    async with opened(tmp_path) as house:
        datadog = replace(HIGH, fingerprint="dd-1", name="Monitor")
        await told(house, datadog, origin="datadog")
        await file(house.room, of_change(change(HIGH)))
        await file(house.room, of_change(change(listed=[HIGH.fingerprint])))
        assert house.room.state.alerts[HIGH.fingerprint].fires, "silenced is not over"
        await file(house.room, of_change(change()))
        firing = {each.name: each.fires for each in house.room.state.alerts.values()}
        assert firing == {"Monitor": True, "PaymentErrorRateHigh": False}
        await file(house.room, of_change(change(seen=["dd-1"])))
        assert not house.room.state.alerts["dd-1"].fires


async def test_what_a_list_lacked_for_a_while_fires_again(tmp_path: Path) -> None:
    """An Alertmanager that starts anew knows no alert until a Prometheus tells it; they are as old as they were."""
    async with opened(tmp_path) as house:
        await file(house.room, of_change(change(HIGH)))
        house.room.clock.advance(60)
        await file(house.room, of_change(change(at=house.room.clock.now())))
        assert not house.room.state.alerts[HIGH.fingerprint].fires
        house.room.clock.advance(60)
        assert await file(house.room, of_change(change(HIGH, at=house.room.clock.now()))) == (), "another's older list"
        back = change(HIGH, again=[HIGH.fingerprint], at=house.room.clock.now())
        (entry,) = await file(house.room, of_change(back))
        assert house.room.state.alerts[HIGH.fingerprint].fires
        assert entry.occurred == house.room.clock.now()
        assert await file(house.room, of_change(back)) == ()


async def test_after_the_close_an_alert_proposes_another_incident(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("first"))
        await house.room.perform(Resolve("done"))
        await house.room.perform(Close())
        closed = house.room.incident
        await told(house, HIGH)
        (found,) = await proposals(house.store, START)
        assert (house.room.incident, found.incident == closed) == (closed, False)
        assert await told(house, HIGH) == [], "known there too"


async def test_cockpits_and_listeners_at_once_write_one_entry(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        houses = [await stack.enter_async_context(opened(tmp_path, actor=f"@a{n}")) for n in range(4)]
        await asyncio.gather(*(told(house, HIGH) for house in houses))
        incidents = await houses[0].store.incidents()
        assert len(incidents) == 1
        entries = await houses[0].store.read(incidents[0])
        assert [entry.kind for entry in entries] == ["watching", "detected"]


async def test_a_watch_goes_on_while_its_alert_fires_and_for_a_day(tmp_path: Path) -> None:
    """Though it began long before the hour for which a watch is taken up again."""
    old = replace(HIGH, started=START - timedelta(days=3))
    async with opened(tmp_path) as house:
        await told(house, old)
    for hours, entries in ((20, []), (8, ["watching", "detected"])):
        clock = ManualClock(START + timedelta(hours=hours if hours == 20 else 28))
        async with opened(tmp_path, clock=clock) as house:
            assert await told(house, old) == entries
    async with opened(tmp_path, clock=ManualClock(START + timedelta(days=3))) as house:
        assert await proposals(house.store, house.room.clock.now()) == [], "a day after it was told it proposes nothing"


async def test_a_cockpit_on_an_old_watch_goes_on_in_what_another_declared(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await told(house, HIGH)
        await told(house, OVER)
        watch = house.room.incident
        assert not await house.room.go_on()
        clock.advance(7200)
        assert not await house.room.go_on(), "there is nothing else"
        async with opened(tmp_path, actor="@bob", clock=clock) as other:
            await other.room.perform(Start("elsewhere"))
            assert other.room.incident != watch
            assert await house.room.go_on()
            assert house.room.incident == other.room.incident
            assert not await house.room.go_on()


async def test_what_is_hushed_or_a_dead_mans_switch_proposes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        assert await told(house, replace(HIGH, severity="none", name="Watchdog")) == []
        await told(house, replace(HIGH, severity="info"))
        assert await proposals(house.store, START) == []
        warning = replace(HIGH, fingerprint="w" * 16, severity="warning", started=START - timedelta(hours=5))
        critical = replace(HIGH, fingerprint="c" * 16, name="Worse")
        await told(house, warning, critical)
        found = proposed(house.room.state, START)
        assert found is not None
        assert found.words(START) == "Worse fires since 01:57:00Z and 1 more", "the gravest first"
        quiet = proposed(house.room.state, START, frozenset(["c" * 16, "w" * 16]))
        assert quiet is None, "those that are silenced by now"


@pytest.mark.parametrize(
    ("alert", "name"),
    [
        ("PaymentErrorRateHigh", "payment-error-rate-high"),
        ("HTTP 5xx > 1 %", "http-5xx-1"),
        ("[Triggered] p95", "triggered-p95"),
        ("‹›", "incident"),
    ],
)
async def test_an_incident_is_called_as_the_alert_is(tmp_path: Path, alert: str, name: str) -> None:
    async with opened(tmp_path) as house:
        await told(house, replace(HIGH, name=alert))
        assert name_of(house.room.state.alerts[HIGH.fingerprint]) == name


def test_what_two_told_apart_has_one_line() -> None:
    """Journals that did not hear each other hold it twice; the record says it once."""
    (payload, _), *_ = told_of([HIGH], "main", Timeline().state, START)
    (over, _), *_ = told_of([OVER], "main", Timeline([Writer().write(payload)]).state, START)
    writers = Writer(), Writer("01950000-0000-7000-8000-00000000bbbb")
    timeline = Timeline(entry for writer in writers for entry in (writer.write(payload), writer.write(over, after=60)))
    said = [headline(each, timeline.state).text for each in timeline.entries if shown(each, timeline.state)]
    assert said == [
        "alert PaymentErrorRateHigh fires: error rate 10.42%", "alert PaymentErrorRateHigh fires no more",
    ]  # fmt: skip


STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["firing", "renotified", "resolved"]), st.integers(0, 40)),
    max_size=25,
)


@settings(deadline=None, max_examples=80)
@given(STEPS)
def test_whatever_comes_twice_is_told_once(steps: list[tuple[str, str, int]]) -> None:
    """Each notice is filed twice; the second time is never news, and the record folds the same from its entries."""
    writer, timeline = Writer(start=START + timedelta(hours=1)), Timeline()
    for name, state, minute in steps:
        at = START + timedelta(minutes=minute)
        notice = Notice(name, name, state, at, at if state == "resolved" else None)  # type: ignore[arg-type]
        now = START + timedelta(hours=1)
        for payload, _ in told_of([notice, notice], "x", timeline.state, now):
            timeline.add(writer.write(payload, after=1, ago=max(0.0, (writer.now - at).total_seconds())))
        if state != "resolved":
            assert told_of([notice], "x", timeline.state, now) == []
    again = Timeline(timeline.entries).state
    assert again.alerts == timeline.state.alerts


def test_a_redaction_takes_the_words_and_leaves_what_it_is_known_by() -> None:
    payload, _ = told_of([HIGH], "main", Timeline().state, START)[0]
    writer = Writer()
    entry = writer.write(payload)
    redaction = kinds.Redaction(entry=entry.id, why="a name in it", kept=dict(kinds.kept(entry)))
    timeline = Timeline([entry, writer.write(redaction)])
    assert timeline.state.alerts[HIGH.fingerprint].name == ""
    assert told_of([HIGH], "main", timeline.state, START) == [], "or the next look would bring the words back"
    assert "PaymentErrorRateHigh" not in headline(timeline.entries[0], timeline.state).text
