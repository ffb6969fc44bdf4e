"""Text of a record as CommonMark that reads back as that text: it can be no heading, link, HTML, table or code.

Rules: https://spec.commonmark.org/0.31.2/ (2.4 backslash escapes, 4 leaf blocks, 6.1 code spans) and GitHub's tables,
strikethrough, mathematics and autolinks on top of it.
"""

from __future__ import annotations

import re

from cockpit.text import clean

# One underscore between letters or digits opens and closes nothing, so `payment_service` stays readable.
_SPECIAL = re.compile(
    r"[\\`*\[\]<#|~$]"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|&(?=#?\w+;)"
    r"|:(?=//)|(?<=[wW]{3})\.|(?<=[\w.+-])@"
)
_LEADING = re.compile(r"[-+=:>]|\d{1,9}(?=[.)](?:\s|$))")
_TICKS = re.compile(r"`+")


def inline(text: str) -> str:
    """`text` on one line, for a place after something else: a heading, a list item behind its label, a table's cell."""
    return _SPECIAL.sub(r"\\\g<0>", clean(text).strip())


def line(text: str) -> str:
    """`text` on one line, for a place at a line's start, where a dash or a number would begin a list."""
    escaped = inline(text)
    found = _LEADING.match(escaped)
    if found is None:
        return escaped
    mark = found.group()
    return f"{mark}\\{escaped[len(mark) :]}" if mark.isdigit() else f"\\{escaped}"


def code(text: str) -> str:
    """`text` as a code span; nothing when it is empty. Not for a table's cell."""
    text = clean(text).strip()
    if not text:
        return ""
    ticks = "`" * _clear_of(text, 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def code_cell(text: str) -> str:
    """`text` as a code span in a table's cell, where a pipe needs a backslash that the table takes away again."""
    return code(text).replace("|", "\\|")


def fence(text: str, info: str = "") -> str:
    """`text` as a fenced code block, lines as they are; `info` is our own word for its language."""
    text = clean(text, keep_newlines=True)
    ticks = "`" * _clear_of(text, 3)
    body = text if not text or text.endswith("\n") else f"{text}\n"
    return f"{ticks}{info}\n{body}{ticks}"


def quote(text: str) -> str:
    """`text` as a block quote, its line ends kept, its blank lines between paragraphs."""
    lines = [line(part) for part in clean(text, keep_newlines=True).split("\n")]
    quoted = []
    for number, words in enumerate(lines):
        goes_on = words and number + 1 < len(lines) and lines[number + 1]
        quoted.append(f"> {words}{chr(92) if goes_on else ''}".rstrip(" "))
    return "\n".join(quoted)


def _clear_of(text: str, least: int) -> int:
    """How many backticks no run in `text` has, at least `least`."""
    return max(least, max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
