"""Sequences for the terminal around tmux or GNU screen: handed through, as these keep what they do not know."""

from __future__ import annotations

from collections.abc import Mapping

ESCAPE, END = "\033", "\033\\"
PIECE = 76
"""Characters of one piece: GNU screen drops a string that is longer than its buffer of 256 bytes."""


def multiplexer(environ: Mapping[str, str]) -> str:
    """`tmux`, `screen`, or nothing outside both. Of one inside the other, the inner one counts."""
    tmux, screen = bool(environ.get("TMUX")), bool(environ.get("STY"))
    if tmux and screen:
        return "tmux" if environ.get("TERM_PROGRAM") == "tmux" else "screen"
    return "tmux" if tmux else "screen" if screen else ""


def through(sequence: str, environ: Mapping[str, str]) -> str:
    """`sequence` as the terminal around tmux or screen gets it; as it is where there is neither.

    tmux lets it through where `allow-passthrough` is on, and drops it where that is off.
    """
    within = multiplexer(environ)
    if within == "tmux":
        return f"{ESCAPE}Ptmux;{sequence.replace(ESCAPE, ESCAPE * 2)}{END}"
    if within == "screen":
        pieces = (sequence[at : at + PIECE] for at in range(0, len(sequence), PIECE))
        return "".join(f"{ESCAPE}P{piece}{END}" for piece in pieces)
    return sequence
