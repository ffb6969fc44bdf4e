"""`kubectl logs … | grep …` as one action: the pattern of grep becomes the pattern of the lines that are kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from cockpit.runbook.actions import KubernetesAction, Logs
from cockpit.runbook.kubectl.typing import typed
from cockpit.runbook.risk.options import read, syntax
from cockpit.runbook.risk.words import Word

_GREP = syntax("-e --regexp")
_UNDERSTOOD = frozenset(
    ("-i", "--ignore-case", "-E", "--extended-regexp", "-F", "--fixed-strings", "-G", "-e", "--regexp")
)
_UNDERSTOOD |= {"--color", "--colour", "--line-buffered"}
_PLACEHOLDER = re.compile(r"\$\{?[a-z]")
_SAME = "dDwWsSbB"
"""Escapes that mean the same to GNU grep and to Python."""


def typed_pipeline(commands: Sequence[Sequence[str]], elsewhere: Collection[str] = ()) -> KubernetesAction | None:
    """The action that means what commands joined by pipes do: a line of kubectl, or one for logs and a grep behind it.

    Args:
        commands: the words of each, as `typed` takes them.
        elsewhere: namespaces that are not the service's.
    """
    if not 1 <= len(commands) <= 2:
        return None
    action = typed(commands[0], elsewhere)
    if len(commands) == 1 or action is None:
        return action
    if not isinstance(action, Logs):
        return None
    found = _grep(commands[1])
    if found is None:
        return None
    matching, ignore_case = found
    return action.model_copy(update={"matching": matching, "ignore_case": ignore_case})


def _grep(argv: Sequence[str]) -> tuple[str, bool] | None:
    """A grep's pattern for Python, and whether case is ignored; None where it does more or is not understood."""
    if not argv or argv[0] not in ("grep", "egrep", "fgrep"):
        return None
    options = read([Word(each) for each in argv[1:]], _GREP)
    patterns = [each.text for each in options.values("-e", "--regexp")]
    operands = [each.text for each in (*options.operands, *(options.rest or ()))]
    if not patterns:
        patterns, operands = operands[:1], operands[1:]
    strange = any(name not in _UNDERSTOOD for name, _ in options.given)
    if strange or operands or not patterns or any(_PLACEHOLDER.search(each) or not each for each in patterns):
        return None
    ignore_case = options.has("-i", "--ignore-case")
    extended = argv[0] == "egrep" or options.has("-E", "--extended-regexp")
    if argv[0] == "fgrep" or options.has("-F", "--fixed-strings"):
        return "|".join(re.escape(each) for each in patterns), ignore_case
    read_ones = [_pattern(each, extended) for each in patterns]
    known = [each for each in read_ones if each is not None]
    return ("|".join(known), ignore_case) if len(known) == len(patterns) else None


def _pattern(pattern: str, extended: bool) -> str | None:
    """A POSIX regular expression, basic or extended (IEEE 1003.1, 9), for Python; None where it is not certain."""
    pieces, at = [], 0
    while at < len(pattern):
        one, two = pattern[at], pattern[at : at + 2]
        if one == "[":
            bracket = _bracket(pattern, at)
            if bracket is None:
                return None
            text, at = bracket
            pieces.append(text)
            continue
        anchors = extended or _is_anchor(pattern, at)
        piece = _escaped(two, extended) if one == "\\" else _plain(one, extended, anchors, first=not pieces)
        if piece is None or (piece in tuple("*+?{") and pieces[-1:] and pieces[-1] in tuple("*+?}")):
            # A second quantifier makes the first lazy or possessive in Python, and repeats it for grep.
            return None
        pieces.append(piece)
        at += len(two) if one == "\\" else 1
    try:
        re.compile("".join(pieces))
    except re.error:
        return None
    return "".join(pieces)


def _is_anchor(pattern: str, at: int) -> bool:
    """Whether `^` or `$` is one in a basic expression: only at its ends, or at those of an alternative."""
    if pattern[at] == "^":
        return at == 0 or pattern[at - 2 : at] in ("\\|", "\\(")
    return at == len(pattern) - 1 or pattern[at + 1 : at + 3] in ("\\|", "\\)")


def _plain(one: str, extended: bool, anchors: bool, first: bool) -> str | None:
    if one in "^$" and not anchors:
        return "\\" + one
    if one in "+?|(){}" and not extended:
        return "\\" + one
    if one in "*+?{" and first:
        return None
    return one


def _escaped(two: str, extended: bool) -> str | None:
    """`\\|` is alternation in a basic expression and a bar in an extended one."""
    if len(two) < 2:
        return None
    one = two[1]
    if one in "+?|(){}":
        return two if extended else one
    if one in _SAME:
        return two
    if one in "<>":
        return r"\b"
    return None if one.isalnum() else re.escape(one)


def _bracket(pattern: str, at: int) -> tuple[str, int] | None:
    """`[…]`, in which a backslash is only a backslash; classes such as `[:digit:]` are not read."""
    end = at + 1
    if pattern[end : end + 1] == "^":
        end += 1
    if pattern[end : end + 1] == "]":
        end += 1
    closing = pattern.find("]", end)
    inside = pattern[at + 1 : closing]
    if closing < 0 or re.search(r"\[[:.=]", inside):
        return None
    negated = inside.startswith("^")
    body = inside.removeprefix("^").replace("\\", "\\\\").replace("]", "\\]").replace("[", "\\[")
    body = re.sub(r"([&~|])(?=\1)", r"\\\1", body)
    return f"[{'^' if negated else ''}{body}]", closing + 1
