"""From tokens to an expression, by precedence climbing, with Prometheus' checks of types and its messages.

The grammar is the one of https://prometheus.io/docs/prometheus/2.42/querying/basics/ without subqueries, `@`,
native histograms and the functions that `signatures` does not list; these are refused, not ignored.
"""

from __future__ import annotations

import functools
import re
from dataclasses import replace

from cockpit.simulator.prometheus import lexer
from cockpit.simulator.prometheus.cursor import KEYWORDS, LABEL, Cursor
from cockpit.simulator.prometheus.errors import OperandError, ParseError
from cockpit.simulator.prometheus.labels import NAME, Matcher
from cockpit.simulator.prometheus.operators import binary
from cockpit.simulator.prometheus.signatures import SIGNATURES
from cockpit.simulator.prometheus.syntax import (
    AGGREGATIONS,
    Aggregation,
    Call,
    Expression,
    Matching,
    Negation,
    Number,
    Selector,
    Text,
    ValueType,
)

_PRECEDENCE = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
_UNARY = 5


@functools.lru_cache(maxsize=256)  # rules and readers ask the same again and again
def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ParseError: with line, column and what is wrong there.
    """
    return Parser(text).parse()


class Parser(Cursor):
    """Reads one expression; its methods take tokens from the front and give what they built, or raise ParseError."""

    def parse(self) -> Expression:
        """The whole text as one expression."""
        if self._next.kind == "end":
            raise ParseError(0, self.text, "no expression found in input")
        expression = self._expression(1)
        if self._next.kind != "end":
            raise self._unexpected()
        return expression

    def _expression(self, minimum: int) -> Expression:
        """Operands and operators that bind at least as strongly as `minimum`."""
        start = self._next.position
        left = self._operand()
        while (precedence := _PRECEDENCE.get(self._next.text, 0) if self._next.kind != "string" else 0) >= minimum:
            operator = self._advance()
            as_bool = self._take("bool") is not None
            matching = self._matching()
            right_start = self._next.position
            # ^ binds to the right, everything else to the left
            right = self._expression(precedence if operator.text == "^" else precedence + 1)
            try:
                left = binary(operator.text, left, right, matching, as_bool=as_bool)
            except OperandError as error:
                where = {"left": start, "operator": operator.position, "right": right_start}[error.where]
                raise self._error(where, str(error)) from None
        return left

    def _matching(self) -> Matching | None:
        word = self._take("on", "ignoring")
        if word is None:
            return None
        matching = Matching(self._names(), on=word.text == "on")
        group = self._take("group_left", "group_right")
        if group is None:
            return matching
        include = self._names() if self._next.text == "(" else ()
        return replace(matching, many="left" if group.text == "group_left" else "right", include=include)

    def _operand(self) -> Expression:
        """A signed or bare operand with its window and offset."""
        start = self._next.position
        sign = self._take("+", "-")
        if sign is not None:
            operand = self._expression(_UNARY + 1)
            if operand.type not in ("scalar", "instant vector"):
                raise self._error(
                    start,
                    "unary expression only allowed on expressions of type scalar or instant vector, "
                    f'got "{operand.type}"',
                )
            return Negation(operand, operand.type) if sign.text == "-" else operand
        return self._modified(self._primary(), start)

    def _modified(self, operand: Expression, start: int) -> Expression:
        bracket = self._take("[")
        if bracket is not None:
            if not isinstance(operand, Selector):
                raise self._error(bracket.position, "ranges only allowed for vector selectors")
            operand = replace(operand, window=self._duration("matrix selector"))
            if self._next.text.startswith(":"):
                raise self._error(self._next.position, "subqueries are not part of what the simulator evaluates")
            self._expect("]", "matrix selector")
        if self._take("offset"):
            if not isinstance(operand, Selector):
                raise self._error(
                    start,
                    "offset modifier must be preceded by an instant vector selector or range vector selector "
                    "or a subquery",
                )
            backwards = self._take("-") is not None
            shift = self._duration("offset")
            operand = replace(operand, offset=-shift if backwards else shift)
        return operand

    def _primary(self) -> Expression:
        token = self._next
        if token.kind == "number":
            self._advance()
            return Number(float(int(token.text, 16)) if token.text[:2].lower() == "0x" else float(token.text))
        if token.kind == "string":
            self._advance()
            return Text(lexer.unquoted(token, self.text))
        if token.kind == "name" and token.text not in KEYWORDS:
            return self._named()
        if token.text == "{":
            return self._selector(None, token.position)
        if self._take("("):
            inner = self._expression(1)
            self._expect(")", "paren expression")
            return inner
        raise self._unexpected()

    def _named(self) -> Expression:
        """What begins with a name: a literal word, an aggregation, a function or a metric."""
        token = self._advance()
        if token.text.lower() in ("inf", "nan"):
            return Number(float(token.text))
        if token.text in AGGREGATIONS and self._next.text in ("(", "by", "without"):
            return self._aggregation(token)
        if self._next.text == "(":
            return self._call(token)
        return self._selector(token.text, token.position)

    def _grouping(self) -> tuple[tuple[str, ...], bool] | None:
        word = self._take("by", "without")
        return None if word is None else (self._names(), word.text == "without")

    def _aggregation(self, operator: lexer.Token) -> Aggregation:
        grouping = self._grouping()
        if self._next.text != "(":
            raise self._unexpected("aggregation")
        arguments = self._arguments()
        if len(arguments) != 1:
            raise self._error(
                operator.position,
                "no arguments for aggregate expression provided"
                if not arguments
                else f"wrong number of arguments for aggregate expression provided, expected 1, got {len(arguments)}",
            )
        position, argument = arguments[0]
        self._check(position, argument, "instant vector", "aggregation expression")
        names, without = grouping or self._grouping() or ((), False)
        return Aggregation(operator.text, argument, names, without)

    def _call(self, function: lexer.Token) -> Call:
        signature = SIGNATURES.get(function.text)
        if signature is None:
            raise self._error(function.position, f'unknown function with name "{function.text}"')
        arguments = self._arguments()
        most, least = len(signature.arguments), len(signature.arguments) - signature.optional
        if not least <= len(arguments) <= most:
            bound = "" if least == most else "at least " if len(arguments) < least else "at most "
            count = least if len(arguments) < least else most
            raise self._error(
                function.position,
                f'expected {bound}{count} argument(s) in call to "{function.text}", got {len(arguments)}',
            )
        for (position, argument), wanted in zip(arguments, signature.arguments, strict=False):
            self._check(position, argument, wanted, f'call to function "{function.text}"')
        return Call(function.text, tuple(argument for _, argument in arguments), signature.gives)

    def _check(self, position: int, argument: Expression, wanted: ValueType, context: str) -> None:
        if argument.type != wanted:
            raise self._error(position, f"expected type {wanted} in {context}, got {argument.type}")

    def _arguments(self) -> list[tuple[int, Expression]]:
        """What stands in the parentheses after a function, with the positions."""
        self._take("(")
        arguments: list[tuple[int, Expression]] = []
        while not self._take(")"):
            arguments.append((self._next.position, self._expression(1)))
            comma = self._take(",")
            if comma is not None and self._next.text == ")":
                raise self._error(comma.position, "trailing commas not allowed in function call args")
            if comma is None and self._next.text != ")":
                raise self._unexpected()
        return arguments

    def _selector(self, name: str | None, start: int) -> Selector:
        matchers = [Matcher(NAME, "=", name)] if name is not None else []
        if self._take("{"):
            while not self._take("}"):
                matchers.append(self._matcher())
                if not self._take(",") and self._next.text != "}":
                    raise self._unexpected("label matching", '"," or "}"')
        if all(matcher.accepts_empty() for matcher in matchers):
            raise self._error(start, "vector selector must contain at least one non-empty matcher")
        return Selector(tuple(matchers))

    def _matcher(self) -> Matcher:
        name = self._next
        if name.kind != "name" or not LABEL.fullmatch(name.text):
            raise self._unexpected("label matching", 'identifier or "}"')
        self._advance()
        operator = self._take("=", "!=", "=~", "!~")
        if operator is None:
            raise self._unexpected("label matching", "label matching operator")
        value = self._next
        if value.kind != "string":
            raise self._unexpected("label matching", "string")
        self._advance()
        try:
            return Matcher(name.text, operator.text, lexer.unquoted(value, self.text))
        except re.error as error:
            raise self._error(name.position, f"error parsing regexp: {error}") from None
