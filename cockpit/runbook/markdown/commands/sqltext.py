"""SQL of a document: its statements with their comments, and its placeholders as bound parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.runbook.markdown.commands.statements import Statement
from cockpit.runbook.markdown.placeholders.blanks import blanks
from cockpit.runbook.markdown.placeholders.placeholders import Found

_TOKEN = re.compile(
    r"(?P<string>[eE]?'(?:[^']|'')*(?:'|\Z))|(?P<name>\"[^\"]*(?:\"|\Z))|(?P<dollar>\$(\w*)\$.*?(?:\$\4\$|\Z))"
    r"|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))|(?P<end>;)|(?P<line>\n)",
    re.S,
)
_NAMES_ONLY = re.compile(
    r"(?i)(?:\b(?:from|join|into|update|table|index|analyze|vacuum|verbose|reindex|on|sequence|view|schema|database|role"
    r"|user|exists|concurrently|only|column|trigger|function|extension|set|to|as|by)\s+|[.\"])$"
)


def sql_statements(text: str) -> Iterator[Statement]:
    """The statements of a script with the comments above them, in their order."""
    start, above = 0, list[str]()
    gap = True
    for end in [*_ends(text), len(text)]:
        piece = text[start:end]
        line = text.count("\n", 0, start)
        start = end
        above, body, skipped = _without_comments(piece, above)
        if re.match(r"\s*\n\s*\n", piece):
            gap = True
        if body.strip():
            lead = len(body) - len(body.lstrip())
            first = line + skipped + body.count("\n", 0, lead)
            words = body.strip()
            yield Statement(_dedented(words), first, first + words.count("\n"), tuple(above), gap=gap)
            above, gap = [], False


def _dedented(text: str) -> str:
    """The statement with the indentation taken away that all its lines after the first have."""
    first, *others = text.split("\n")
    widths = [len(line) - len(line.lstrip()) for line in others if line.strip()]
    cut = min(widths, default=0)
    return "\n".join([first.rstrip(), *(line[cut:].rstrip() for line in others)])


def _ends(text: str) -> list[int]:
    return [found.end() for found in _TOKEN.finditer(text) if found.lastgroup == "end"]


def _without_comments(piece: str, above: list[str]) -> tuple[list[str], str, int]:
    """The comment lines before a statement, the rest, and how many lines stand before the rest."""
    lines = piece.split("\n")
    found, number = list(above), 0
    for number, line in enumerate(lines):
        bare = line.strip()
        if bare.startswith("--"):
            found.append(bare.lstrip("-").strip())
        elif bare.startswith("/*") and bare.endswith("*/"):
            found.append(bare.strip("/* "))
        elif bare.startswith("\\"):
            continue
        elif bare:
            return found, "\n".join(lines[number:]), number
    return found, "", number


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement with its placeholders as `:name`; `why` says what cannot be bound, else it is empty."""

    statement: str
    placeholders: tuple[Found, ...] = ()
    why: str = ""


def bound(statement: str) -> Bound:
    """The statement with each placeholder bound: in a literal by joining, elsewhere as it stands."""
    found = blanks(statement)
    text, taken = statement, []
    for each in reversed(found):
        span = _literal(statement, each)
        if span is None and _in_comment(statement, each):
            text = f"{text[: each.start]}{each.name}{text[each.end :]}"
            continue
        if span is None and (
            _NAMES_ONLY.search(statement[: each.start]) or statement[each.end : each.end + 1] in ('"', ".")
        ):
            return Bound(statement, (), f"{each.text} stands for a name, and a statement can only be given values")
        taken.append(each)
        text = _put(text, each, span)
    return Bound(text, tuple(reversed(taken)))


def _literal(statement: str, found: Found) -> tuple[int, int] | None:
    """The string literal that a placeholder stands in."""
    for token in _TOKEN.finditer(statement):
        if token.start() <= found.start and found.end <= token.end():
            return token.span() if token.lastgroup == "string" else None
    return None


def _in_comment(statement: str, found: Found) -> bool:
    return any(
        token.lastgroup == "comment" and token.start() <= found.start < token.end()
        for token in _TOKEN.finditer(statement)
    )


def _put(text: str, found: Found, span: tuple[int, int] | None) -> str:
    """The text with one placeholder replaced; what follows it was replaced before."""
    name = f":{found.name}"
    if span is None:
        return f"{text[: found.start]}{name}{text[found.end :]}"
    head = text[span[0] : found.start]
    after = text[found.end :]
    close = after.find("'")
    tail, rest = after[:close], after[close + 1 :]
    parts = [f"{head}'" if head.strip("eE") != "'" else "", name, f"'{tail}'" if tail else ""]
    joined = " || ".join(part for part in parts if part)
    before = text[: span[0]]
    if interval := re.search(r"(?i)\binterval\s*$", before):
        return f"{before[: interval.start()]}CAST({joined} AS interval){rest}"
    return f"{before}{f'({joined})' if ' || ' in joined else joined}{rest}"
