"""Messages on their way: every state, in order, never twice, over failures of every sort; on a real journal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cockpit.incident.deliveries import Sent
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Message
from cockpit.incident.terms import Status
from cockpit.message.channel import ChannelError
from cockpit.room.messages.agreeing import open_pages
from cockpit.room.refusal import Refusal
from cockpit.room.requests import Close, Facts, Resolve, SetStatus
from tests.message.scripted import DOWN, REFUSED, SILENT, Desk, Scripted, at_desk, busy
from tests.room.test_trouble import refusing

pytestmark = pytest.mark.anyio


async def test_sent_at_once_with_its_remote_id(tmp_path: Path) -> None:
    chat = Scripted("chat")
    async with at_desk(tmp_path, chat) as desk:
        message = await desk.write("chat")
        await desk.until(lambda: desk.state(message) == "sent")
        assert desk.said(message) == [("chat", "sent")]
        (attempt,) = desk.sent(message).attempts
        assert (attempt.remote, attempt.words, attempt.number) == ("remote-1", "at chat", 1)
    assert chat.closed


async def test_one_that_fails_is_tried_again_until_it_is_taken(tmp_path: Path) -> None:
    """Each failure has its reason and the time of the next try in the record."""
    chat = Scripted("chat", DOWN, DOWN, None)
    async with at_desk(tmp_path, chat) as desk:
        message = await desk.write("chat")
        await desk.until(lambda: len(chat.tried) == 1 and desk.state(message) == "failed", step=0.0)
        next_try = desk.sent(message).next_try
        assert next_try is not None
        assert 0.5 <= (next_try - desk.clock.now()).total_seconds() <= 1
        await desk.until(lambda: desk.state(message) == "sent", step=0.2)
        assert desk.said(message) == [("chat", "failed"), ("chat", "failed"), ("chat", "sent")]
        assert [attempt.number for attempt in desk.sent(message).attempts] == [3]


async def test_a_page_falls_to_the_next_channel_within_seconds(tmp_path: Path) -> None:
    pager, chat = Scripted("pager", DOWN), Scripted("chat")
    async with at_desk(tmp_path, pager, chat) as desk:
        began = desk.clock.now()
        message = await desk.write("pager", "chat", audience="page:database-team", deed="page")
        await desk.until(lambda: desk.state(message) == "sent", step=0.5)
        assert chat.arrived == [message]
        assert len(pager.tried) >= 3
        assert (desk.clock.now() - began).total_seconds() <= 12


async def test_an_update_gives_a_channel_two_minutes(tmp_path: Path) -> None:
    page, mail = Scripted("page", DOWN), Scripted("mail")
    async with at_desk(tmp_path, page, mail) as desk:
        began = desk.clock.now()
        message = await desk.write("page", "mail")
        await desk.until(lambda: desk.state(message) == "sent")
        assert 30 <= (desk.clock.now() - began).total_seconds() <= 122


async def test_a_wait_that_is_longer_than_the_patience_falls_on_at_once(tmp_path: Path) -> None:
    pager, chat = Scripted("pager", busy(600)), Scripted("chat")
    async with at_desk(tmp_path, pager, chat) as desk:
        message = await desk.write("pager", "chat", deed="page")
        await desk.until(lambda: desk.state(message) == "sent", step=0.0)
        assert desk.said(message) == [("pager", "failed"), ("chat", "sent")]


async def test_what_a_file_keeps_goes_on_to_be_tried_where_people_are(tmp_path: Path) -> None:
    """A file in the place of a dead channel reaches nobody: the message still goes out once the channel is back."""
    chat, paper = Scripted("chat", *[DOWN] * 12, None), Scripted("paper", reaches=False)
    async with at_desk(tmp_path, chat, paper) as desk:
        message = await desk.write("chat", "paper")
        await desk.until(lambda: desk.sent(message).kept is not None)
        assert desk.state(message) == "failed"
        assert desk.sent(message).delivered is None
        await desk.until(lambda: desk.state(message) == "sent")
        assert (chat.arrived, paper.arrived) == ([message], [message])
        assert desk.sent(message).fallen_to == ""


async def test_what_only_a_file_keeps_has_told_nobody_and_may_be_tried_again(tmp_path: Path) -> None:
    chat, paper = Scripted("chat", REFUSED, None), Scripted("paper", reaches=False)
    async with at_desk(tmp_path, chat, paper) as desk:
        message = await desk.write("chat", "paper")
        await desk.until(lambda: desk.state(message) == "kept")
        assert desk.sent(message).delivered is None
        assert (await desk.delivering.retry(message)).state == "sent"


async def test_a_file_that_is_the_first_channel_takes_it_for_good(tmp_path: Path) -> None:
    """Where a team names only a file, or a drill writes to its own, that is where its words belong."""
    paper = Scripted("paper", reaches=False)
    async with at_desk(tmp_path, paper) as desk:
        message = await desk.write("paper")
        await desk.until(lambda: desk.state(message) == "sent")


async def test_what_the_provider_asks_for_is_waited(tmp_path: Path) -> None:
    chat = Scripted("chat", busy(40), None)
    async with at_desk(tmp_path, chat) as desk:
        began = desk.clock.now()
        message = await desk.write("chat")
        await desk.until(lambda: desk.state(message) == "sent")
        assert 40 <= (desk.clock.now() - began).total_seconds() <= 42


async def test_all_are_tried_in_rounds_and_given_up_in_the_end(tmp_path: Path) -> None:
    first, second = Scripted("first", DOWN), Scripted("second", DOWN)
    async with at_desk(tmp_path, first, second) as desk:
        began = desk.clock.now()
        message = await desk.write("first", "second")
        await desk.until(lambda: desk.state(message) == "given up", step=20)
        hours = (desk.clock.now() - began).total_seconds() / 3600
        assert 3.5 <= hours <= 4.1
        assert len(first.tried) < 120
        assert len(second.tried) > 20
        assert "it is down" in str(desk.sent(message).last)


async def test_one_that_refuses_is_not_asked_again(tmp_path: Path) -> None:
    chat, mail = Scripted("chat", REFUSED), Scripted("mail", REFUSED)
    async with at_desk(tmp_path, chat, mail) as desk:
        message = await desk.write("chat", "mail", "gone")
        await desk.until(lambda: desk.state(message) == "given up", step=0.0)
        assert desk.said(message) == [(name, "given up") for name in ("chat", "mail", "gone")]
        assert desk.sent(message).deliveries[-1][2] == "is not configured any more; see `channels:`"
        desk.clock.advance(5000)
        assert len(chat.tried) == 1


async def test_a_channel_without_the_deed_is_passed(tmp_path: Path) -> None:
    hook, bot = Scripted("hook", deeds=("tell",)), Scripted("bot")
    async with at_desk(tmp_path, hook, bot) as desk:
        message = await desk.write("hook", "bot", deed="open")
        await desk.until(lambda: desk.state(message) == "sent", step=0.0)
        assert desk.sent(message).deliveries[0] == ("hook", "given up", "hook cannot do that (open)")
        assert hook.tried == []


@pytest.mark.parametrize("taken", [True, False])
async def test_an_unknown_outcome_is_asked_of_the_provider(tmp_path: Path, taken: bool) -> None:
    """It is sent again only where the provider does not have it; what begins is in the record before."""
    bot = Scripted("bot", SILENT, None, again="find", takes_silently=taken)
    async with at_desk(tmp_path, bot) as desk:
        message = await desk.write("bot")
        await desk.until(lambda: desk.state(message) == "unknown", step=0.0)
        assert desk.said(message) == [("bot", "sending"), ("bot", "unknown")]
        assert desk.sent(message).next_try is not None
        await desk.until(lambda: desk.state(message) == "sent", step=0.5)
        assert bot.arrived == [message]
        assert bot.looked == [message]
        assert len(bot.tried) == (1 if taken else 2)


async def test_an_unknown_outcome_waits_for_a_person(tmp_path: Path) -> None:
    """Nothing is sent a second time by itself, nor by the next channel."""
    mail, chat = Scripted("mail", SILENT, None, again="ask"), Scripted("chat")
    async with at_desk(tmp_path, mail, chat) as desk:
        arrived, lost = await desk.write("mail", "chat"), await desk.write("mail", audience="support")
        mail.answers = [SILENT, SILENT, None]
        await desk.until(lambda: {desk.state(arrived), desk.state(lost)} == {"unknown"}, step=0.0)
        desk.clock.advance(10_000)
        await asyncio.sleep(0.05)
        assert (len(mail.tried), chat.tried) == (2, [])
        result = await desk.delivering.settle(arrived, arrived=True)
        assert result.state == desk.state(arrived) == "sent"
        assert desk.sent(arrived).deliveries == (("mail", "sent", "as @alice found out"),)
        with pytest.raises(Refusal, match="no undelivered message"):
            await desk.delivering.settle(arrived, arrived=False)
        assert (await desk.delivering.settle(lost, arrived=False)).state == "sent"
        assert len(mail.tried) == 3


async def test_a_page_of_which_nobody_knows_goes_on_to_the_next_channel(tmp_path: Path) -> None:
    hook, mail = Scripted("hook", SILENT, again="ask"), Scripted("mail")
    async with at_desk(tmp_path, hook, mail) as desk:
        message = await desk.write("hook", "mail", deed="page")
        await desk.until(lambda: desk.state(message) == "sent", step=0.0)
        assert desk.said(message) == [("hook", "sending"), ("hook", "unknown"), ("mail", "sent")]


async def test_a_page_that_may_be_ringing_is_resolved_though_the_next_channel_took_it(tmp_path: Path) -> None:
    """The pager never answered, chat took the page: whoever resolves it must reach the pager too."""
    pager, chat = Scripted("pager", SILENT, SILENT, SILENT, DOWN), Scripted("chat")
    async with at_desk(tmp_path, pager, chat) as desk:
        page = await desk.write("pager", "chat", audience="page:dba", deed="page", options={"target": "dba"})
        await desk.until(lambda: desk.state(page) == "sent")
        assert [(each[0].message.options["target"], each[1]) for each in ringing(desk, {"pager"})] == [("dba", "pager")]
        pager.answers = [None]
        resolved = await desk.write("pager", audience="page:dba", deed="resolve", options={"target": "dba"})
        await desk.until(lambda: desk.state(resolved) == "sent")
        assert [(each.message, remote) for each, remote in pager.occasions[-1].earlier] == [(page, page)]
        assert ringing(desk, {"pager"}) == []


async def test_a_page_that_certainly_did_not_arrive_is_not_called_open(tmp_path: Path) -> None:
    pager, chat = Scripted("pager", DOWN), Scripted("chat")
    async with at_desk(tmp_path, pager, chat) as desk:
        page = await desk.write("pager", "chat", audience="page:dba", deed="page", options={"target": "dba"})
        await desk.until(lambda: desk.state(page) == "sent")
        assert ringing(desk, {"pager"}) == []


def ringing(desk: Desk, pagers: set[str]) -> list[tuple[Sent, str]]:
    """The pages that may still be open at the pagers."""
    return open_pages(desk.house.room.state, pagers)


async def test_a_person_tries_again_what_was_given_up(tmp_path: Path) -> None:
    chat = Scripted("chat", REFUSED, None)
    async with at_desk(tmp_path, chat) as desk:
        message = await desk.write("chat")
        await desk.until(lambda: desk.state(message) == "given up", step=0.0)
        assert (await desk.delivering.retry(message)).state == "sent"
        assert desk.said(message) == [("chat", "given up"), ("", "queued"), ("chat", "sent")]
        with pytest.raises(Refusal, match="was delivered"):
            await desk.delivering.retry(message)
        with pytest.raises(Refusal, match="no undelivered message 'nothing'"):
            await desk.delivering.retry("nothing")


async def test_messages_to_one_audience_keep_their_order(tmp_path: Path) -> None:
    chat = Scripted("chat", DOWN, None)
    async with at_desk(tmp_path, chat) as desk:
        first, second = await desk.write("chat"), await desk.write("chat")
        await desk.until(lambda: desk.state(second) == "sent", step=0.2)
        assert chat.arrived == [first, second]


async def test_an_old_update_does_not_go_out_after_a_newer_one(tmp_path: Path) -> None:
    """The first waits for its next round; the second goes by a channel that works; the first is given up."""
    page, mail = Scripted("page", DOWN), Scripted("mail")
    async with at_desk(tmp_path, page, mail) as desk:
        old = await desk.write("page")
        await desk.until(
            lambda: (desk.sent(old).next_try or desk.clock.now()) > desk.clock.now() and len(page.tried) > 7
        )
        new = await desk.write("mail")
        await desk.until(lambda: desk.state(old) == "given up")
        assert desk.state(new) == "sent"
        assert desk.said(old)[-1] == ("", "given up")
        assert "a later message to customers went out before it" in str(desk.sent(old).last)
        page.answers = [None]
        desk.clock.advance(5000)
        await asyncio.sleep(0.05)
        assert page.arrived == []


async def test_a_page_does_not_go_out_after_the_resolution(tmp_path: Path) -> None:
    pager = Scripted("pager", DOWN)
    async with at_desk(tmp_path, pager) as desk:
        page = await desk.write("pager", deed="page", audience="page:db", options={"target": "db"})
        await desk.until(lambda: desk.state(page) == "failed", step=0.0)
        desk.clock.advance(0.1)
        pager.answers = [None]
        resolve = await desk.write("pager", deed="resolve", audience="page:db", options={"target": "db"})
        await desk.until(lambda: desk.state(resolve) == "sent", step=0.0)
        assert (desk.state(page), pager.arrived) == ("given up", [resolve])


async def test_closing_gives_up_what_asks_people_to_act_and_not_the_last_word(tmp_path: Path) -> None:
    chat = Scripted("chat", DOWN)
    async with at_desk(tmp_path, chat) as desk:
        invite = await desk.write("chat", deed="invite", audience="responders")
        word = await desk.write("chat")
        await desk.until(lambda: desk.state(invite) == desk.state(word) == "failed", step=0.0)
        desk.clock.advance(0.1)
        await desk.house.room.perform(Resolve("done"))
        await desk.house.room.perform(Close())
        chat.answers = [None]
        await desk.until(lambda: desk.state(word) == "sent")
        assert desk.state(invite) == "given up"
        assert "closed meanwhile" in str(desk.sent(invite).last)


async def test_people_are_invited_once_the_channel_is_open(tmp_path: Path) -> None:
    """What needs another's outcome waits for it, however long that takes; and is told of it."""
    bot = Scripted("bot", *[DOWN] * 12, None)
    async with at_desk(tmp_path, bot) as desk:
        opening = await desk.write("bot", deed="open", audience="responders")
        invite = await desk.write("bot", deed="invite", audience="responders")
        await desk.until(lambda: desk.state(invite) == "sent", step=30)
        assert bot.arrived == [opening, invite]
        assert bot.occasions[-1].remote("open") == "remote-1"


