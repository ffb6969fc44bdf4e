"""The journal on the event loop: a caller that is cancelled leaves nothing half done and nothing unheard."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.record.store import Store
from tests.record.redacting import SECRET, redaction
from tests.record.test_journal import INCIDENT, note

pytestmark = pytest.mark.anyio


async def cancelled_append(store: Store, since: int) -> None:
    """Ask for an append, and cancel whoever waits for it before it has begun."""
    gate = threading.Event()
    store._thread.submit(gate.wait)
    waiting = asyncio.create_task(store.append([note("whole"), note("whole too")], since=since))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    gate.set()


async def test_an_append_goes_on_though_its_caller_is_gone(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "record.db", SystemClock())
    await cancelled_append(store, 0)
    assert len(await store.read(INCIDENT)) == 2
    await store.close()


async def test_an_append_that_fails_after_its_caller_is_gone_is_not_shouted_about(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    store = await Store.open(tmp_path / "record.db", SystemClock())
    await store.append([note("first")])
    await cancelled_append(store, 0)  # somebody was quicker: it is refused
    assert len(await store.read(INCIDENT)) == 1
    await store.close()
    gc.collect()
    await asyncio.sleep(0)
    assert heard == []


async def test_verifying_tells_of_words_that_a_reader_keeps_from_going(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "record.db", SystemClock())
    secret = (await store.append([note(SECRET)])).entries[0]
    with closing(sqlite3.connect(tmp_path / "record.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchone()
        await store.append([redaction(secret)])
        while_read = await store.verify()
    await store.append([note("after")])
    after = await store.verify()
    assert [(verdict.sound, verdict.unscrubbed) for verdict in (while_read, after)] == [(True, True), (True, False)]
    await store.close()
