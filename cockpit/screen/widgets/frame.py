"""A page's first and last line: what it is and what is going on, and what the keys do; both fit any width."""

from __future__ import annotations

import re
from itertools import takewhile

from textual.events import Resize

from cockpit.screen.spans import Span, Spans, Tone, width_of, wrap
from cockpit.screen.widgets.bars import Bar

_KEY = re.compile(r"\S|\[]|←→|enter|esc|tab|space|delete|ctrl\+\S+")
"""How a key is written in a line that says what the keys do."""
MOST = 4
"""Lines that a title takes at most."""


class TitleBar(Bar):
    """What the page is, and a note. What went wrong is said to its end, over as many lines as it takes."""

    def __init__(self) -> None:
        super().__init__(id="title")
        self._said: tuple[str, str, bool] = ("", "", False)

    def show_title(self, title: str, note: str = "", *, bad: bool = False) -> None:
        """Say what the page is; `note` says what is going on, `bad` that it is wrong."""
        self._said = (title, note, bad)
        self.show_lines(self._folded(self.size.width))

    def on_resize(self, event: Resize) -> None:
        """Fold it anew."""
        self.show_lines(self._folded(event.size.width))

    def _folded(self, width: int) -> list[Spans]:
        title, note, bad = self._said
        head = Span(f" {title} ", "strong")
        tone: Tone = "bad" if bad else "quiet"
        whole: Spans = (head, Span(f" {note}", tone)) if note else (head,)
        if not bad or not width or width_of(whole) <= width:
            return [whole]
        return [(head,), *((Span(f" {line}", tone),) for line in wrap(note, width - 2, MOST - 1))]


class KeyBar(Bar):
    """What the keys do, the way back first. Where it is narrow the last ones give way, each as a whole."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._keys = ""

    def show_keys(self, keys: str) -> None:
        """Say what they do, as in `enter opens · R retry`, what matters most first."""
        self._keys = keys
        self.show_lines((self._fitted(self.size.width),))

    def on_resize(self, event: Resize) -> None:
        """As many as there is room for."""
        self.show_lines((self._fitted(event.size.width),))

    def _fitted(self, width: int) -> Spans:
        spans: Spans = (Span(" esc ", "accent"), Span("back  "))
        between: Spans = ()
        for part in re.split(r" · |  ", self._keys.strip()) if self._keys else []:
            more = (*spans, *between, *key_spans(part))
            if width and width_of(more) > width:
                return spans
            spans, between = more, (Span(" · " if " · " in self._keys else " ", "quiet"),)
        return spans


def key_spans(line: str) -> Spans:
    """`enter opens · j k entries` with its keys apart from what they do; where two blanks part them, one stands."""
    spans = [Span(line[: len(line) - len(line.lstrip())], "quiet")]
    for part in re.split(r"( · |  )", line.lstrip()):
        if part.isspace() or part == " · ":
            spans.append(Span(" " if part.isspace() else part, "quiet"))
            continue
        keys = " ".join(takewhile(_KEY.fullmatch, part.split(" ")))
        spans += [Span(keys, "accent"), Span(part.removeprefix(keys), "quiet")]
    return tuple(span for span in spans if span.text)