async def test_a_dead_channel_holds_nobody_else_up(tmp_path: Path) -> None:
    """Nor the keys: the record takes notes meanwhile."""
    dead, chat = Scripted("dead"), Scripted("chat")
    dead.gate.clear()
    async with at_desk(tmp_path, dead, chat) as desk:
        stuck = [await desk.write("dead", audience=f"a{n}") for n in range(5)]
        message = await desk.write("chat")
        await desk.until(lambda: desk.state(message) == "sent", step=0.0)
        await desk.house.room.perform(SetStatus("it is the pool", Status.IDENTIFIED.value))
        assert dead.tried == stuck[:1]
        dead.gate.set()
        await desk.until(lambda: all(desk.state(each) == "sent" for each in stuck), step=0.0)


async def test_pages_go_before_updates_on_one_channel(tmp_path: Path) -> None:
    chat = Scripted("chat")
    chat.gate.clear()
    async with at_desk(tmp_path, chat) as desk:
        first = await desk.write("chat", audience="a")
        await desk.until(lambda: chat.tried == [first], step=0.0)
        update, page = await desk.write("chat", audience="b"), await desk.write("chat", audience="c", deed="page")
        chat.gate.set()
        await desk.until(lambda: desk.state(update) == "sent", step=0.0)
        assert chat.arrived == [first, page, update]


