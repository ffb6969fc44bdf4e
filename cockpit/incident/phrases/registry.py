"""Which function words which kind, and the glyphs and tones that they choose from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar, cast

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.state import State

Tone = Literal["bad", "warn", "good", "quiet", "plain", "accent"]

BAD, GOOD, UNKNOWN, DECLARED, RUN, DONE = "▲", "●", "?", "◆", "▸", "✓"

Said = tuple[str, Tone, str]
"""Glyph, tone, words. The words may hold whatever the record holds: who shows them cleans them."""

P = TypeVar("P", bound=kinds.Payload)
Wording = Callable[[P, State, Entry], Said]
WORDINGS: dict[str, Wording[kinds.Payload]] = {}


def words(model: type[P]) -> Callable[[Wording[P]], Wording[P]]:
    """Register how entries of `model`'s kind read."""

    def register(say: Wording[P]) -> Wording[P]:
        WORDINGS[model.kind] = cast(Wording[kinds.Payload], say)
        return say

    return register


def joined(text: str, more: str, between: str = ": ") -> str:
    """`text`, and what comes after it where there is something."""
    return f"{text}{between}{more}" if more else text
