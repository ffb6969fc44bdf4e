"""One act, all places: a declaration, a page, an acknowledgement, a resolution arrive wherever they belong; what fails
leaves the rest done and itself visible."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import yaml

from cockpit.clock import SystemClock
from cockpit.incident.kinds import EndpointChanged, Pods, ThresholdCrossed
from cockpit.incident.terms import Status
from cockpit.room import grammar
from cockpit.room.house import House
from cockpit.room.messages.agreeing import disagreements
from cockpit.room.messages.sending import Update
from cockpit.room.requests import Facts, Refusal, alone, blanks, filled, left_out, warnings
from tests.conftest import eventually
from tests.receivers import Receivers, channels_of, receiving
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio

NAMES = {"slack": "chat", "pagerduty": "pager", "statuspage": "status", "mail": "letters", "jira": "tickets"}


class Quick(SystemClock):
    """A clock on which a second is 40 ms, so that nobody waits for the providers' rates."""

    SPEED = 25

    def __init__(self) -> None:
        self._begin, self._since = super().now(), super().monotonic()

    def monotonic(self) -> float:
        return (super().monotonic() - self._since) * self.SPEED

    def now(self) -> datetime:
        return self._begin + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / self.SPEED)


def configuration(receivers: Receivers, folder: Path) -> dict[str, Any]:
    """A configuration whose channels are the receivers."""
    found = channels_of(receivers, folder)
    channels = {NAMES[name]: found[name] for name in NAMES if name in found}
    channels |= {"paper": {"type": "file", "path": str(folder / "paper.txt")}}
    ways = {"internal": ["chat", "paper"], "customers": ["status", "paper"], "reviewers": ["letters", "paper"]}
    on_call, database = ({"channels": ["pager", "chat", "paper"], "handles": [who]} for who in ("@primary", "@dba"))
    for each in (on_call, database):
        each["channels"] = [way for way in each["channels"] if way in channels]
    kubernetes = {"cluster": "eu", "namespace": "production", "selector": "app=payment-service"}
    return {
        "version": 1,
        "kubernetes": {"eu": {"context": "prod-eu", "kubeconfig": str(folder / "kubeconfig")}},
        "services": {"payment-service": {"runbook": "payment-service", "kubernetes": kubernetes}},
        "channels": channels,
        "audiences": {name: [way for way in every if way in channels] for name, every in ways.items()},
        "targets": {"on-call": on_call, "database-team": database},
    }


@asynccontextmanager
async def flying(folder: Path, *names: str) -> AsyncIterator[tuple[House, Receivers]]:
    """A house whose channels are receivers without rate limits."""
    there = {"slack": {"people": ["primary", "dba"]}}
    async with receiving(*(names or NAMES), rated=False, **there) as receivers:
        (folder / "cockpit.yaml").write_text(yaml.safe_dump(configuration(receivers, folder)))
        async with opened(folder, clock=Quick()) as house:
            yield house, receivers


async def does(house: House, line: str) -> list[str]:
    """Do what a line says; gives the kinds of the entries, once something is known of every message."""
    entries = await house.room.perform(grammar.parse(line, house.room.clock.now))
    await house.delivering.delivered(entries)
    return [entry.kind for entry in entries if entry.kind != "watching"]


def sees(house: House, line: str) -> tuple[str, ...]:
    """What a line would do."""
    return house.room.preview(grammar.parse(line, house.room.clock.now))


def states(house: House) -> dict[str, str]:
    """What became of each message, by what it does and for whom."""
    sent = house.room.state.messages.values()
    return {f"{each.message.deed} {each.message.audience}": each.state for each in sent}


async def arrives(receivers: Receivers, receiver: str, what: str, number: int = 1) -> Any:
    """The latest of what a receiver took of one sort, once there are so many."""
    await eventually(lambda: len(receivers.arrived.of(receiver, what)) >= number)
    return receivers.arrived.of(receiver, what)[-1]