async def test_a_provider_is_not_asked_faster_than_it_allows(tmp_path: Path) -> None:
    chat = Scripted("chat", pace=1.0)
    async with at_desk(tmp_path, chat) as desk:
        began = desk.clock.now()
        written = [await desk.write("chat", audience=f"a{n}") for n in range(4)]
        await desk.until(lambda: all(desk.state(each) == "sent" for each in written), step=0.5)
        assert 3 <= (desk.clock.now() - began).total_seconds() <= 4


async def test_a_channel_that_stumbles_stops_nothing(tmp_path: Path) -> None:
    """A fault of our own in one channel is an unknown outcome there, and the lane goes on."""
    chat = Scripted("chat", again="ask")

    async def stumble(*_: object) -> object:
        raise KeyError("ts")

    taken, chat.send = chat.send, stumble  # type: ignore[method-assign, assignment]
    async with at_desk(tmp_path, chat) as desk:
        message = await desk.write("chat", audience="a")
        await desk.until(lambda: desk.state(message) == "unknown", step=0.0)
        assert "could not be understood (KeyError)" in desk.sent(message).deliveries[0][2]
        chat.send = taken  # type: ignore[method-assign]
        other = await desk.write("chat", audience="b")
        await desk.until(lambda: desk.state(other) == "sent", step=0.0)


