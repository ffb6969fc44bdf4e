"""From the text of an expression to tokens with their positions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cockpit.simulator.prometheus.errors import ParseError

_PATTERNS = (
    ("space", r"\s+|\#[^\n]*"),
    ("duration", r"(?:\d+(?:ms|[smhdwy]))+(?![\w.])"),
    ("number", r"0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"),
    ("name", r"[A-Za-z_:][A-Za-z0-9_:]*"),
    ("string", r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`]*`"),
    ("operator", r"=~|!~|==|!=|>=|<=|[-+*/%^><=(){}\[\],@:]"),
)
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS), re.ASCII | re.DOTALL)
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CLOSING = {")": "parenthesis", "]": "bracket", "}": "brace"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression as it was written; `kind` is one of the pattern names above, `end` or `error`."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> list[Token]:
    """The tokens of `text`; the last is `end`, or `error` where reading failed, with the reason as its text.

    An error is a token because Prometheus tells the first thing that is wrong, and what stands before it may be.
    """
    found: list[Token] = []
    opened: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return [*found, _unreadable(text, position)]
        token = Token(str(match.lastgroup), match.group(), position)
        position = match.end()
        if token.kind == "space":
            continue
        error = _misplaced(token, opened)
        if error is not None:
            return [*found, error]
        found.append(token)
    return [*found, _end(opened, len(text))]


def unquoted(token: Token, text: str) -> str:
    """The value of a string token.

    Raises:
        ParseError: an escape that does not exist.
    """
    inner = token.text[1:-1]
    if token.text[0] == "`":
        return inner

    def replace(match: re.Match[str]) -> str:
        digits = match[1] or match[2] or match[3]
        if digits:
            return chr(int(digits, 16))
        if match[4]:
            return chr(int(match[4], 8))
        if match[5] in ("\\", token.text[0]):
            return str(match[5])
        if match[5] not in _ESCAPES:
            raise ParseError(token.position, text, f"unknown escape sequence U+{ord(match[5]):04X} {match[5]!r}")
        return _ESCAPES[match[5]]

    return _ESCAPE.sub(replace, inner)


def _unreadable(text: str, position: int) -> Token:
    character = text[position]
    if character in "\"'":
        return Token("error", "unterminated quoted string", position)
    if character == "`":
        return Token("error", "unterminated raw string", position)
    if character == "!":
        return Token("error", f"unexpected character after '!': {text[position + 1 : position + 2]!r}", position)
    return Token("error", f"unexpected character: {character!r}", position)


def _misplaced(token: Token, opened: list[str]) -> Token | None:
    """Keep account of the brackets that are `opened`; an error token where `token` cannot stand in them."""
    if opened and opened[-1] == "{":
        if token.kind in ("number", "duration"):
            return Token("error", f"unexpected character inside braces: {token.text[0]!r}", token.position)
    elif token.text == "=~":
        return Token("error", "unexpected character after '=': '~'", token.position)
    elif token.text == "}":
        return Token("error", "unexpected character: '}'", token.position)
    if token.kind == "operator" and token.text in _PAIRS:
        opened.append(token.text)
    elif token.kind == "operator" and token.text in _CLOSING:
        if not opened or _PAIRS[opened[-1]] != token.text:
            after = token.text == ")"  # its position is the one behind it
            return Token("error", f"unexpected right {_CLOSING[token.text]} {token.text!r}", token.position + after)
        opened.pop()
    return None


def _end(opened: list[str], position: int) -> Token:
    if not opened:
        return Token("end", "", position)
    if opened[-1] == "{":
        return Token("error", "unexpected end of input inside braces", position)
    return Token("error", f"unclosed left {_CLOSING[_PAIRS[opened[-1]]]}", position)