async def test_a_start_does_all_that_the_bot_of_the_documents_does(tmp_path: Path) -> None:
    """incident-response-process.md:115-119: a channel, a page, a document, the first status message."""
    async with flying(tmp_path) as (house, receivers):
        effects = sees(house, "start payment-failure p1")
        assert [effect.split(":")[0].split(" –")[0] for effect in effects] == [
            "declares P1 payment-failure, pinned to prod-eu/production",
            "pages on-call by pager → chat → paper",
            "opens the incident's own channel by chat",
            "posts in the incident's own channel",
            "pins it at chat",
            "tells customers by status → paper",
            "tells internal by chat → paper",
            "makes the incident's ticket by tickets",
            "invites @alice @primary into it by chat",
        ]
        assert len(receivers.arrived) == 0, "a preview sends nothing"
        written = await does(house, "start payment-failure p1")
        assert written == ["declared", "severity", "page", *["message"] * 8]
        channel = await arrives(receivers, "slack", "channel")
        pinned = await arrives(receivers, "slack", "pin")
        assert pinned.where == channel.where
        assert "@primary" in (await arrives(receivers, "slack", "invite")).text
        assert (await arrives(receivers, "pagerduty", "trigger")).key
        assert "investigating reports" in (await arrives(receivers, "statuspage", "incident")).text
        await arrives(receivers, "jira", "issue")
        await eventually(lambda: set(states(house).values()) == {"sent"})


async def test_every_place_says_the_same_of_the_public_page(tmp_path: Path) -> None:
    """What is pinned in the incident's own channel and what goes out beside it are read side by side."""
    async with flying(tmp_path) as (house, _):
        await does(house, "start payment-failure p1")
        said = [
            line for each in house.room.state.messages.values()
            for line in each.message.text.splitlines() if line.startswith("Status Page: ")
        ]  # fmt: skip
        assert len(said) == 2
        assert len(set(said)) == 1
        assert said[0].startswith("Status Page: Updating since ")


async def test_where_the_public_is_not_told_every_place_says_so(tmp_path: Path) -> None:
    async with flying(tmp_path) as (house, _):
        await does(house, "start payment-failure p1 --yes")
        said = [each.message.text for each in house.room.state.messages.values() if "Status Page" in each.message.text]
        assert len(said) == 2
        assert all("Status Page: Not updated as of " in each for each in said)


async def test_a_page_calls_in_and_adds_to_the_channel_and_its_answers_reach_the_pager(tmp_path: Path) -> None:
    async with flying(tmp_path) as (house, receivers):
        await does(house, "start payment-failure p1 --yes")
        assert receivers.arrived.of("statuspage") == [], "nothing public goes out without having been shown"
        assert await does(house, "page database-team the pool is exhausted") == ["page", "message", "message"]
        await eventually(lambda: any("@dba" in each.text for each in receivers.arrived.of("slack", "invite")))
        assert await does(house, "ack") == ["acknowledged", "message", "message"]
        await arrives(receivers, "pagerduty", "acknowledge", 2)
        pages = {each.key for each in receivers.arrived.of("pagerduty", "trigger")}
        assert {each.key for each in receivers.arrived.of("pagerduty", "acknowledge")} == pages


async def test_a_resolution_is_one_everywhere_and_closing_archives(tmp_path: Path) -> None:
    async with flying(tmp_path) as (house, receivers):
        await does(house, "start payment-failure p1")
        request = grammar.parse('resolve "rolled back"', house.room.clock.now)
        assert [name for name, _ in blanks(request, *house.room.eve(request))] == ["explanation"]
        assert any("tells nobody of it yet" in effect for effect in house.room.preview(request))
        request = filled(request, {"explanation": "A release was taken back"})
        heads = [effect.split(":")[0].split(" –")[0] for effect in house.room.preview(request)]
        assert heads[:5] == [
            "resolves it", "resolves the page to on-call at pager", "resolves the ticket at tickets",
            "posts in the incident's own channel", "tells customers by status → paper",
        ]  # fmt: skip
        assert any(head.startswith("invites reviewers to the post-mortem, ") for head in heads)
        await house.delivering.delivered(await house.room.perform(request))
        assert (await arrives(receivers, "pagerduty", "resolve")).key == receivers.arrived.of("pagerduty", "trigger")[
            0
        ].key
        assert "A release was taken back." in (await arrives(receivers, "statuspage", "update")).text
        assert "rolled back" not in receivers.arrived.of("statuspage")[-1].text
        await arrives(receivers, "jira", "transition")
        letter = await arrives(receivers, "mail", "letter")
        assert "post-mortem" in letter.text.lower()
        await eventually(lambda: set(states(house).values()) == {"sent"})
        pagers = house.room.setting.places.pagers
        assert disagreements(house.room.state, house.room.policy, pagers) == []
        assert await does(house, "close") == ["closed", "message"]
        await arrives(receivers, "slack", "archive")


