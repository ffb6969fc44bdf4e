"""Reads a Markdown document into blocks: each with its lines, the headings above it, and what introduces it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from cockpit.runbook.markdown.text.blocks import Block, BlockKind, Document
from cockpit.runbook.markdown.text.components import bared
from cockpit.runbook.markdown.text.decode import decoded
from cockpit.runbook.markdown.text.inline import bold_lead, plain
from cockpit.runbook.markdown.text.parse import parsed
from cockpit.runbook.markdown.text.prose import split
from cockpit.runbook.markdown.text.repair import aligned, is_markdown, split_fence
from cockpit.values import replace

__all__ = ["Block", "BlockKind", "Document", "read_document"]

_DEEPEST = 3
"""Fences in fences that are read again."""
_MARKDOWN_TAGS = ("markdown", "md", "mdx", "gfm")
_SCENARIO = re.compile(r"(?:Scenario|Runbook|Playbook|Incident)\s+#?\d+\b[:.) –-]*\s*\S")
_ALARM = re.compile(r"\W+[A-Z][A-Za-z0-9]+(?: [A-Z]?[A-Za-z0-9]+){0,3}")
"""An emoji and the name of an alert, as pages copied from a wiki have it."""
_SMALL = re.compile(r"a|an|and|as|at|by|for|from|in|of|on|or|the|to|vs|via|with|&|-|–")


def read_document(data: bytes, file: str) -> Document:
    """The blocks of a Markdown document, their lines those of the file.

    Put right are: text that was saved or read in another encoding; MDX, whose components hide what is in them; fences
    that end too early; a fence that never ends, or that holds a piece of a document, which is read again as Markdown;
    headings, bullets and commands without marks.
    Every line that is not empty belongs to a block.

    Raises:
        RunbookError: it is larger than 1 MB, or no text.
    """
    lines = decoded(data, file).split("\n")
    bare, tags = bared(lines)
    blocks = sorted([*_read(aligned(bare), 1, 0, 0), *tags], key=lambda block: block.line)
    return Document(file, tuple(lines), tuple(_introduced(block for block in blocks)))


def _read(lines: list[str], first: int, under: int, depth: int, loose: bool = False) -> list[Block]:
    """The blocks of some lines, headings `under` a level; `loose` where what looks like a heading is one."""
    blocks = [part for block in parsed(lines, first) for part in split(block)]
    blocks = _promoted(blocks, loose)
    found: list[Block] = []
    level = under
    for block in blocks:
        if block.kind == "heading":
            block = replace(block, level=block.level + under)
            level = block.level
        found += _again(block, level, depth)
    return found


def _again(block: Block, level: int, depth: int) -> Iterator[Block]:
    """The block, and if it is a fence with a piece of a document in it, what stands in it."""
    content = block.text.split("\n")
    if block.kind not in ("fence", "code") or depth >= _DEEPEST or block.info == "front-matter":
        yield block
        return
    start, loose = _markdown_from(block, content)
    if start >= len(content):
        yield block
        return
    first = block.line + block.offset + start
    if start:
        yield replace(block, text="\n".join(content[:start]), end=first - 1, lines=block.lines[: first - block.line])
    else:
        yield replace(block, reread=True)
    fence = block.line
    for each in _read(content[start:], first, level, depth + 1, loose):
        yield replace(each, fence=each.fence or fence)


def _markdown_from(block: Block, content: list[str]) -> tuple[int, bool]:
    """Where in a fence Markdown begins (its length where it does not), and whether the fence is never closed."""
    tag = block.info.split()[0].strip("{}.").lower() if block.info else ""
    if block.kind == "code":
        fenced = bool(content) and content[0].lstrip().startswith(("```", "~~~"))
        return (0 if fenced or is_markdown(content) else len(content)), False
    closed = block.end > block.line and re.match(r"[\s>]*(`{3,}|~{3,})\s*$", block.lines[-1]) is not None
    if tag in _MARKDOWN_TAGS:
        return 0, not closed
    if not closed:
        return split_fence(content), True
    return (0 if is_markdown(content) else len(content)), False


def _promoted(blocks: list[Block], loose: bool) -> list[Block]:
    """The blocks with paragraphs that stand where headings should be as headings."""
    real = next((number for number, block in enumerate(blocks) if block.kind == "heading"), len(blocks))
    until = len(blocks) if loose else real if real >= 5 else 0
    found: list[Block] = []
    base = deeper = 1 if loose else blocks[real].level if real < len(blocks) else 2
    above = 0
    for number, block in enumerate(blocks):
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        if block.kind in ("heading", "rule"):
            deeper, above = base, block.level or above
        elif _is_heading(block, following, anywhere=number < until):
            level = deeper if number < until else above + 1
            block = replace(block, kind="heading", text=block.text.strip(), level=level)
            if following and number < until and _is_heading(following, None, anywhere=True):
                deeper = base + 1
        found.append(block)
    return found


def _is_heading(block: Block, following: Block | None, *, anywhere: bool) -> bool:
    text = block.text.strip()
    if block.kind != "paragraph" or "\n" in text or len(text) > 80 or text[-1:] in ".,;!?":
        return False
    words = text.split()
    if _SCENARIO.match(text) or (unicodedata.category(text[:1] or " ") == "So" and _ALARM.fullmatch(text)):
        return True
    titled = all(word[:1].isupper() or word[:1].isdigit() or _SMALL.fullmatch(word) for word in words)
    return anywhere and titled and 0 < len(words) <= 8 and text[:1].isupper() and not text.endswith(":")


def _introduced(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks with the headings and the label above each."""
    above: list[tuple[int, str]] = []
    label = ""
    for block in blocks:
        if block.kind == "heading":
            above = [each for each in above if each[0] < block.level]
            label = ""
        yield replace(block, headings=tuple(text for _, text in above), label=label)
        if block.kind == "heading":
            above.append((block.level, plain(block.text)))
        elif block.kind == "paragraph" and not block.reread:
            label = _label(block.text)


def _label(text: str) -> str:
    lead = bold_lead(text)
    if lead and not lead[1]:
        return lead[0]
    words = plain(text)
    return words.rsplit("\n", 1)[-1].removesuffix(":").strip() if words.endswith(":") else ""
