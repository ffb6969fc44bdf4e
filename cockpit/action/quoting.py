"""Words of a command line as somebody types them into a shell: to be read first, and right when they are copied."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

_READ_BY_SHELL = re.compile(r'["$`\\!]')
"""What a shell still reads between double quotes."""


def quoted(text: str) -> str:
    """`text` as one word of a POSIX shell, in double quotes where single ones stand in it: an SQL literal's single
    quotes within single quotes are right, and nobody can read them."""
    return f'"{text}"' if "'" in text and not _READ_BY_SHELL.search(text) else shlex.quote(text)


def joined(words: Sequence[str], masked: Sequence[str]) -> str:
    """Words as one line, in which the names that stand for secrets are variables that the shell fills in.

    Args:
        words: what is meant.
        masked: the same words with names such as `$API_KEY` in the places of secrets.
    """
    return " ".join(_word(word, shown) for word, shown in zip(words, masked, strict=True))


def _word(word: str, shown: str) -> str:
    if word != shown and "$" in shown and not _READ_BY_SHELL.search(word):
        return f'"{shown}"'
    return quoted(shown)
