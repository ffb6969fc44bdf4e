"""One entry, whole: both its times, who wrote it, every field, its versions, and its place in the chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType

from cockpit.incident.entry import Entry
from cockpit.incident.times import echo
from cockpit.incident.wording import headline, tag
from cockpit.room.requests.refs import ref
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, wrap
from cockpit.text import clean

KEYS = "E amends its text or time · delete redacts what slipped in"


class EntryPage(Page):
    """`enter` on a line of the timeline."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("E", "amend", "amend", id="entry.amend"),
        Binding("delete", "redact", "redact", id="entry.redact"),
    ]

    def __init__(self, war_room: WarRoom, id: str) -> None:
        super().__init__(f"Entry {id[-6:]}", KEYS)
        self._war = war_room
        self._id = id

    def on_mount(self) -> None:
        """Show it."""
        super().on_mount()
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.call_after_refresh(self._draw)

    def _entry(self) -> Entry | None:
        return next((each for each in self._war.room.timeline.entries if each.id == self._id), None)

    def action_amend(self) -> None:
        """Begin the command that amends it."""
        entry = self._entry()
        if entry is not None:
            self.dismiss(f"amend {ref(entry)} --text ")

    def action_redact(self) -> None:
        """Begin the command that erases its words, in every copy."""
        entry = self._entry()
        if entry is not None:
            self.dismiss(f"redact {ref(entry)} --why ")

    def _draw(self) -> None:
        entry = self._entry()
        if entry is None:
            return
        facts = self._facts(entry)
        width = max(20, self.size.width - 16)
        rows = []
        for name, text in facts.items():
            for index, line in enumerate(wrap(clean(text, keep_newlines=True), width)):
                rows.append(
                    Row(f"{name}{index}", (Span(f" {clean(name) if index == 0 else '':<12} ", "quiet"), Span(line)))
                )
        self.show(rows)

    def _facts(self, entry: Entry) -> Mapping[str, str]:
        state = self._war.room.state
        said = tag(entry, state)
        facts = {
            "what": headline(entry, state).text,
            "kind": f"{entry.kind}, schema {entry.schema}",
            "occurred": echo(entry.occurred),
            "recorded": f"{echo(entry.recorded.at)} ({said})" if said else echo(entry.recorded.at),
            "actor": entry.actor + (f" as {entry.role}" if entry.role else ""),
            "entry": entry.id,
            "writer": f"{entry.writer}, seq {entry.seq}",
            "hash": entry.hash.hex(),
        }
        versions = state.edits.versions(entry)
        if len(versions) > 1:
            facts["versions"] = "\n".join(self._version(each) for each in versions)
        return facts | {name: _plain(value) for name, value in entry.payload.items() if not _is_empty(value)}

    def _version(self, entry: Entry) -> str:
        state = self._war.room.state
        stands = ", stands" if state.edits.standing(entry.id) == entry.id else ""
        return f"{ref(entry)} {echo(entry.recorded.at)} by {entry.actor}{stands}: {headline(entry, state).text}"


def _is_empty(value: object) -> bool:
    """Whether a field says nothing; no and zero say something."""
    return value is None or value in ("", [], {})


def _plain(value: object) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
