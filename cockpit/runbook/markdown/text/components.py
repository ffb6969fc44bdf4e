"""MDX: the components that some sites stand their Markdown in, taken off it so that it reads as its author wrote it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.runbook.markdown.text.blocks import Block

_TAG = re.compile(r"^[ \t]*<(?P<end>/?)(?P<name>[A-Z]\w*)(?P<rest>[^<>]*)>[ \t]*$")
_TITLE = re.compile(r"\btitle=(?P<quote>[\"'])(?P<title>.+?)(?P=quote)")
_FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})")


@dataclass(slots=True)
class _Open:
    """A component that stands open, and how far what is in it stands to the right; None until that is seen."""

    name: str
    inset: int | None = None


def bared(lines: Sequence[str]) -> tuple[list[str], list[Block]]:
    """The lines without the tags of components, what stood in them moved to the left margin; and the tags.

    A tag on a line of its own is taken for a component's where its name begins with a capital and some line closes it:
    `<NAMESPACE>` is a placeholder. A tag's title becomes a line in bold, because readers see it above what follows.
    """
    closed = {found["name"] for line in lines if (found := _TAG.match(line)) and found["end"]}
    if not closed:
        return list(lines), []
    made: list[str] = []
    tags: list[Block] = []
    stack: list[_Open] = []
    fence = ""
    for number, line in enumerate(lines, 1):
        tag = None if fence else _TAG.match(line)
        if tag and tag["name"] in closed and not tag["rest"].endswith("/"):
            made.append(_turned(tag, stack))
            if not made[-1]:
                tags.append(Block("html", "", number, number, lines=(line,)))
            continue
        made.append(_outset(line, stack))
        if mark := _FENCE.match(line):
            fence = _fenced(fence, mark["mark"])
    return made, tags


def _turned(tag: re.Match[str], stack: list[_Open]) -> str:
    """What stands in a tag's place: its title, if it has one. The component is opened or closed."""
    if not tag["end"]:
        stack.append(_Open(tag["name"]))
        title = _TITLE.search(tag["rest"])
        return f"**{title['title']}**" if title else ""
    if any(each.name == tag["name"] for each in stack):
        while stack.pop().name != tag["name"]:
            pass
    return ""


def _outset(line: str, stack: list[_Open]) -> str:
    if not stack or not line.strip():
        return line
    lead = len(line) - len(line.lstrip(" \t"))
    if stack[-1].inset is None:
        stack[-1].inset = lead
    return line[min(lead, stack[-1].inset) :]


def _fenced(fence: str, mark: str) -> str:
    """The mark of the fence that stands open after one was seen; empty when none does."""
    if not fence:
        return mark
    return "" if mark.startswith(fence) else fence
