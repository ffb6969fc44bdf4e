"""A fence's commands: each with its title, condition, expected result and lines; and the lines that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cockpit.runbook.markdown.commands.classify import PROMPT, begins_sql, content_of, is_program_line, is_sql_word
from cockpit.runbook.markdown.commands.flow import flowing
from cockpit.runbook.markdown.commands.recognise import is_command, looks_like_program
from cockpit.runbook.markdown.commands.shelltext import scanned
from cockpit.runbook.markdown.commands.snippets import FenceRead, Language, Snippet
from cockpit.runbook.markdown.commands.sqltext import sql_statements
from cockpit.runbook.markdown.commands.statements import Statement, statements
from cockpit.runbook.markdown.steps.remarks import is_expected, remarks_of
from cockpit.runbook.markdown.text.blocks import Block
from cockpit.values import replace

__all__ = ["FenceRead", "Snippet", "read_fence"]

_SQL_PROMPT = re.compile(r"^\s*(?:\w+[=-][#>]|mysql>|sqlite>|MariaDB \[\w+\]>)\s*")
_STRUCTURE = re.compile(r"(?:if|for|while|until|case|function|select)\s|[({]|\w+\s*\(\)|(?:export\s+)?\w+=|sudo\s|!")
_ONLY_SAYS = re.compile(r"(?:echo|printf)(?:\s+-[en]+)?(?:\s+(?:\"[^\"$`\n]*\"|'[^'\n]*'|[\w.,:!-]+))*")
Left = tuple[int, int, str]


_WHY = {
    "config": "configuration, nothing to run",
    "query": "a query for a metrics or log system",
    "code": "code of another language than a shell's",
    "output": "output or a picture",
    "text": "no command in it",
}


def read_fence(block: Block) -> FenceRead:
    """The commands of a fence, of indented code, or of a paragraph that is one."""
    first = block.line + block.offset
    content = content_of(block.text, block.info if block.info not in ("html", "front-matter") else "")
    if block.info == "front-matter":
        return FenceRead("config", (), ((block.line, block.end, "the document's own data"),))
    if content == "sql":
        return FenceRead(content, tuple(_sql(block.text, first)))
    if content == "http":
        return FenceRead(content, (Snippet(block.text.strip(), first, first + block.text.count("\n"), "http"),))
    if content == "session":
        return _session(block.text, first)
    if content == "shell":
        return _shell(block.text, first, tagged=bool(block.info) or block.kind != "fence")
    return FenceRead(content, (), ((block.line, block.end, _WHY[content]),))


def _sql(text: str, first: int) -> Iterator[Snippet]:
    for piece in sql_statements(text):
        yield _snippet(piece, first, "shell" if looks_like_program(piece.text.split("\n")[0]) else "sql")


def _snippet(piece: Statement, first: int, language: Language) -> Snippet:
    remarks = remarks_of(piece.above, piece.behind)
    return Snippet(
        piece.text, first + piece.start, first + piece.end, language, title=remarks.title,
        condition=remarks.condition, expected=remarks.expected, remark=remarks.remark,
    )  # fmt: skip


def _session(text: str, first: int) -> FenceRead:
    """Commands behind prompts with what continues them; the rest is sample output."""
    found: list[Snippet] = []
    left: list[Left] = []
    above: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        sql = _SQL_PROMPT.match(line)
        prompt = sql or PROMPT.match(line)
        end = _continued(lines, at, prompt.end(), sql=bool(sql)) if prompt else at
        if prompt:
            body = [line[prompt.end() :], *(re.sub(r"^\s*> ?", "", each) for each in lines[at + 1 : end + 1])]
            piece = Statement("\n".join(body).strip(), at, end, tuple(above))
            found += [_snippet(piece, first, "sql" if sql else "shell")] if piece.text else []
            above = []
        elif line.strip().startswith("# "):
            above.append(line.strip()[2:])
        elif line.strip():
            left.append((first + at, first + at, "sample output"))
            above = []
        at = end + 1
    return FenceRead("session", *flowing(found, [], left))


def _continued(lines: list[str], at: int, start: int, *, sql: bool) -> int:
    """The last line of a prompted command: an open quote, a backslash, or lines behind `>` go on."""
    text, end = lines[at][start:], at
    while end + 1 < len(lines) and end - at < 60:
        following = lines[end + 1]
        waits = (sql and ";" not in text) or text.rstrip().endswith("\\") or not scanned(text).whole
        if PROMPT.match(following) or not (waits or re.match(r"^\s*> ", following)):
            break
        end += 1
        text += "\n" + following
    return end


def _shell(text: str, first: int, *, tagged: bool) -> FenceRead:
    lines = text.split("\n")
    begin = next(number for number, line in enumerate(lines) if line.strip())
    if lines[begin].lstrip().startswith("#!"):
        last = max(number for number, line in enumerate(lines) if line.strip())
        script = "\n".join(lines[begin : last + 1]).strip()
        return FenceRead("shell", (Snippet(script, first + begin, first + last, alone=True),))
    found: list[Snippet] = []
    left: list[Left] = []
    runs: list[bool] = []
    for piece in _with_sql(statements(text)):
        piece = _told(found, piece)
        if piece.text and begins_sql(piece.text):
            runs.append(False)
            found.append(_snippet(piece, first, "sql"))
        elif piece.text and _ONLY_SAYS.fullmatch(piece.text):
            left.append((first + piece.start, first + piece.end, "only prints words"))
        elif piece.text and _runs(piece.text.split("\n")[0], tagged):
            runs.append(bool(found) and not piece.gap and not piece.above)
            found.append(_snippet(piece, first, "shell"))
        elif piece.text or piece.above:
            left.append((first + piece.start, first + piece.end, "no command" if piece.text else "a comment"))
    return FenceRead("shell", *flowing(found, runs, left))


def _with_sql(pieces: Sequence[Statement]) -> Iterator[Statement]:
    """The commands of a script, those lines joined that are one statement of SQL."""
    at = 0
    while at < len(pieces):
        last = _sql_end(pieces, at)
        joined = "\n".join(piece.text for piece in pieces[at : last + 1])
        if last > at and begins_sql(joined):
            yield replace(pieces[at], text=joined, end=pieces[last].end)
            at = last
        else:
            yield pieces[at]
        at += 1


def _sql_end(pieces: Sequence[Statement], at: int) -> int:
    """The last line of a statement that begins at `at`: up to its semicolon, an empty line or a program."""
    last = at
    while is_sql_word(pieces[at].text) and not pieces[last].text.endswith(";") and last + 1 < len(pieces):
        following = pieces[last + 1]
        if not following.text or following.gap or following.above or looks_like_program(following.text):
            break
        last += 1
    return last


def _told(found: list[Snippet], piece: Statement) -> Statement:
    """The piece without the comment that says what should be seen of the command before it."""
    if found and piece.above and is_expected(piece.above[0]) and not (piece.gap and piece.text):
        found[-1] = replace(found[-1], expected=f"{found[-1].expected} {piece.above[0]}".strip())
        return replace(piece, above=piece.above[1:])
    return piece


def _runs(line: str, tagged: bool) -> bool:
    return bool(_STRUCTURE.match(line)) or is_command(line) or (tagged and is_program_line(line))
