"""Paragraphs as their authors meant them: bullets that Markdown does not know, lines that are commands, labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cockpit.runbook.markdown.commands.recognise import is_command
from cockpit.runbook.markdown.text.blocks import Block, BlockKind
from cockpit.values import replace

_BULLET = re.compile(r"^\s*(?:[•◦‣▪●○►➤]|[✅☑✔✓❌☐□⬜]️?)\s*(?=\S)")
_BOX = re.compile(r"^\s*[☐□⬜]")
_KEYCAP = re.compile(r"^\s*(?:(?P<digit>\d)️?⃣|🔟)\s*(?=\S)")
_LABEL = re.compile(r"^\W*\*\*[^*\n]+\*\*")


@dataclass(slots=True)
class _Part:
    kind: BlockKind
    lines: list[str]
    start: int
    ordinal: int | None = None


def split(block: Block) -> Iterator[Block]:
    """The block, or the blocks that its lines are: list items of unknown bullets and of keycap digits, runs of
    commands (as `code`), and a paragraph of its own for each line that begins with bold words."""
    if block.kind not in ("paragraph", "list-item", "task") or not block.text.strip():
        yield block
        return
    parts = _parts(block)
    if len(parts) == 1 and parts[0].kind == block.kind:
        yield block
        return
    for number, part in enumerate(parts):
        end = parts[number + 1].start - 1 if number + 1 < len(parts) else block.end - block.line
        yield _as_block(block, part, end)


def _as_block(block: Block, part: _Part, end: int) -> Block:
    lines = block.lines[part.start : end + 1]
    text = "\n".join(part.lines)
    same = part.kind == block.kind and part.start == 0
    ordinal = block.ordinal if same else part.ordinal
    at = block.line + part.start
    return replace(block, kind=part.kind, text=text, line=at, end=block.line + end, lines=lines, ordinal=ordinal)


def _parts(block: Block) -> list[_Part]:
    parts: list[_Part] = []
    continued = False
    for number, line in enumerate(block.text.split("\n")):
        kind, text, ordinal = _kind(block.kind, line, first=number == 0)
        if continued:
            parts[-1].lines.append(line)
        elif parts and _goes_on(parts[-1].kind, kind):
            parts[-1].lines.append(text)
        else:
            usual: BlockKind = block.kind if number == 0 else "paragraph"
            parts.append(_Part(kind or usual, [text], number, ordinal))
        continued = parts[-1].kind == "code" and line.rstrip().endswith("\\")
    return parts


def _goes_on(above: BlockKind, kind: str) -> bool:
    """Whether a line belongs to the part above it: commands to commands, prose to prose."""
    return kind == "code" if above == "code" else kind == ""


def _kind(of: BlockKind, line: str, *, first: bool) -> tuple[BlockKind | Literal[""], str, int | None]:
    """What a line begins, its words, and its number; nothing where it goes on with what stands above."""
    if first and of != "paragraph":
        return of, line, None
    if is_command(line):
        return "code", line.strip(), None
    if found := _KEYCAP.match(line):
        return "list-item", line[found.end() :], int(found["digit"] or 10)
    if found := _BULLET.match(line):
        return ("task" if _BOX.match(line) else "list-item"), line[found.end() :], None
    if _LABEL.match(line) and of == "paragraph":
        return "paragraph", line, None
    return "", line, None
