"""What a document says of itself: its version, when it was updated, when it is due for a review, whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.runbook.markdown.findings import Notes
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.markdown.text.inline import plain
from cockpit.runbook.model import Cited, Review, Source

_KEYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("review", re.compile(r"(?i)(?:next|upcoming) review(?: date)?|review (?:date|due|by)|revisit")),
    (
        "updated",
        re.compile(
            r"(?i)(?:last[ _-])?(?:updated|reviewed|modified|revised|edited)|date|(?:effective|creation) date|created"
        ),
    ),
    ("version", re.compile(r"(?i)(?:document |doc )?version")),
    ("owner", re.compile(r"(?i)(?:document |runbook |doc )?owners?|owned by|maintain(?:ed by|er)s?|team|author")),
)
_PAIR = re.compile(r"^\W*(?P<key>[A-Za-z][A-Za-z _-]{1,30}?)\s*[:：]\s*(?P<value>\S.*?)\s*$")


@dataclass(frozen=True, slots=True)
class About:
    """What a document says of itself; empty or None where it does not say.

    Attributes:
        review: when it is due for a review.
        owner: who keeps it.
    """

    version: str = ""
    updated: Cited | None = None
    review: Review | None = None
    owner: Cited | None = None


def read_about(document: Document, notes: Notes) -> About:
    """Version, dates and owner, from the front matter, the lines below the title, or those at the end."""
    found: dict[str, tuple[str, int]] = {}
    for block in _outside(document):
        for key, value, line in _pairs(block):
            if key not in found:
                found[key] = value, line
                notes.became(block, f"the document's {key}")
    for key in ("updated", "review"):
        if key in found and re.search(r"\[[^\]]+\]|<[^>]+>|YYYY", found[key][0]):
            notes.ask(found[key][1], f"The document's {key} is still `{found[key][0]}`; write the date.")

    def cited(key: str) -> dict[str, object] | None:
        if key not in found:
            return None
        return {"text": found[key][0][:500], "source": Source(file=document.file, line=found[key][1])}

    updated, review, owner = (cited(key) for key in ("updated", "review", "owner"))
    return About(
        found.get("version", ("", 0))[0][:60],
        Cited.model_validate(updated) if updated else None,
        Review.model_validate(review) if review else None,
        Cited.model_validate(owner) if owner else None,
    )


def says_of_itself(key: str) -> bool:
    """Whether a label such as `Last updated` is about the document and nothing else."""
    return any(name != "owner" and pattern.fullmatch(key.strip()) for name, pattern in _KEYS)


def _outside(document: Document) -> Iterator[Block]:
    """The blocks above the first section, and the last twelve of the document: elsewhere such words mean a step."""
    sections = [number for number, block in enumerate(document.blocks) if block.kind == "heading" and number]
    first = sections[0] if sections else 12
    for number, block in enumerate(document.blocks):
        wanted = block.kind in ("paragraph", "list-item", "table", "quote") or block.info == "front-matter"
        if wanted and not block.reread and (number <= first or number >= len(document.blocks) - 12):
            yield block


def _pairs(block: Block) -> Iterator[tuple[str, str, int]]:
    """Key, value and line of what a block says of the document."""
    rows: list[tuple[str, str, int]] = []
    pairs = block.rows if block.rows and len(block.rows[0]) == 2 else ()
    for row, number in zip(pairs, block.row_lines, strict=False):
        rows.append((plain(row[0]) if row else "", plain(" ".join(row[1:])), number))
    for number, text in enumerate(block.text.split("\n") if block.kind != "table" else ()):
        for part in re.split(r"\s[|·•]\s", text if block.info == "front-matter" else plain(text)):
            if pair := _PAIR.match(part):
                rows.append((pair["key"], pair["value"].strip("\"'"), block.line + block.offset + number))
    for key, value, line in rows:
        if value and (name := next((name for name, pattern in _KEYS if pattern.fullmatch(key.strip())), "")):
            yield name, value, line
