"""The question before a page: whom it reaches, by which channels, and the words that they will read."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.incident.kinds import Message, Page, Payload
from cockpit.room import grammar
from cockpit.room.requests import Refusal, Request
from cockpit.room.war_room import WarRoom
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.widgets.field import Field
from cockpit.screen.widgets.lines import Lines

WIDTH = 60
"""Cells of a line of the preview, beside its labels."""
DRAFT = "page"
"""The form under which what for is kept: the same for whoever is paged, as the first may not answer."""


class PageDialog(Dialog[bool]):
    """`y` pages; `tab` goes to what for, from where `enter` comes back to the question.

    Args:
        war_room: where it is recorded, and what sends it.
        whom: a target of the configuration, or any name.
        how: how to reach him by hand, where no channel does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "page", id="page.yes"),
        Binding("n,q", "leave", "no", id="page.no"),
    ]

    def __init__(self, war_room: WarRoom, whom: str, how: str = "") -> None:
        super().__init__(f"Page {whom}?", "y pages · tab what for · n or escape pages nobody (default)")
        self._war = war_room
        self._whom = whom
        self._how = how

    def parts(self) -> Iterable[Widget]:
        """The preview and what for."""
        yield Lines(id="preview")
        yield Static("what for (may stay empty)", classes="label")
        kept = self._war.draft(DRAFT)
        yield Field(kept.text if kept else "", id="what-for", compact=True)

    def on_mount(self) -> None:
        """Show it as it would be sent."""
        self.query_one(Lines).focus()
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what is typed, and show it in its place."""
        self._war.keep_draft(DRAFT, event.value, self._war.clock.now())
        self._draw()

    def on_input_submitted(self) -> None:
        """Back to the question; enter never pages."""
        self.query_one(Lines).focus()

    def _request(self) -> Request:
        """The same as `/page` makes, so that keys and command line do the same."""
        words = [self._whom, *self.query_one(Input).value.split()]
        return grammar.parse(f"page -- {shlex.join(words)}", self._war.clock.now)

    def _draw(self) -> None:
        try:
            said = _told(self._war.room.rehearsed(self._request()), self._how)
        except (Refusal, grammar.Answer) as error:
            said = []
            self.refuse(str(error))
        else:
            self.refuse("")
        rows = []
        for label, text in said:
            for number, line in enumerate(wrap(text, WIDTH)):
                head = f"{label if number == 0 else '':<8} "
                rows.append(Row(f"{label}{number}", (Span(head, "quiet"), Span(line))))
        self.query_one(Lines).show_rows(rows)

    def action_yes(self) -> None:
        """Record it, and let it be sent."""
        try:
            request = self._request()
        except (Refusal, grammar.Answer) as error:
            self.refuse(str(error))
            return
        self.perform(self._war.room, request, self._paged)

    def _paged(self) -> None:
        self._war.drop_draft(DRAFT)
        self.dismiss(True)


def _told(payloads: Sequence[Payload], how: str) -> list[tuple[str, str]]:
    """What each part of the page does, under a label."""
    said: list[tuple[str, str]] = []
    pages = {payload.message for payload in payloads if isinstance(payload, Page)}
    for payload in payloads:
        if isinstance(payload, Page):
            said.append(("whom", " ".join((payload.target, *payload.handles))))
            if not payload.message:
                by_hand = payload.by_hand or how or "no number is known here"
                said.append(("by hand", f"{by_hand}: no channel reaches them; y notes that you call"))
        elif isinstance(payload, Message) and payload.message in pages:
            said += [("by", " → ".join(payload.channels)), ("text", f"{payload.title}\n{payload.text}")]
        elif isinstance(payload, Message):
            said.append((payload.deed, f"{payload.title} by {' → '.join(payload.channels)}"))
    return said
