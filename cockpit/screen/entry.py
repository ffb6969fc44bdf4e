"""One entry, whole: both its times, who wrote it, every field, and its place in the chain."""

from __future__ import annotations

import json

from cockpit.incident.times import echo
from cockpit.incident.wording import headline, tag
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, wrap
from cockpit.text import clean


class EntryPage(Page):
    """`enter` on a line of the timeline."""

    def __init__(self, war_room: WarRoom, id: str) -> None:
        super().__init__("Entry")
        self._war = war_room
        self._id = id

    def on_mount(self) -> None:
        """Show it."""
        super().on_mount()
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        room = self._war.room
        entry = next((each for each in room.timeline.entries if each.id == self._id), None)
        if entry is None:
            return
        late = f" ({tag(entry, room.state)})" if tag(entry, room.state) else ""
        facts = {
            "what": headline(entry, room.state).text,
            "kind": f"{entry.kind}, schema {entry.schema}",
            "occurred": echo(entry.occurred),
            "recorded": f"{echo(entry.recorded.at)}{late}",
            "actor": entry.actor + (f" as {entry.role}" if entry.role else ""),
            "entry": entry.id,
            "writer": f"{entry.writer}, seq {entry.seq}",
            "hash": entry.hash.hex(),
        }
        facts |= {name: _plain(value) for name, value in entry.payload.items()}
        width = max(20, self.size.width - 16)
        rows = []
        for name, text in facts.items():
            for index, line in enumerate(wrap(clean(text, keep_newlines=True), width)):
                rows.append(
                    Row(f"{name}{index}", (Span(f" {clean(name) if index == 0 else '':<12} ", "quiet"), Span(line)))
                )
        self.show(rows)


def _plain(value: object) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
