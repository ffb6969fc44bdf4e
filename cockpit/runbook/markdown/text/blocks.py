"""What a document is made of: blocks with their lines, and the document that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list-item", "task", "table", "fence", "code", "quote", "html", "rule"]


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document.

    Attributes:
        text: its words as Markdown, without marker, box, `#` or fence; of a fence or code its content, dedented.
        line: its first line in the file, from 1; `end` is its last.
        level: of a heading, from 1. A heading that stands in a fence which was read again comes under those around it.
        info: a fence's tag as it is written; `front-matter` for the YAML at the head.
        headings: the headings above it, the outermost first; its own is not among them.
        rows: a table's cells, the header first; `row_lines` are their lines.
        ordinal: the number of a list item, where it has one.
        depth: how many lists it stands in.
        lines: the lines of the file.
        checked: of a task, whether its box is ticked.
        label: what introduces it: the nearest bold line, or line that ends with a colon, above it in its section.
        fence: the line of the fence that it was read again from, else 0.
        reread: of a fence, that its content follows as blocks of their own.
        offset: how many lines after `line` the content of a fence begins.
    """

    kind: BlockKind
    text: str
    line: int
    end: int
    level: int = 0
    info: str = ""
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    row_lines: tuple[int, ...] = ()
    ordinal: int | None = None
    depth: int = 0
    lines: tuple[str, ...] = ()
    checked: bool = False
    label: str = ""
    fence: int = 0
    reread: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read.

    Attributes:
        lines: all lines of the file; line n is at n - 1.
    """

    file: str
    lines: tuple[str, ...]
    blocks: tuple[Block, ...]
