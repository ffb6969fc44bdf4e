"""What stands inside a line of Markdown: its words without marks, its code, its links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_INLINE = MarkdownIt("commonmark", {"maxNesting": 20})
LONGEST = 10_000
"""Characters of one paragraph that are searched for marks: the search is slow where thousands are never closed."""
_BOLD_LEAD = re.compile(r"^\W*(\*\*|__)(?P<label>.+?)\1\s*(?P<colon>:?)\s*(?P<rest>.*)$", re.S)


@dataclass(frozen=True, slots=True)
class Link:
    """A link: its words and where it leads."""

    text: str
    href: str


def tokens(text: str) -> list[Token]:
    """The inline tokens of Markdown text; of a text longer than LONGEST, those of its beginning."""
    text = text[:LONGEST]
    parsed = _INLINE.parseInline(text)
    return (parsed[0].children or []) if parsed else []


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The words without emphasis, code marks, link targets and images; line breaks stay."""
    if not re.search(r"[*_`\[!<\\&]", text) or len(text) > LONGEST:
        return text.strip()
    return "".join(_word(token) for token in tokens(text)).strip()


def codes(text: str) -> list[str]:
    """What stands in code marks."""
    return [token.content for token in tokens(text) if token.type == "code_inline"] if "`" in text else []


def links(text: str) -> list[Link]:
    """The links of the text, images left out."""
    return list(_links(tokens(text))) if "[" in text or "<" in text else []


def bold_lead(text: str) -> tuple[str, str] | None:
    """The bold words at the start and what follows them, `**Quick Fix**: do this` -> ("Quick Fix", "do this")."""
    found = _BOLD_LEAD.match(text.strip())
    return (plain(found["label"]).removesuffix(":").strip(), found["rest"].strip()) if found else None


def _word(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return token.content if token.type in ("text", "code_inline", "html_inline", "image", "text_special") else ""


def _links(found: list[Token]) -> Iterator[Link]:
    href: str | None = None
    words: list[str] = []
    for token in found:
        if token.type == "link_open":
            href, words = str(token.attrs.get("href", "")), []
        elif token.type == "link_close" and href is not None:
            yield Link("".join(words).strip(), href)
            href = None
        elif href is not None:
            words.append(_word(token))