async def test_the_invitation_is_a_calendar_file_within_48_hours_of_the_responders(tmp_path: Path) -> None:
    async with flying(tmp_path, "mail") as (house, receivers):
        await does(house, "start payment-failure p1 --yes")
        await does(house, "role ic @bob")
        house.room.addresses = lambda: {"@bob": "bob@example.com"}
        await does(house, "resolve --yes")
        (sent,) = [each for each in house.room.state.messages.values() if each.message.deed == "meeting"]
        assert "ics" not in sent.message.options, "a redaction finds the words in one place"
        await arrives(receivers, "mail", "letter")
        (part,) = [each for each in receivers.mail.letters[-1].walk() if each.get_content_type() == "text/calendar"]
        (event,) = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
        assert [str(each) for each in event["attendee"]].count("mailto:bob@example.com") == 1
        assert event["uid"] == f"post-mortem-{house.room.incident}@cockpit"
        assert {each.params["CN"] for each in event["attendee"]} == {
            "@alice", "@bob (incident commander)", "@primary",
        }  # fmt: skip
        assert event.decoded("dtstart").isoformat() == sent.message.options["begins"]
        assert "It is about how the work is arranged" in str(event["description"])


async def test_what_fails_leaves_the_rest_done_and_itself_visible(tmp_path: Path) -> None:
    """A revoked token and a page that answers 502: pager, ticket and record do not wait for them."""
    async with flying(tmp_path) as (house, receivers):
        receivers.slack.trouble.not_ok("token_revoked")
        receivers.statuspage.trouble.answers(502)
        written = await does(house, "start payment-failure p1")
        assert written.count("message") == 8, "all of it is in the record, whatever becomes of it"
        await arrives(receivers, "pagerduty", "trigger")
        await arrives(receivers, "jira", "issue")
        await eventually(lambda: states(house)["page page:on-call"] == "sent")
        assert states(house)["open responders"] != "sent"
        opening = next(each for each in house.room.state.messages.values() if each.message.deed == "open")
        await eventually(lambda: house.room.state.messages[opening.message.message].deliveries)
        (_, _, reason), *_ = house.room.state.messages[opening.message.message].deliveries
        assert "revoked" in reason
        assert receivers.slack.token not in reason
        assert house.room.state.status is Status.INVESTIGATING
        receivers.pagerduty.trouble.answers(500)
        assert "status" in await does(house, "resolve --yes")
        assert house.room.state.status is Status.RESOLVED
        pagers = house.room.setting.places.pagers
        await eventually(lambda: states(house)["resolve page:on-call"] not in ("queued", "sending", "sent"))
        (found,) = [each for each in disagreements(house.room.state, None, pagers) if each.subject == "pager"]
        assert "on-call is still paged by pager" in found.text


async def test_reopening_is_offered_where_it_was_said_to_be_over(tmp_path: Path) -> None:
    async with flying(tmp_path, "slack", "statuspage") as (house, receivers):
        await does(house, "start payment-failure p1")
        await does(house, "resolve --announce --set explanation=pool --yes")
        await does(house, "close")
        heads = [effect.split(":")[0].split(" –")[0] for effect in sees(house, "reopen it is back")]
        assert "opens the incident's own channel by chat" in heads
        assert "tells customers by status → paper" in heads
        await does(house, "reopen it is back")
        await arrives(receivers, "slack", "channel", 2)


async def test_alone_brings_nothing_along(tmp_path: Path) -> None:
    async with flying(tmp_path, "slack") as (house, _):
        request = grammar.parse("start payment-failure p1", house.room.clock.now)
        assert "opens the incident's own channel by chat" in left_out(request, *house.room.eve(request))
        assert house.room.preview(alone(request)) == ()
        assert sees(house, "start payment-failure p1 --alone") == ()
        assert await does(house, "start payment-failure p1 --alone") == ["declared", "severity"]
        assert await does(house, "status all quiet") == ["status"], "words alone are told nobody"


async def test_named_audiences_are_told_and_no_others(tmp_path: Path) -> None:
    async with flying(tmp_path, "slack", "statuspage") as (house, receivers):
        await does(house, "start payment-failure p1 --alone")
        line = "status --to identified the pool --tell internal"
        assert [effect.split(":")[0] for effect in sees(house, line)] == [
            "sets the status identified", "tells internal by chat → paper",
        ]  # fmt: skip
        await does(house, line)
        await arrives(receivers, "slack", "message")
        assert receivers.arrived.of("statuspage") == []
        with pytest.raises(Refusal, match="no channel reaches 'customer'"):
            sees(house, "status more --tell customer")


