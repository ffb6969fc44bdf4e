"""A place in the tokens of an expression: looking at the next, taking it, and saying what is wrong with it."""

from __future__ import annotations

import json
import re

from cockpit.simulator.prometheus import lexer, numbers
from cockpit.simulator.prometheus.errors import ParseError
from cockpit.simulator.prometheus.syntax import AGGREGATIONS

KEYWORDS = frozenset(
    {"and", "or", "unless", "atan2", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool"}
)
_PUNCTUATION = frozenset("(){}[],:@=")
LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class Cursor:
    """Goes through the tokens of `text`; every method raises ParseError when what comes next does not fit."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = lexer.tokens(text)
        self._index = 0

    @property
    def _next(self) -> lexer.Token:
        token = self._tokens[self._index]
        if token.kind == "error":
            raise self._error(token.position, token.text)
        return token

    def _advance(self) -> lexer.Token:
        """Take the next token, whatever it is."""
        token = self._next
        self._index += 1
        return token

    def _take(self, *texts: str) -> lexer.Token | None:
        """Take the next token if it is one of these words."""
        if self._next.kind not in ("operator", "name") or self._next.text not in texts:
            return None
        return self._advance()

    def _expect(self, text: str, context: str) -> lexer.Token:
        token = self._take(text)
        if token is None:
            raise self._unexpected(context, f'"{text}"')
        return token

    def _unexpected(self, context: str = "", expected: str = "") -> ParseError:
        message = f"unexpected {_described(self._next)}"
        message += f" in {context}" if context else ""
        message += f", expected {expected}" if expected else ""
        return ParseError(self._next.position, self.text, message)

    def _error(self, position: int, message: str) -> ParseError:
        return ParseError(position, self.text, message)

    def _names(self) -> tuple[str, ...]:
        """`(a, b)` after by, without, on, ignoring and group_left."""
        self._expect("(", "grouping opts")
        names: list[str] = []
        while not self._take(")"):
            if self._next.kind != "name" or not LABEL.fullmatch(self._next.text):
                raise self._unexpected("grouping opts", "label")
            names.append(self._advance().text)
            if not self._take(",") and self._next.text != ")":
                raise self._unexpected("grouping opts", '"," or ")"')
        return tuple(names)

    def _duration(self, context: str) -> int:
        token = self._next
        if token.kind != "duration" and context != "offset":
            bare = token.kind == "number"
            raise self._error(
                token.position, "missing unit character in duration" if bare else 'bad duration syntax: ""'
            )
        if token.kind != "duration":
            raise self._unexpected(context, "duration")
        self._advance()
        try:
            length = numbers.milliseconds(token.text)
        except ValueError as error:
            raise self._error(token.position, str(error)) from None
        if length <= 0:
            raise self._error(token.position, "duration must be greater than 0")
        return length


def _described(token: lexer.Token) -> str:
    quoted = json.dumps(token.text, ensure_ascii=False)
    if token.kind == "end":
        return "end of input"
    if token.kind == "name":
        if token.text in AGGREGATIONS:
            return f"<aggr:{token.text}>"
        return f"<{token.text}>" if token.text in KEYWORDS else f"identifier {quoted}"
    if token.kind == "operator":
        return quoted if token.text in _PUNCTUATION else f"<op:{token.text}>"
    return f"{token.kind} {quoted}"
