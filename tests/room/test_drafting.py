"""What was being typed with words that a redaction erased goes from the disk and from every cockpit's memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flying

from cockpit.clock import SystemClock
from cockpit.record.drafts import Drafts, DraftText
from cockpit.record.journal import Journal
from cockpit.room.drafting import Drafting
from cockpit.room.requests import Start
from cockpit.room.war_room import WarRoom
from tests.conftest import eventually
from tests.record.redacting import SECRET, on_disk, redact
from tests.record.test_journal import INCIDENT, note
from tests.stories import START

pytestmark = pytest.mark.anyio


async def test_the_words_go_from_memory_and_other_drafts_stay(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "record.db", SystemClock())
    desk = Drafting(Drafts.beside(journal.path), read_only=False)
    desk.keep(INCIDENT, "note", DraftText(f"again {SECRET}", START))
    desk.keep(INCIDENT, "status", DraftText("rolled back", START))
    await eventually(lambda: len(Drafts.beside(journal.path).every()) == 2)
    redact(journal, journal.append([note(f"the password is {SECRET}")]).entries[0])
    desk.forget_erased()
    desk.keep(INCIDENT, "resolve", DraftText("typed just now", START))
    await desk.close()
    left = [desk.kept(INCIDENT, form) for form in ("note", "status", "resolve")]
    assert [draft and draft.text for draft in left] == [None, "rolled back", "typed just now"]
    journal.close()


async def test_a_redaction_by_somebody_else_empties_the_prompt_that_was_left(tmp_path: Path) -> None:
    async with flying(tmp_path) as cockpit:
        war: WarRoom = cockpit.war
        incident = (await war.room.perform(Start("payment-failure")))[0].incident
        other = Journal.open(war.room.store.path, SystemClock())
        secret = other.append([note(f"it is {SECRET}", incident)]).entries[0]
        war.keep_draft("note", f"it is {SECRET}", START)
        await eventually(lambda: on_disk(war.room.store.path.parent / "drafts", SECRET))
        redact(other, secret)
        other.close()
        await eventually(lambda: war.draft("note") is None)
