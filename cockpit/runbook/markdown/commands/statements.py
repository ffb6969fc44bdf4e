"""A shell script as its commands: each with its lines, the comments above it and behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.runbook.markdown.commands.shelltext import scanned
from cockpit.values import replace

_OPENS = re.compile(
    r"(?:^|[;&|({]|\b(?:then|do|else|!)\s)\s*(?:if\s+\S|case\s+\S+\s+in\b|for\s+(?:\w+\s+in\b|\(\()|(?:while|until)\s+\S"
    r"|select\s+\w+\s+in\b)",
    re.M,
)
_CLOSES = re.compile(r"(?:^|[;&|({}]|\s)\s*(?:fi|esac|done)(?=$|[\s;&|)])", re.M)
_BRACE_OPENS = re.compile(r"(?:^|[;&|)\s])\{(?=\s|$)", re.M)
_BRACE_CLOSES = re.compile(r"(?:^|[;\s])\}(?=$|[\s;&|)])", re.M)
_MOST = 500
"""Commands that one block may hold; what is not closed within them is not joined."""
_PART = re.compile(r"(?:do|done|then|else|elif\b.*|fi|esac|in|;;|[{}()]|!)[\s;]*", re.S)
_FUNCTION = re.compile(r"^\s*(?:function\s+[\w-]+|[\w-]+\s*\(\))\s*(?:\(\))?\s*$", re.M)


@dataclass(frozen=True, slots=True)
class Statement:
    """One command of a script.

    Attributes:
        text: it, without the comments around it.
        start: its first line in the script, from 0; `end` is its last.
        above: the comment lines directly above it, without `#`.
        behind: the comment at the end of its only line.
        gap: whether an empty line, or the script's beginning, stands before it and its comments.
    """

    text: str
    start: int
    end: int
    above: tuple[str, ...] = ()
    behind: str = ""
    gap: bool = False


def statements(script: str) -> list[Statement]:
    """The commands of a script in their order. Control flow, functions, here-documents and commands over several lines
    stay whole; where a quote is never closed, as in sample output, each line stands for itself."""
    found = scanned(script)
    ends = found.ends if found.whole else [at for at, char in enumerate(script) if char == "\n"]
    pieces = _joined_flow(list(_pieces(script, ends)))
    return list(_commented(pieces))


def is_whole(script: str) -> bool:
    """Whether everything that a script opens it also closes: `if`, loops, `case`, braces."""
    return _depth(script) == 0 and not _PART.fullmatch(script.strip())


def _pieces(script: str, ends: list[int]) -> Iterator[Statement]:
    start = line = 0
    for end in [*ends, len(script)]:
        text = script[start:end]
        yield Statement(text, line, line + text.count("\n"))
        line += text.count("\n") + 1
        start = end + 1


def _joined_flow(pieces: list[Statement]) -> list[Statement]:
    """The pieces with those joined that one `if`, loop, `case`, function or leading `|` holds together."""
    found: list[Statement] = []
    depths = [_depth(piece.text) for piece in pieces]
    number = 0
    while number < len(pieces):
        last = _flow_end(pieces, depths, number)
        joined = "\n".join(piece.text for piece in pieces[number : last + 1])
        piece = replace(pieces[number], text=joined, end=pieces[last].end)
        if found and re.match(r"\s*(?:\||&&)", joined) and found[-1].text.strip():
            found[-1] = replace(found[-1], text=f"{found[-1].text} \\\n{joined}", end=piece.end)
        else:
            found.append(piece)
        number = last + 1
    return found


def _flow_end(pieces: list[Statement], depths: list[int], number: int) -> int:
    """The last piece of what begins at `number`: itself, unless it opens something that a later one closes."""
    depth = depths[number]
    begin = number
    if depth <= 0 and _FUNCTION.match(pieces[number].text) and number + 1 < len(pieces):
        depth = 1 if pieces[number + 1].text.strip() == "{" else 0
        begin = number + 1
    if depth <= 0:
        return number
    for last in range(begin + 1, min(len(pieces), begin + _MOST)):
        depth += depths[last]
        if depth <= 0:
            return last
    return number


def _depth(text: str) -> int:
    if not re.search(r"if|fi|case|esac|for|while|until|select|done|[{}]", text):
        return 0
    plain = re.sub(r"#+", "", scanned(text).plain(text))
    opened = len(_OPENS.findall(plain)) + len(_BRACE_OPENS.findall(plain))
    return opened - len(_CLOSES.findall(plain)) - len(_BRACE_CLOSES.findall(plain))


def _commented(pieces: list[Statement]) -> Iterator[Statement]:
    """The commands with the comments that belong to them; comments alone at the end make a last one without text."""
    above: list[str] = []
    gap, begun = True, 0
    for piece in pieces:
        text = piece.text.strip()
        if not text:
            if above:
                yield Statement("", begun, piece.start - 1, tuple(above), gap=gap)
            above, gap = [], True
        elif text.startswith("#") and not text.startswith("#!") and "\n" not in text:
            begun = begun if above else piece.start
            above.append(text.lstrip("#").strip())
        else:
            bare, behind = _without_comment(text)
            yield Statement(bare, piece.start, piece.end, tuple(above), behind, gap)
            above, gap = [], False
    if above:
        yield Statement("", begun, begun + len(above) - 1, tuple(above), gap=gap)


def _without_comment(text: str) -> tuple[str, str]:
    """A command of one line, and the comment behind it."""
    if "\n" in text or "#" not in text:
        return text, ""
    contexts = scanned(text).contexts
    at = next((number for number, context in enumerate(contexts) if context == "comment"), len(text))
    return text[:at].rstrip(), text[at:].lstrip("#").strip()