async def test_public_text_that_names_what_is_internal_is_warned_of(tmp_path: Path) -> None:
    async with flying(tmp_path, "statuspage") as (house, _):
        await does(house, "start payment-failure p1 --alone")
        line = 'resolve done --tell customers --set "explanation=db7.internal was full, @alice emptied it"'
        request = grammar.parse(line, house.room.clock.now)
        assert warnings(request, *house.room.eve(request)) == (
            "what customers would read names the internal host db7.internal",
            "what customers would read names a person: @alice",
        )
        request = grammar.parse("resolve db7.internal was full", lambda: START)
        assert warnings(request, *house.room.eve(request)) == (), "the record's own words are not public"


async def test_a_note_is_mirrored_when_that_is_chosen(tmp_path: Path) -> None:
    async with flying(tmp_path, "pagerduty", "jira") as (house, receivers):
        await does(house, "start payment-failure p1 --yes")
        assert await does(house, "note the pool is full") == ["note"]
        assert await does(house, "note --mirror the pool is full") == ["note", "message", "message"]
        assert "the pool is full" in (await arrives(receivers, "pagerduty", "note")).text
        assert "the pool is full" in (await arrives(receivers, "jira", "comment")).text
    (tmp_path / "apart").mkdir()
    async with opened(tmp_path / "apart") as house:
        with pytest.raises(Refusal, match="no page that takes notes, and no ticket"):
            await house.room.perform(grammar.parse("note --mirror quiet", lambda: START))


async def test_action_items_become_tickets_once(tmp_path: Path) -> None:
    async with flying(tmp_path, "jira") as (house, receivers):
        await does(house, "start payment-failure p1 --yes")
        for line in (
            "action-item raise the pool --owner @dba --due 5d",
            "action-item alert on it",
            "action-item AI2 --done",
        ):
            await does(house, line)
        with pytest.raises(Refusal, match="AI1, or all"):
            await does(house, "action-item write it down --ticket")
        assert await does(house, "action-item AI1 --ticket") == ["message"]
        made = (await arrives(receivers, "jira", "issue", 2)).text
        assert "raise the pool" in made
        assert "@dba" in made
        await eventually(lambda: states(house)["follow-up tickets"] == "sent")
        with pytest.raises(Refusal, match="AI1 has its ticket already: http"):
            await does(house, "action-item ai1 --ticket")
        await does(house, "action-item another one")
        assert await does(house, "action-item all --ticket") == ["message"], "what is done needs none"
        with pytest.raises(Refusal, match="every open action item has its ticket"):
            await does(house, "action-item all --ticket")


async def test_where_nobody_can_be_told_the_rest_is_done(tmp_path: Path) -> None:
    """A configuration whose audiences have no channel declares all the same, and says that nobody is told."""
    async with receiving("pagerduty") as receivers:
        given = configuration(receivers, tmp_path) | {"audiences": {}}
        (tmp_path / "cockpit.yaml").write_text(yaml.safe_dump(given))
        async with opened(tmp_path, clock=Quick()) as house:
            assert any("tells nobody of it yet" in effect for effect in sees(house, "start payment-failure p1 --drill"))
            request = grammar.parse("start payment-failure p1 --drill", house.room.clock.now)
            assert blanks(request, *house.room.eve(request)) == ()
            assert "declared" in await does(house, "start payment-failure p1 --drill --yes")


async def test_what_is_still_wrong_stands_beside_what_says_that_it_is_over(tmp_path: Path) -> None:
    """The record is held against the words: pods that crash and bounds that are crossed, each with its time."""
    wrong = (
        ThresholdCrossed(id="p95", title="p95", state="breach", value=3.14, unit="seconds", bound="> 2"),
        Pods(state="crashing", count=3, total=5, reason="CrashLoopBackOff"),
        EndpointChanged(id="health", state="failing", reason="it answered 503"),
        EndpointChanged(id="redis", before="failing", state="ok"),
        ThresholdCrossed(id="memory", title="memory", state="ok", value=61, unit="percent"),
    )
    async with flying(tmp_path) as (house, _):
        await does(house, "start payment-failure p1 --yes")
        assert not [effect for effect in sees(house, "resolve") if effect.startswith("although")]
        await house.room.perform(Facts(lambda _: [(each, None) for each in wrong]))
        still = [effect.rpartition(",")[0] for effect in sees(house, "resolve") if effect.startswith("although")]
        assert still == [
            "although 3 of 5 pods crash: CrashLoopBackOff", "although p95 is in breach at 3.1 s",
            "although endpoint health fails: it answered 503",
        ]  # fmt: skip


