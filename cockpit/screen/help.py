"""Help: every key and deed, from the same list that binds them, and the commands of the command line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import takewhile

from textual.binding import Binding
from textual.keys import format_key

from cockpit.room.grammar import incident, usage
from cockpit.room.grammar.errands import usages
from cockpit.screen.keys import DEEDS, MOVES
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, fit, wrap

COMMANDS = "Commands, after / and in the shell after"


class HelpPage(Page):
    """`?`

    Args:
        page: whose keys are told first, where one asks from a page.
    """

    def __init__(self, page: Page | None = None) -> None:
        super().__init__("Help", "ctrl+p everything by name")
        self._page = page

    def on_mount(self) -> None:
        """Show all."""
        super().on_mount()
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        width = max(40, self.size.width)
        rows: list[Row] = []
        if self._page is not None and (own := dict(keys_of(self._page))):
            rows += [Row("", (Span(" Keys of this page", "accent"),))]
            cells = max(15, *(len(keys) + 1 for keys in own))
            for keys, words in own.items():
                rows += _beside(f"page {keys}", keys, words, cells, width)
            rows += [Row("", ())]
        rows += [Row("", (Span(" Keys of the cockpit" if self._page else " Keys", "accent"),))]
        for deed in DEEDS:
            rows += _beside(deed.id, deed.shown_key, deed.help, 9, width)
        rows += [Row("", ()), Row("", (Span(" Moving, and on every page", "accent"),))]
        for keys, words in MOVES:
            rows += _beside(keys, keys, words, 15, width)
        rows += [Row("", ()), Row("", (Span(f" {COMMANDS} `cockpit incident`", "accent"),))]
        for name in sorted(incident.commands):
            written = usage(name).removeprefix("write: ")
            rows += _below(f"/{name}", written, incident.commands[name].help or "", width)
        rows += [Row("", ()), Row("", (Span(f" {COMMANDS} `cockpit`", "accent"),))]
        for use, help in usages():
            rows += _below(f"/{use}", use, help, width)
        self.show(rows)

    def action_help(self) -> None:
        """The key that opened it closes it."""
        self.action_back()


def keys_of(page: Page) -> Iterator[tuple[str, str]]:
    """The keys that a page has beside those of every page, and what each does; two that do the same together."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in takewhile(lambda each: each is not Page, type(page).__mro__):
        for binding in each.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.description:
                found[binding.description] += [format_key(key) for key in binding.key.split(",")]
    yield from ((" ".join(keys), words) for words, keys in found.items())


def _beside(id: str, key: str, words: str, cells: int, width: int) -> list[Row]:
    """What a key does beside it, in as many lines as it needs."""
    first, *others = wrap(words, width - cells - 2)
    rows = [Row(id, (Span(f"  {fit(key, cells)}", "strong"), Span(first)))]
    return [*rows, *(Row("", (Span(" " * (cells + 2)), Span(each))) for each in others)]


def _below(id: str, use: str, words: str, width: int) -> list[Row]:
    """What a command does below how it is written: neither is cut."""
    first, *others = wrap(use, width - 4)
    rows = [Row(id, (Span(f"  {first}", "strong"),)), *(Row("", (Span(f"    {each}", "strong"),)) for each in others)]
    return [*rows, *(Row("", (Span(f"      {each}", "quiet"),)) for each in wrap(words, width - 6))]
