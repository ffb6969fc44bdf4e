"""Puts right what stops Markdown from saying what its author meant; no line is added or taken away."""

from __future__ import annotations

import re

_OPENER = re.compile(r"^(?P<lead>\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)*)(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_CLOSER = re.compile(r"^\s*(?P<mark>`{3,}|~{3,})\s*$")


def aligned(lines: list[str]) -> list[str]:
    """The lines with the content and the end of an indented fence indented like its beginning.

    A fence within a list item ends where a line stands further left; its own end mark would then begin another fence,
    and everything below would be read inside out.
    """
    found = list(lines)
    opened: tuple[int, str, int] | None = None
    for number, line in enumerate(lines):
        if opened is None:
            if mark := _OPENER.match(line):
                opened = number, mark["mark"], len(mark["lead"].expandtabs(4))
        elif _closes(line, opened[1]):
            for inside in range(opened[0] + 1, number + 1):
                found[inside] = _indented(found[inside], opened[2])
            opened = None
    return found


def _closes(line: str, mark: str) -> bool:
    found = _CLOSER.match(line)
    return bool(found and found["mark"].startswith(mark))


def _indented(line: str, width: int) -> str:
    if not line.strip():
        return line
    missing = width - (len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" ")))
    return " " * width + line.lstrip() if missing > 0 else line


def split_fence(content: list[str]) -> int:
    """Where in the content of a fence that is never closed the document goes on: the first line of prose, or its
    length where it holds code to the end."""
    prose = [number for number, line in enumerate(content) if _PROSE.match(line)]
    return prose[0] if len(prose) >= 2 else len(content)


def is_markdown(content: list[str]) -> bool:
    """Whether the content of a fence without a telling tag is a piece of a document: boxes, or headings with prose."""
    boxes = sum(bool(_BOX.match(line)) for line in content)
    headings = sum(bool(re.match(r"#{2,6} \S", line)) for line in content)
    items = sum(bool(re.match(r"\s*(?:[-*] |\d+\. |\*\*)\S", line)) for line in content)
    return boxes >= 2 or (headings >= 2 and items >= 2)


_BOX = re.compile(r"^\s*[-*+] \[[ xX]\] ")
_PROSE = re.compile(
    r"^(?:#{2,6} \S|# .*(?:Checklist|Template|Plan)\b|[-*] \[[ xX]\] |\*\*\S|\d+\. [A-Z]|\|.*\|\s*$|`{3,})"
)
