"""Which moments the signals are kept at, and a trouble of reading that is over."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import flying

from cockpit.incident.entry import Draft, Entry, Tail, seal
from cockpit.incident.fold import fold
from cockpit.incident.kinds import Payload, RunIntent, RunVerified
from cockpit.record.errors import JournalError
from cockpit.room.facts.signals import moment_of

NOW = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)


def sealed(payload: Payload) -> Entry:
    """An entry of an incident."""
    draft = Draft("i", payload.kind, payload.fields(), NOW, "@ada")
    return seal(draft, Tail("w"), id=os.urandom(4).hex(), now=NOW)[0]


@pytest.mark.parametrize(("verdict", "moment"), [("verified", "mitigation"), ("failed", ""), ("unknown", "")])
def test_a_run_that_did_not_take_hold_is_no_mitigation(verdict: str, moment: str) -> None:
    intent = sealed(RunIntent(run="r", title="Roll back", command="kubectl", risk="changing", mitigates=True))
    seen = sealed(RunVerified.model_validate({"run": "r", "verdict": verdict}))
    assert moment_of(seen, fold([intent, seen])) == moment


@pytest.mark.anyio
async def test_a_record_that_can_be_read_again_is_not_called_in_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with flying(tmp_path) as cockpit:
        room = cockpit.war.room

        async def unreadable() -> bool:
            raise JournalError("locked", "not read")

        monkeypatch.setattr(room, "adopt", unreadable)
        await eventually(lambda: room.trouble == "not read")
        monkeypatch.undo()
        await eventually(lambda: not room.trouble)
