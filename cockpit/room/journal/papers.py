"""The papers of a room's incident: the brief, the record as exported, the review; long ones are written in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cockpit.incident.timeline import Timeline
from cockpit.room.refusal import Refusal
from cockpit.room.room import Room
from cockpit.scribe.brief import Brief, brief

if TYPE_CHECKING:  # long papers are written in a thread, which imports what writes them
    from cockpit.scribe.review import Part

__all__ = ["Papers", "Part"]


class Papers:
    """What the scribe writes of one room.

    Args:
        room: whose incident it is, as it stands whenever a paper is asked for.
    """

    def __init__(self, room: Room) -> None:
        self._room = room

    def brief(self) -> Brief:
        """Where the incident stands, to read aloud."""
        room = self._room
        return brief(room.state, label=room.label, now=room.clock.now(), policy=room.policy)

    async def markdown(self) -> str:
        """The record as it will be exported."""
        still, label, now = self._room.timeline.still(), self._room.label, self._room.clock.now()
        lists, policy = self._room.setting.checklists, self._room.policy
        return await asyncio.to_thread(_exported, still, label=label, now=now, checklists=lists, policy=policy)

    async def review(self) -> Sequence[Part]:
        """The review, part by part."""
        still, label, now = self._room.timeline.still(), self._room.label, self._room.clock.now()
        lists, policy = self._room.setting.checklists, self._room.policy
        return await asyncio.to_thread(_reviewed, still, label=label, now=now, checklists=lists, policy=policy)

    def export_path(self) -> Path:
        """Where the export goes: into the current folder, by the incident's label."""
        return Path.cwd() / f"{self._room.label or 'incident'}.md"

    def review_path(self) -> Path:
        """Where the review goes: beside the export."""
        return Path.cwd() / f"{self._room.label or 'incident'}-review.md"

    async def write_export(self) -> Path:
        """Write the record's Markdown; gives the path, raises Refusal when the file cannot be written."""
        return await _write(self.export_path(), await self.markdown(), "cockpit export --output FILE")

    async def write_review(self) -> Path:
        """Write the review; gives the path, raises Refusal when the file cannot be written."""
        text = "\n\n".join(part.markdown for part in await self.review() if part.markdown)
        return await _write(self.review_path(), f"{text}\n", "cockpit review --output FILE")


def _exported(timeline: Timeline, **given: Any) -> str:
    """In a thread: as `cockpit.scribe.markdown.export`."""
    from cockpit.scribe.markdown import export

    return export(timeline, **given)


def _reviewed(timeline: Timeline, **given: Any) -> Sequence[Part]:
    """In a thread: as `cockpit.scribe.review.review_parts`."""
    from cockpit.scribe.review import review_parts

    return review_parts(timeline, **given)


async def _write(path: Path, text: str, other: str) -> Path:
    try:
        await asyncio.to_thread(path.write_text, text, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{path}: not written, {error.strerror}; `{other}` takes another") from None
    return path
