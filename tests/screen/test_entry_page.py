"""The page of one entry: every field that says something, and none that is empty."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen.flying import flown
from screen.staged import stage, staged, story

pytestmark = pytest.mark.anyio


async def test_empty_fields_are_left_out(tmp_path: Path) -> None:
    async with staged(tmp_path, stage(), entries=story()) as war, flown(war, tmp_path) as cockpit:
        found = [each for each in cockpit.entries if each.kind == "incident-declared"]
        found = found or [each for each in cockpit.entries if "" in each.payload.values()]
        entry = found[0]
        empty = [name for name, value in entry.payload.items() if value in ("", [], {}, None)]
        said = [name for name, value in entry.payload.items() if value not in ("", [], {}, None)]
        assert empty
        assert said
        cockpit.app.screen.open_entry(entry.id)  # type: ignore[attr-defined]
        await cockpit.goes_to("EntryPage")
        seen = await cockpit.sees("kind", "hash", said[0])
        begins = {
            line.split()[0] for line in seen.splitlines() if line.strip() and line.startswith(" ") and line[1] != " "
        }
        assert begins.isdisjoint(empty)
        assert begins >= set(said)