async def test_an_update_that_resolves_means_the_same_everywhere(tmp_path: Path) -> None:
    """`u` and `message send` resolve as `resolve` does: at the pager, on the ticket, with an invitation."""
    async with flying(tmp_path) as (house, receivers):
        await does(house, "start payment-failure p1 --yes")
        composed = house.messages.compose("status-page-resolution", {"explanation": "It was the pool"}, Status.RESOLVED)
        results = await house.messages.send_all(Update(composed, Status.RESOLVED, "all is well"))
        assert results[0].message == composed.id
        await arrives(receivers, "pagerduty", "resolve")
        await arrives(receivers, "jira", "transition")
        assert "post-mortem" in (await arrives(receivers, "mail", "letter")).text.lower()


async def test_the_incidents_own_channel_hears_how_it_goes_and_who_is_at_it(tmp_path: Path) -> None:
    async with flying(tmp_path, "slack") as (house, receivers):
        await does(house, "start payment-failure p1 --yes")
        for line in (
            "role ic @dba",
            "status --to identified the pool",
            "mitigate took it back",
            "severity p0 --why more",
        ):
            await does(house, line)
        channel = (await arrives(receivers, "slack", "channel")).where
        await eventually(lambda: any("severity P0" in each.text for each in receivers.arrived.of("slack", "message")))
        said = [each.text for each in receivers.arrived.of("slack", "message") if each.where == channel][1:]
        for words, text in zip(
            ("commander is @dba", "identified – the pool", "took it back", "P0 – more"), said, strict=True
        ):
            assert words in text
        assert any("@dba" in each.text for each in receivers.arrived.of("slack", "invite"))
        assert await does(house, "note quiet") == ["note"]


async def test_who_is_paged_after_the_acknowledgement_is_acknowledged_too(tmp_path: Path) -> None:
    async with flying(tmp_path, "pagerduty") as (house, receivers):
        await does(house, "start payment-failure p1 --yes")
        assert await does(house, "ack") == ["acknowledged", "message"]
        with pytest.raises(Refusal, match="already acknowledged by @alice"):
            await does(house, "ack")
        await does(house, "page database-team")
        assert await does(house, "ack") == ["message"]
        await arrives(receivers, "pagerduty", "acknowledge", 2)


async def test_a_redaction_erases_the_words_in_the_messages_that_repeat_them(tmp_path: Path) -> None:
    async with flying(tmp_path, "slack") as (house, receivers):
        await does(house, "start payment-failure p1 --yes")
        await does(house, "status --to identified the account of Lindqvist is stuck")
        await arrives(receivers, "slack", "message", 3)
        assert await does(house, "redact last --why names a customer --yes") == ["redaction", "redaction"]
        words = [f"{each.message.title} {each.message.text}" for each in house.room.state.messages.values()]
        assert not [text for text in words if "Lindqvist" in text]


async def test_a_duplicate_leaves_no_page_ringing_and_no_channel_behind(tmp_path: Path) -> None:
    async with flying(tmp_path, "slack", "pagerduty") as (house, receivers):
        await does(house, "start payment-failure p1 --yes")
        await does(house, "start cards-refused p1 --another --alone")
        first, *_ = house.room.labels.values()
        house.delivering.begin()  # a cockpit is open: it takes up what another incident's record has left
        await house.room.perform(grammar.parse(f"merge {first}", house.room.clock.now))
        assert (await arrives(receivers, "pagerduty", "resolve")).key == receivers.arrived.of("pagerduty", "trigger")[
            0
        ].key
        assert (await arrives(receivers, "slack", "archive")).where == receivers.arrived.of("slack", "channel")[0].where


async def test_the_preview_of_another_incident_does_not_name_the_present_one(tmp_path: Path) -> None:
    async with flying(tmp_path, "slack", "pagerduty") as (house, _):
        await does(house, "start payment-failure p1 --alone")
        present = house.room.label
        assert present
        parsed = grammar.parse("start cards-refused p1 --another", house.room.clock.now)
        effects = house.room.preview(parsed)
        assert [each for each in effects if "cards-refused" in each and "own channel" in each], effects
        assert not [each for each in effects if present in each]
