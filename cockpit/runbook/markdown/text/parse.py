"""Lines of Markdown to blocks, by markdown-it; what its rules give no block for stays as paragraphs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cockpit.runbook.markdown.text.blocks import Block, BlockKind

_DEEPEST = 40
"""Lists in lists and quotes in quotes; what stands deeper is read as paragraphs."""

_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable("table").disable(["inline", "text_join"])
_BOX = re.compile(r"\[(?P<tick>[ xX])\]\s+(?=\S)")
_FRONT = re.compile(r"[A-Za-z_][\w -]*:(?:\s|$)")
_PRE = re.compile(r"<pre\b[^>]*>(?P<code>.*?)(?:</pre>|\Z)", re.S | re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def parsed(lines: list[str], first: int) -> list[Block]:
    """The blocks of `lines`, the first of which is line `first` of the file; every line that is not empty is in one."""
    walk = _Walk(lines, first)
    ahead = _front_matter(lines) if first == 1 else 0
    blocks = walk.blocks(ahead)
    if ahead:
        blocks.append(walk.block("code", 0, ahead, "\n".join(lines[1 : ahead - 1]), info="front-matter", offset=1))
    covered = {line for block in blocks for line in range(block.line, block.end + 1)}
    left = [number for number, line in enumerate(lines) if line.strip() and number + first not in covered]
    blocks += [walk.block("paragraph", start, end, _stripped(lines[start:end])) for start, end in _runs(left)]
    return sorted(blocks, key=lambda block: block.line)


def _front_matter(lines: list[str]) -> int:
    """How many lines of YAML stand at the head between `---`, as wikis and site generators have it."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    end = next((number for number, line in enumerate(lines[1:100], 1) if line.rstrip() in ("---", "...")), 0)
    return end + 1 if end > 1 and _FRONT.match(lines[1]) else 0


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow each other, as (first, after the last)."""
    start = 0
    for at, number in enumerate(numbers):
        if at + 1 == len(numbers) or numbers[at + 1] != number + 1:
            yield numbers[start], number + 1
            start = at + 1


def _stripped(lines: Iterable[str]) -> str:
    return "\n".join(line.strip() for line in lines)


@dataclass(slots=True)
class _Walk:
    """One pass over the tokens of some lines."""

    lines: list[str]
    first: int
    ahead: int = 0
    items: list[int | None] = field(default_factory=list)
    """The numbers of the list items that it stands in."""
    fresh: bool = False
    """Whether the item's own words are still to come."""
    quotes: int = 0

    def block(self, kind: BlockKind, start: int, end: int, text: str, **more: Any) -> Block:
        """A block of the lines from `start` up to `end`, without the empty ones at its end."""
        end = min(end, len(self.lines))
        while end > start + 1 and not self.lines[end - 1].strip():
            end -= 1
        lines = tuple(self.lines[start:end])
        at: dict[str, Any] = {"depth": len(self.items), "lines": lines} | more
        return Block(kind, text, self.first + start, self.first + max(start, end - 1), **at)

    def blocks(self, ahead: int) -> list[Block]:
        """The blocks after the first `ahead` lines, in their order."""
        self.ahead = ahead
        tokens = _MARKDOWN.parse("\n".join(self.lines[ahead:]))
        return [block for number in range(len(tokens)) for block in self._read(tokens, number)]

    def _read(self, tokens: list[Token], number: int) -> Iterator[Block]:
        token = tokens[number]
        match token.type:
            case "list_item_open":
                self.items.append(int(token.info) if token.info.isdigit() else None)
                self.fresh = True
            case "list_item_close":
                self.items.pop()
                self.fresh = False
            case "blockquote_open":
                self.quotes += 1
            case "blockquote_close":
                self.quotes -= 1
            case "paragraph_open" | "heading_open":
                yield self._prose(token, tokens[number + 1].content)
            case "table_open":
                yield self._table(tokens, number)
            case "fence" | "code_block" | "hr" | "html_block":
                yield from self._leaf(token)

    def _span(self, token: Token) -> tuple[int, int]:
        start, end = token.map or (0, 1)
        return start + self.ahead, end + self.ahead

    def _prose(self, token: Token, text: str) -> Block:
        start, end = self._span(token)
        text = "\n".join(line.rstrip() for line in text.split("\n"))
        if token.type == "heading_open":
            return self.block("heading", start, end, " ".join(text.split("\n")), level=int(token.tag[1:]))
        if not (self.items and self.fresh):
            return self.block("quote" if self.quotes else "paragraph", start, end, text)
        self.fresh = False
        ordinal = self.items[-1]
        if box := _BOX.match(text):
            checked = box["tick"] != " "
            return self.block("task", start, end, text[box.end() :], ordinal=ordinal, checked=checked)
        return self.block("list-item", start, end, text, ordinal=ordinal)

    def _table(self, tokens: list[Token], number: int) -> Block:
        rows: list[list[str]] = []
        lines: list[int] = []
        for token in tokens[number:]:
            if token.type == "tr_open":
                rows.append([])
                lines.append(self.first + self._span(token)[0])
            elif token.type == "inline" and rows:
                rows[-1].append(token.content.strip())
            elif token.type == "table_close":
                break
        start, end = self._span(tokens[number])
        cells = tuple(tuple(row) for row in rows)
        text = _stripped(self.lines[start:end])
        return self.block("table", start, end, text, rows=cells, row_lines=tuple(lines))

    def _leaf(self, token: Token) -> Iterator[Block]:
        start, end = self._span(token)
        if token.type == "hr":
            yield self.block("rule", start, end, "")
        elif token.type == "html_block":
            yield from self._html(start, end, token.content)
        elif token.type == "fence":
            yield self.block("fence", start, end, token.content.removesuffix("\n"), info=token.info.strip(), offset=1)
        else:
            yield self.block("code", start, end, token.content.removesuffix("\n"))

    def _html(self, start: int, end: int, text: str) -> Iterator[Block]:
        """HTML as its words; what stands in `<pre>` is code."""
        at, text = start, text.rstrip("\n")
        for found in _PRE.finditer(text):
            above, inside = text.count("\n", 0, found.start()), text.count("\n", 0, found.end())
            if start + above > at:
                yield self.block("html", at, start + above, _words("\n".join(self.lines[at : start + above])))
            code = html.unescape(_TAG.sub("", found["code"]))
            yield self.block("code", start + above, start + inside + 1, code, info="html")
            at = start + inside + 1
        if at < end:
            yield self.block("html", at, end, _words("\n".join(self.lines[at:end])))


def _words(text: str) -> str:
    return html.unescape(_TAG.sub("", text)).strip()
