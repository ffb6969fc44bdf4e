"""The words of a command as they are known before it runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\$[a-z][a-z0-9_-]*|.*\$\{[a-z][a-z0-9_-]*\}.*", re.S)


@dataclass(frozen=True, slots=True)
class Word:
    """One word.

    Attributes:
        text: what it is once quotes are gone; what is only known later stands as it is written: `$POD`.
        fixed: nothing of it is only known later.
        loose: when it runs it may be an option, or several words.
        names: the variables in it.
        bare: those of them that are outside quotes, whose values are split.
        literal: the text with a NUL for what is only known later.
        shape: the text with each quoted character as a NUL, which tells `if` from `'if'`.
    """

    text: str
    fixed: bool = True
    loose: bool = False
    names: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    literal: str = ""
    shape: str = ""


UNKNOWN = Word("…", fixed=False)
"""Something of which nothing is known, such as what another program writes."""


def words_of(argv: Sequence[str]) -> tuple[Word, ...]:
    """Words of an action's argv, in which `$name` and `${name}` stand for parameters."""
    return tuple(Word(text, fixed=not _PLACEHOLDER.fullmatch(text)) for text in argv)


def is_null(word: Word) -> bool:
    """Whether writing to that file changes nothing."""
    return word.fixed and (
        word.text in ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty") or bool(_FD.fullmatch(word.text))
    )


_FD = re.compile(r"/dev/fd/\d+")