async def test_no_secret_stands_in_a_reason(tmp_path: Path) -> None:
    told = ChannelError("refused:\npassword=hunter2sesame\x1b[31m " + "x" * 900, retryable=False)
    async with at_desk(tmp_path, Scripted("chat", told)) as desk:
        message = await desk.write("chat")
        await desk.until(lambda: desk.state(message) == "given up", step=0.0)
        (_, _, reason) = desk.sent(message).deliveries[0]
        assert "hunter2" not in reason
        assert "\x1b" not in reason
        assert len(reason) <= 500


async def test_a_command_tries_every_channel_once_and_says_when_it_goes_on(tmp_path: Path) -> None:
    chat, mail = Scripted("chat", DOWN), Scripted("mail", DOWN)
    async with at_desk(tmp_path, chat, mail, begun=False) as desk:
        message = await desk.write("chat", "mail")
        (result,) = await desk.delivering.delivered(
            [e for e in desk.house.room.timeline.entries if e.kind == "message"]
        )
        assert (result.state, len(chat.tried), len(mail.tried)) == ("failed", 1, 1)
        assert result.next_try is not None
        assert result.reason == "chat: it is down; mail: it is down"
    mail.answers = [None]
    async with at_desk(tmp_path, chat, mail) as desk:  # and the next cockpit does
        await desk.until(lambda: desk.state(message) == "sent")


