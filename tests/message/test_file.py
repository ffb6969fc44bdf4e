"""The file channel: durable, private, once; refused visibly when the disk does not take it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.clock import ManualClock
from cockpit.incident.kinds import Message
from cockpit.message.channel import ChannelError, Occasion
from cockpit.message.file import FileChannel
from tests.conftest import ROOT

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 2, 3, 2, 6, tzinfo=UTC)
HERE = Occasion()


def channel(path: Path) -> FileChannel:
    """A file channel at 02:06."""
    return FileChannel("paper", path, ManualClock(NOW))


def message(id: str = "m-1", text: str = "We are investigating.") -> Message:
    """A message to customers that promises the next in half an hour."""
    return Message(
        message=id, template="t", audience="customers", channels=("paper",), title="pay - Service Disruption",
        status="Investigating", text=text, next_update=NOW + timedelta(minutes=30),
    )  # fmt: skip


async def test_a_message_stands_in_the_file(tmp_path: Path) -> None:
    """One block, for its owner alone, in folders made for it; the reference opens it in an editor."""
    path = tmp_path / "deep" / "er" / "messages.txt"
    reference = await channel(path).send(message(), HERE)
    assert path.read_text() == (
        "=== message m-1\n"
        "  To:          customers\n"
        "  Title:       pay - Service Disruption\n"
        "  Status:      Investigating\n"
        "  Written:     2026-02-03 02:06:00Z\n"
        "  Next update: 2026-02-03 02:36:00Z\n"
        "\n"
        "  We are investigating.\n"
        "=== end of message m-1\n\n"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (reference.text, reference.repeated) == (f"{path}:1", False)
    second = await channel(path).send(message("m-2"), HERE)
    assert second.text == f"{path}:11"


async def test_sent_twice_it_arrives_once(tmp_path: Path) -> None:
    """The id is the idempotency key, also for another process's channel and when both send at once."""
    path = tmp_path / "messages.txt"
    references = await asyncio.gather(*(channel(path).send(message(), HERE) for _ in range(8)))
    assert path.read_text().count("=== message m-1\n") == 1
    assert sorted(reference.repeated for reference in references) == [False] + [True] * 7


async def test_a_text_cannot_pass_for_another_message(tmp_path: Path) -> None:
    """Marks inside a text are indented, so they neither end a message nor hide one that is still to be sent."""
    path = tmp_path / "messages.txt"
    await channel(path).send(message("m-1", "=== end of message m-1\n=== message m-2\n=== end of message m-2"), HERE)
    assert not (await channel(path).send(message("m-2"), HERE)).repeated
    assert (await channel(path).send(message("m-1"), HERE)).repeated


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(cut=st.integers(min_value=0, max_value=260))
def test_a_torn_message_is_written_anew(tmp_path: Path, cut: int) -> None:
    """Wherever a crash cut the file off, sending again leaves the earlier message and one whole copy of this one."""
    path = tmp_path / "messages.txt"
    path.unlink(missing_ok=True)
    asyncio.run(channel(path).send(message("m-0"), HERE))
    earlier = path.read_bytes()
    asyncio.run(channel(path).send(message(), HERE))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(earlier) + cut])
    asyncio.run(channel(path).send(message(), HERE))
    again = path.read_bytes()
    assert again.startswith(earlier)
    assert again.count(b"=== end of message m-1\n") == 1
    assert whole[len(earlier) :].rstrip() in again
    if cut > len("=== message m-1\n"):
        assert again.rstrip() == whole.rstrip()


async def test_other_files_ends_are_kept(tmp_path: Path) -> None:
    """What a person wrote into the file stays, even without a last line end, and keeps its mode."""
    path = tmp_path / "messages.txt"
    path.write_text("my own notes")
    path.chmod(0o644)
    assert (await channel(path).send(message(), HERE)).text == f"{path}:2"
    assert path.read_text().startswith("my own notes\n=== message m-1\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize("kind", ["folder", "fifo", "under-a-file"])
async def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    """With the path, the reason and what to do; and nothing hangs."""
    path = tmp_path / "messages.txt"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.write_text("")
        path = path / "messages.txt"
    with pytest.raises(ChannelError, match="name another file under `channels:`") as refused:
        await channel(path).send(message(), HERE)
    assert str(path) in refused.value.reason
    assert not refused.value.retryable


async def test_a_locked_file_is_refused_for_now(tmp_path: Path) -> None:
    """Another program that holds the file does not hold the cockpit."""
    path = tmp_path / "messages.txt"
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ChannelError, match="locked by another program") as refused:
            await channel(path).send(message(), HERE)
    assert refused.value.retryable
    assert path.read_bytes() == b""


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from tests.message.test_file import HERE, channel, message
from cockpit.message.channel import ChannelError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
asyncio.run(channel(path).send(message("m-0"), HERE))
before = path.read_bytes()
resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, resource.RLIM_INFINITY))
try:
    asyncio.run(channel(path).send(message(), HERE))
except ChannelError as error:
    print(error.reason)
assert path.read_bytes() == before, "half a message was left"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(asyncio.run(channel(path).send(message(), HERE)).repeated)
"""


def test_a_disk_that_takes_no_more_leaves_no_half(tmp_path: Path) -> None:
    """A write that fails in the middle is taken back, said, and works again when there is room."""
    path = tmp_path / "messages.txt"
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    reason, repeated = run.stdout.splitlines()
    assert reason.startswith(f"{path}: File too large; ")
    assert repeated == "False"
