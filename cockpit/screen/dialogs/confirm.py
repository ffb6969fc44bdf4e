"""The question before something with several effects: each in a line, one yes for all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from cockpit.room.requests import Request, Several, alone, warnings
from cockpit.room.room import Room
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import Row, Span, Tone, wrap
from cockpit.screen.widgets.lines import Lines

ALL, NAMED = "all", "named"
"""The answers: all of it, or only what was named."""
_HINT = "y does all of this together · n or escape does nothing"


async def ask_about_effects(app: App[Any], room: Room, request: Request, title: str) -> Request | None:
    """Ask once about all effects of `request`, and again about what the public should not read; call it in a worker.

    Gives what is to be done: the request, or what was named of it; None when nothing is. Raises Refusal.
    """
    if effects := room.preview(request):
        named = alone(request)
        less = "" if named is request else "o does only what was named"
        answer = await app.push_screen_wait(_asked(title, effects, less))
        if answer is None:
            return None
        request = request if answer == ALL else named
    found = () if isinstance(request, Several) and request.despite else warnings(request, *room.eve(request))
    if found:
        question = ConfirmDialog("Not for the public", found, hint="y publishes it all the same · n or escape does not")
        question.tone = "bad"
        if await app.push_screen_wait(question) is None:
            return None
    return request


def _asked(title: str, effects: Sequence[str], less: str) -> Screen[str | None]:
    return ConfirmDialog(title, effects, hint=f"{_HINT} · {less}" if less else _HINT, less=bool(less))


class ConfirmDialog(Dialog[str]):
    """`y` does all of it, as one set of entries; `o`, where something is offered that nobody named, does the rest;
    `n`, escape and everything else does nothing.

    Args:
        hint: the keys in words.
        less: whether `o` is an answer.
    """

    tone: Tone = "plain"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes, all of it", id="confirm.yes"),
        Binding("o", "named", "only what was named", id="confirm.named"),
        Binding("n,q", "leave", "no", id="confirm.no"),
    ]

    def __init__(self, title: str, effects: Sequence[str], *, hint: str = _HINT, less: bool = False) -> None:
        super().__init__(title, hint)
        self._effects = effects
        self._less = less

    def parts(self) -> Iterable[Widget]:
        """The effects."""
        yield Lines(id="effects")

    def on_mount(self) -> None:
        """Show them."""
        rows = []
        for number, effect in enumerate(self._effects):
            for part, text in enumerate(wrap(effect, 68)):
                head = Span(" · " if part == 0 else "   ", "accent")
                rows.append(Row(f"{number}.{part}", (head, Span(text, self.tone))))
        self.query_one(Lines).show_rows(rows)
        self.query_one(Lines).focus()

    def action_yes(self) -> None:
        """Yes."""
        self.dismiss(ALL)

    def action_named(self) -> None:
        """Less than all."""
        if self._less:
            self.dismiss(NAMED)
