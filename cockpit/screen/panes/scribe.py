"""The scribe's page beside the timeline, on the largest screens: the record as it will be exported, live."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work

from cockpit.room.war_room import WarRoom
from cockpit.screen.panes.pane import Pane
from cockpit.screen.spans import Row, Span, Tone, wrap

if TYPE_CHECKING:
    from cockpit.room.journal.papers import Part

PAUSE = 1.0
"""Seconds between two exports: in a burst of entries the page is not written anew for each."""


class ScribePane(Pane):
    """The Markdown of the record."""

    def __init__(self) -> None:
        super().__init__(0, "Scribe")
        self._drawn = (-1, 0)
        self._exporting = False

    def update_from(self, war: WarRoom) -> None:
        """Draw again when the record or the width changed; what comes while one is written, with the next one."""
        drawn = (war.room.timeline.version, self.size.width)
        if drawn != self._drawn and self.size.width > 10 and not self._exporting:
            self._drawn, self._exporting = drawn, True
            self.answer("as exported")
            self._export(war)

    @work(group="markdown", exit_on_error=False)
    async def _export(self, war: WarRoom) -> None:
        try:
            self.show_rows(await exported_rows(war, self.size.width))
            await asyncio.sleep(PAUSE)
        finally:
            self._exporting = False


async def exported_rows(war: WarRoom, width: int) -> list[Row]:
    """The record as it will be exported, as lines of `width`; made in a thread, however long it is."""
    return await asyncio.to_thread(markdown_rows, await war.papers.markdown(), width)


def markdown_rows(text: str, width: int) -> list[Row]:
    """Markdown as lines: headings stand out, the rest is what will be in the file."""
    rows: list[Row] = []
    for number, line in enumerate(text.splitlines()):
        tone: Tone = "accent" if line.startswith("#") else "quiet" if line.startswith(("|", "```", "~~~")) else "plain"
        for part, piece in enumerate(wrap(line, max(10, width - 2)) if line else [""]):
            rows.append(Row(f"{number}.{part}", (Span(f" {piece}", tone),)))
    return rows


async def review_rows(war: WarRoom, width: int) -> list[Row]:
    """The review as lines of `width`; the key of each begins with the part that a person writes there."""
    return await asyncio.to_thread(_part_rows, await war.papers.review(), width)


def _part_rows(parts: Sequence[Part], width: int) -> list[Row]:
    rows: list[Row] = []
    for number, part in enumerate(parts):
        rows += [Row(f"{part.section}#{number}.{row.key}", row.spans) for row in markdown_rows(part.markdown, width)]
        rows.append(Row("", ()))
    return rows
