"""SQL as text: where its parameters and its ends are, told apart from what stands in quotes and comments.

Rules: PostgreSQL's documentation, "Lexical Structure" (4.1), with standard_conforming_strings on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

Kind = Literal["code", "quoted", "comment", "parameter", "end"]

_TOKEN = re.compile(
    r"""
    (?P<quoted> (?<!\w)[eE]'(?:[^'\\]|''|\\.)*(?:'|\Z) | '(?:[^']|'')*(?:'|\Z) | "(?:[^"]|"")*(?:"|\Z)
              | (?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z) )
    | (?P<comment> --[^\n]* | /\* )
    | (?P<cast> ::+ | :=)
    | (?<![:\w]):(?P<parameter>[a-z][a-z0-9_]*)
    | (?P<end> ;)
    """,
    re.VERBOSE | re.DOTALL,
)
_NESTED = re.compile(r"/\*|\*/")


def tokens(sql: str) -> Iterator[tuple[Kind, str]]:
    """The parts of `sql`, which joined give it again; a parameter as its name with the colon."""
    at = begun = 0
    while found := _TOKEN.search(sql, at):
        at = found.end()
        kind = _kind(found)
        if kind == "code":
            continue
        if found[0] == "/*":
            at = _end_of_comment(sql, at)
        if found.start() > begun:
            yield "code", sql[begun : found.start()]
        yield kind, sql[found.start() : at]
        begun = at
    if begun < len(sql):
        yield "code", sql[begun:]


def _kind(found: re.Match[str]) -> Kind:
    if found["quoted"]:
        return "quoted"
    if found["comment"]:
        return "comment"
    if found["parameter"]:
        return "parameter"
    return "end" if found["end"] else "code"


def _end_of_comment(sql: str, at: int) -> int:
    """Behind the `*/` that ends a comment begun before `at`; comments nest."""
    depth = 1
    while depth and (found := _NESTED.search(sql, at)):
        depth += 1 if found[0] == "/*" else -1
        at = found.end()
    return len(sql) if depth else at


def statements(sql: str) -> list[str]:
    """The single statements, without their semicolons; those of comments and blanks alone are left out."""
    found, current, says_something = [], "", False
    for kind, text in (*tokens(sql), ("end", ";")):
        if kind != "end":
            current += text
            says_something |= kind != "comment" and bool(text.strip())
            continue
        if says_something:
            found.append(current.strip())
        current, says_something = "", False
    return found


def names(sql: str) -> list[str]:
    """The parameters, in the order of their first mention."""
    return list(dict.fromkeys(text[1:] for kind, text in tokens(sql) if kind == "parameter"))


def bound(sql: str) -> str:
    """The statement as psycopg takes it: `:name` as `%(name)s`, every other percent sign doubled."""
    return _with_parameters(sql, lambda name: f"%({name})s", escape=True)


def shown(sql: str, literal: Callable[[str], str]) -> str:
    """The statement with what `literal` gives for the name of each parameter."""
    return _with_parameters(sql, literal, escape=False)


def _with_parameters(sql: str, instead: Callable[[str], str], *, escape: bool) -> str:
    return "".join(
        instead(text[1:]) if kind == "parameter" else text.replace("%", "%%") if escape else text
        for kind, text in tokens(sql)
    )


def words(sql: str, most: int = 4) -> list[str]:
    """The first words of the code, in capitals."""
    code = "".join(text if kind == "code" else " " for kind, text in tokens(sql))
    return [word.upper() for word in re.findall(r"\w+", code)[:most]]


def literal(value: str) -> str:
    """`value` as a literal of SQL, whatever is in it."""
    quoted = value.replace("'", "''")
    if "\\" in quoted:
        doubled = quoted.replace("\\", "\\\\")
        return f"E'{doubled}'"
    return f"'{quoted}'"
