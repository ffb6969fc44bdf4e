"""Whatever a field holds, the document's structure stays ours and the field's text reads back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cockpit.scribe.escape import code, code_cell, fence, inline, line, quote
from cockpit.text import clean

COMMONMARK = MarkdownIt("commonmark")
TABLES = MarkdownIt("commonmark").enable("table").enable("strikethrough")
GITHUB = MarkdownIt("gfm-like", {"linkify": True})

PIECES = st.sampled_from(
    ["# ", "## ", " #", "- ", "+ ", "* ", "1. ", "12) ", "> ", "    ", "\t", "```", "~~~", "`", "``", "---", "===",
     "***", ":---", "|", "||", "\\", "\\|", "\\\\", "[a](b)", "[a]: /b", "![x](y)", "[", "]", "(", ")", "<b>", "</b>",
     "<!--", "-->", "<a@b.c>", "<http://x>", "http://x.y/z", "www.evil.example", "a@b.example", "&amp;", "&#35;", "&",
     "_", "__", "a_b", "**b**", "*", "~~", "$x$", "\n", "\n\n", "\r\n", "\x1b[31m", "\x00", "\u2028", "\u202e", "\x85",
     "é", "漢", "\xa0", "\u3000", "word", " ", "  ", "-", "=", ":", "!", "{", "}", "@x"],
)  # fmt: skip
HOSTILE = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=10).map("".join))


def walk(tokens: list[Token]) -> Iterator[Token]:
    """All tokens, those inside others too."""
    for token in tokens:
        yield token
        yield from walk(token.children or [])


def visible(token: Token) -> str:
    """What a reader sees of an inline token."""
    parts = {"text": None, "code_inline": None, "hardbreak": "\n", "softbreak": "\n"}
    return "".join(str(parts[child.type] or child.content) for child in token.children or [] if child.type in parts)


def shape(text: str, parser: MarkdownIt = COMMONMARK) -> list[str]:
    """The token types of a document, those of running text left out."""
    return [token.type for token in walk(parser.parse(text)) if token.type not in ("text", "inline")]


PARAGRAPH = ["paragraph_open", "paragraph_close"]


@given(HOSTILE)
@example("1.")
@example("-")
@example("a | b\n:---")
@example("x \\")
@example("[x]: /y")
@example("<a@b.c>")
def test_a_line_is_a_paragraph(text: str) -> None:
    """At a line's start; nothing but text, and all of it."""
    written, seen = line(text), clean(text).strip()
    for parser in (COMMONMARK, TABLES, GITHUB):
        types = shape(f"before\n\n{written}\n\nafter", parser)
        assert types == PARAGRAPH * (3 if seen else 2)
    if seen:
        assert visible(COMMONMARK.parse(written)[1]) == seen


@given(HOSTILE)
@example("ends ##")
def test_a_heading_stays_one(text: str) -> None:
    """Behind its marks, text is only text; closing marks are no part of them."""
    tokens = COMMONMARK.parse(f"## {inline(text)}\n\nafter")
    assert [token.type for token in tokens[:3]] == ["heading_open", "inline", "heading_close"]
    assert visible(tokens[1]) == clean(text).strip()
    assert {child.type for child in tokens[1].children or []} <= {"text"}


@given(st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=4))
@example([("\\|", "|\\"), ("`a|b`", "\\")])
def test_a_table_keeps_its_cells(rows: list[tuple[str, str]]) -> None:
    """Two columns stay two columns, in prose and in code."""
    body = "\n".join(f"| {inline(left)} | {code_cell(right)} |" for left, right in rows)
    tokens = TABLES.parse(f"| A | B |\n|---|---|\n{body}\n\nafter")
    cells = [tokens[index + 1] for index, token in enumerate(tokens) if token.type == "td_open"]
    assert [visible(cell) for cell in cells] == [clean(text).strip() for row in rows for text in row]
    assert sum(token.type == "tr_open" for token in tokens) == len(rows) + 1
    assert {child.type for cell in cells for child in cell.children or []} <= {"text", "code_inline"}


@given(HOSTILE)
@example("`")
@example("a``b`")
def test_a_code_span_holds_all(text: str) -> None:
    """Backticks inside it do not end it."""
    seen = clean(text).strip()
    (paragraph, content, _) = COMMONMARK.parse(f"x {code(text)} y")
    assert paragraph.type == "paragraph_open"
    assert visible(content) == (f"x {seen} y" if seen else "x  y")
    assert [child.type for child in content.children or []] == (["text", "code_inline", "text"] if seen else ["text"])


@given(HOSTILE)
@example("```\nx\n````")
def test_a_fence_holds_all(text: str) -> None:
    """Lines as they are; no fence inside ends it."""
    (block, *_after) = tokens = COMMONMARK.parse(f"{fence(text, 'text')}\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    seen = clean(text, keep_newlines=True)
    assert block.content.removesuffix("\n") == seen.removesuffix("\n")
    assert block.info == "text"


@given(HOSTILE)
@example("a\n\nb\nc")
@example("a\n===")
@example("a\n---")
@example("a \\| b\n:---")
def test_a_quote_keeps_its_lines(text: str) -> None:
    """Only paragraphs and line breaks, within the quote; and the text."""
    tokens = TABLES.parse(f"{quote(text)}\n\nafter")
    end = next(index for index, token in enumerate(tokens) if token.type == "blockquote_close")
    inner = tokens[1:end]
    assert {token.type for token in walk(inner)} <= {"paragraph_open", "paragraph_close", "inline", "text", "hardbreak"}
    said = "\n".join(visible(token) for token in inner if token.type == "inline")
    lines = (part.strip() for part in clean(text, keep_newlines=True).split("\n"))
    assert said == "\n".join(part for part in lines if part)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("payment_service", "payment_service"), ("error rate > 5 %, 3/5", "error rate > 5 %, 3/5"),
        ("@oncall (ic)", "@oncall (ic)"), ("R&D", "R&D"), ("&lt; b", "\\&lt; b"), ("#1", "\\#1"),
        ("https://x", "https\\://x"), ("-", "\\-"), ("2. x", "2\\. x"), ("1.4.2 is bad", "1.4.2 is bad"),
    ],
)  # fmt: skip
def test_plain_words_stay_plain(text: str, written: str) -> None:
    """The source is read too, in a terminal: what needs no escape has none."""
    assert line(text) == written