async def test_what_to_paste_when_nothing_works(tmp_path: Path) -> None:
    async with at_desk(tmp_path, Scripted("chat", REFUSED)) as desk:
        message = await desk.write("chat")
        assert desk.delivering.text_of(message) == "To: customers\nSubject: Down\n\nWe look into it."
        with pytest.raises(Refusal, match="there is no message"):
            desk.delivering.text_of("nothing")


async def test_what_arrived_while_the_record_was_full_is_not_sent_again(tmp_path: Path) -> None:
    """It is kept in hand until its delivery can be recorded."""
    mail = Scripted("mail", again="ask")
    mail.gate.clear()
    async with at_desk(tmp_path, mail) as desk:
        message = await desk.write("mail")
        await desk.until(lambda: mail.tried == [message], step=0.0)
        with refusing(tmp_path):
            mail.gate.set()
            for _ in range(30):
                desk.clock.advance(2)
                await asyncio.sleep(0.005)
            assert desk.state(message) == "sending"
        await desk.until(lambda: desk.state(message) == "sent")
        assert mail.tried == [message]


async def test_nothing_is_sent_that_could_not_be_recorded_before(tmp_path: Path) -> None:
    """Where a second attempt could be a second message, the first is not made without an entry."""
    mail = Scripted("mail", again="ask", pace=5.0)
    async with at_desk(tmp_path, mail) as desk:
        first = await desk.write("mail", audience="a")
        await desk.until(lambda: desk.state(first) == "sent", step=0.0)
        second = await desk.write("mail", audience="b")
        with refusing(tmp_path):
            for _ in range(30):
                desk.clock.advance(2)
                await asyncio.sleep(0.005)
            assert mail.tried == [first]
        await desk.until(lambda: desk.state(second) == "sent")
        assert mail.tried == [first, second]


async def test_many_at_once_go_out_in_order_beside_a_dead_channel(tmp_path: Path) -> None:
    """Each once; those to one audience in the order in which they were written."""
    names = ("a", "b", "c", "d")
    channels = [Scripted("dead"), *(Scripted(name) for name in names)]
    channels[0].gate.clear()
    async with at_desk(tmp_path, *channels) as desk:
        messages = [
            Message(message=new_id(), template="", audience=f"of-{name}", channels=(name,), title="T", text=str(n))
            for n in range(30)
            for name in ("dead", *names)
        ]
        await desk.house.room.perform(Facts(lambda _: [(each, None) for each in messages]))
        alive = [each.message for each in messages if each.channels != ("dead",)]
        await desk.until(lambda: all(desk.state(each) == "sent" for each in alive), step=0.0)
        for channel in channels[1:]:
            assert channel.arrived == [each.message for each in messages if each.channels == (channel.name,)]
        assert len(channels[0].tried) == 1
        channels[0].gate.set()
        await desk.until(lambda: len(channels[0].arrived) == 30, step=0.0)
