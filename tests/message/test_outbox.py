"""The outbox: channels in order, every attempt recorded, nothing lost or doubled over a restart."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.kinds import Delivery, Message
from cockpit.message.audiences import AudienceError, Audiences
from cockpit.message.file import FileChannel
from cockpit.message.outbox import Outbox, pending
from tests.scribe.story import Book

pytestmark = pytest.mark.anyio


def page(*channels: str, id: str = "m-1") -> Message:
    """A message to customers over these channels."""
    return Message(message=id, template="t", audience="customers", channels=channels, title="T", text="x")


class Desk:
    """A record with an outbox on file channels: `good` and `paper` take messages, `bad` cannot."""

    def __init__(self, folder: Path) -> None:
        self.book = Book()
        self.refusing = False
        (folder / "bad.txt").mkdir(exist_ok=True)
        clock = ManualClock(datetime(2026, 2, 3, 2, 6, tzinfo=UTC))
        channels = [FileChannel(name, folder / f"{name}.txt", clock) for name in ("good", "bad", "paper")]
        self.outbox = Outbox(channels, self.record)

    async def record(self, delivery: Delivery) -> None:
        """Append the delivery, or fail as a journal without disk does."""
        if self.refusing:
            raise OSError("the journal cannot be written")
        self.book.add(delivery, "1:00")

    def put(self, message: Message) -> Message:
        """What comes before any sending: the message is an entry."""
        self.book.add(message, "0:30", "@dana")
        return message


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty desk."""
    return Desk(tmp_path)


async def test_the_first_that_takes_it_wins(desk: Desk, tmp_path: Path) -> None:
    """A refusal is recorded with its reason, the next channel is tried, and no further one."""
    result = await desk.outbox.deliver(desk.put(page("bad", "good", "paper")))
    assert [(one.channel, one.state) for one in result.deliveries] == [("bad", "failed"), ("good", "sent")]
    assert result.sent is not None
    assert result.sent.reference == f"{tmp_path / 'good.txt'}:1"
    assert result.reason == ""
    sent = desk.book.timeline.state.messages["m-1"]
    assert (sent.state, len(sent.deliveries)) == ("sent", 2)
    assert not (tmp_path / "paper.txt").exists()


async def test_none_takes_it(desk: Desk) -> None:
    """The message is failed, with every reason; a channel that the configuration lost is one of them."""
    result = await desk.outbox.deliver(desk.put(page("bad", "gone")))
    assert result.sent is None
    assert "Is a directory" in result.reason
    assert "gone: is not configured any more" in result.reason
    assert desk.book.timeline.state.messages["m-1"].state == "failed"
    assert pending(desk.book.timeline.state) == []


async def test_after_a_crash_it_goes_on_and_doubles_nothing(desk: Desk, tmp_path: Path) -> None:
    """Written to the file but not recorded as sent: the message is pending, is recognised, and stands there once."""
    desk.put(page("good"))
    desk.refusing = True
    with pytest.raises(OSError, match="journal"):
        await desk.outbox.deliver(page("good"))
    state = desk.book.timeline.state
    assert [sent.message.message for sent in pending(state)] == ["m-1"]
    again = Desk(tmp_path)
    again.book = desk.book
    (result,) = await again.outbox.go_on(state)
    assert result.sent is not None
    assert (tmp_path / "good.txt").read_text().count("=== message m-1") == 1
    assert pending(again.book.timeline.state) == []


async def test_a_round_that_was_cut_off_continues_with_the_next_channel(desk: Desk) -> None:
    """What a channel has refused is not asked again; older messages go first."""
    desk.put(page("bad", "good"))
    desk.put(page("good", id="m-2"))
    desk.book.add(Delivery(message="m-1", channel="bad", state="failed", reason="refused"), "0:40")
    results = await desk.outbox.go_on(desk.book.timeline.state)
    assert [[one.channel for one in result.deliveries] for result in results] == [["good"], ["good"]]
    assert [result.message for result in results] == ["m-1", "m-2"]


def test_audiences_know_their_channels() -> None:
    """In the configured order; one that nobody reaches is refused with what to do."""
    audiences = Audiences({"internal": ["paper"], "customers": ["status", "paper"], "board": []})
    assert audiences.names() == ["internal", "customers", "board"]
    assert audiences.channels("customers") == ("status", "paper")
    for name in ("board", "press"):
        with pytest.raises(AudienceError, match=rf"no channel reaches '{name}' \(reached: internal, customers\)"):
            audiences.channels(name)
    with pytest.raises(AudienceError, match="reached: none"):
        Audiences({}).channels("customers")
