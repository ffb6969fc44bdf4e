"""Help: every key and deed, from the same list that binds them, and the commands of the command line."""

from __future__ import annotations

from cockpit.room.errands import usages
from cockpit.room.grammar import incident, usage
from cockpit.screen.keys import DEEDS, MOVES
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, fit


class HelpPage(Page):
    """`?`"""

    def __init__(self) -> None:
        super().__init__("Help", "ctrl+p everything by name")

    def on_mount(self) -> None:
        """Show all."""
        super().on_mount()
        rows = [Row("", (Span(" Keys", "accent"),))]
        rows += [Row(deed.id, (Span(f"  {fit(deed.shown_key, 9)}", "strong"), Span(deed.help))) for deed in DEEDS]
        rows += [Row("", ()), Row("", (Span(" Moving, and on every page", "accent"),))]
        rows += [Row(keys, (Span(f"  {fit(keys, 15)}", "strong"), Span(words))) for keys, words in MOVES]
        rows += [
            Row("", ()),
            Row("", (Span(" Commands, after / and in the shell after `cockpit incident`", "accent"),)),
        ]
        for name in sorted(incident.commands):
            written = usage(name).removeprefix("write: ")
            rows.append(
                Row(f"/{name}", (Span(f"  {fit(written, 43)} ", "strong"), Span(incident.commands[name].help or "")))
            )
        rows += [Row("", ()), Row("", (Span(" Commands, after / and in the shell after `cockpit`", "accent"),))]
        rows += [Row(f"/{use}", (Span(f"  {fit(use, 43)} ", "strong"), Span(help))) for use, help in usages()]
        self.show(rows)
