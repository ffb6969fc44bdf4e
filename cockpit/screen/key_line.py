"""The footer: the keys that matter most, as many as there is room for."""

from __future__ import annotations

from cockpit.screen.keys import DEEDS
from cockpit.screen.spans import Span, Spans


def footer(width: int, *, typing: bool = False) -> Spans:
    """The keys of the footer, as many as there is room for; help is never lost. While something is typed, they are
    letters, and the footer says what ends that."""
    if typing:
        return (
            Span(" enter ", "accent"),
            Span("done ", "quiet"),
            Span(" esc ", "accent"),
            Span("back, kept ", "quiet"),
        )
    spans: list[Span] = []
    left = width - len(" ? help ")
    for deed in (deed for deed in DEEDS if deed.footer and deed.id != "help"):
        text = (f" {deed.shown_key} ", f"{deed.words} ")
        if len("".join(text)) > left:
            break
        left -= len("".join(text))
        spans += [Span(text[0], "accent"), Span(text[1], "quiet")]
    return (*spans, Span(" ? ", "accent"), Span("help ", "quiet"))
