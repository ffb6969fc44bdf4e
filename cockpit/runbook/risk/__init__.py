"""What a command, a statement or a request can do, judged by what it is; what is not known counts as changing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cockpit.runbook.actions.base import Risk
from cockpit.runbook.risk.judgement import Interactive, Judgement, changes, worst
from cockpit.runbook.risk.programs import judge_words
from cockpit.runbook.risk.scripts import judge_script
from cockpit.runbook.risk.tools.web import judge_method
from cockpit.runbook.risk.words import Word, words_of

__all__ = [
    "Interactive", "Judgement", "interactive_as", "judge_argv", "judge_method", "judge_shell", "judge_sql",
    "risk_of_argv", "risk_of_method", "risk_of_shell", "risk_of_sql", "worst",
]  # fmt: skip

_KEPT = 1024
"""Judgements that are kept: a page of steps asks for each risk whenever it is drawn."""


def judge_argv(argv: Sequence[str], stdin: str = "") -> Judgement:
    """What a program with its arguments can do.

    Args:
        argv: its words, in which `$name` and `${name}` stand for parameters.
        stdin: the text that it is given to read; "" is nothing.
    """
    return _judge_argv(tuple(argv), stdin)


@lru_cache(maxsize=_KEPT)
def _judge_argv(argv: tuple[str, ...], stdin: str) -> Judgement:
    if not argv:
        return changes("there is no program")
    try:
        return judge_words(words_of(argv), _given(stdin))
    except RecursionError:
        return changes("it is nested too deep")


@lru_cache(maxsize=_KEPT)
def judge_shell(script: str, stdin: str = "") -> Judgement:
    """What a script of a POSIX shell can do: the greatest of all that it runs, writes and sets.

    Args:
        stdin: the text that it is given to read; "" is nothing.
    """
    try:
        return judge_script(script, _given(stdin))
    except RecursionError:
        return changes("it is nested too deep")


def _given(stdin: str) -> Word | None:
    return Word(stdin, literal=stdin) if stdin else None


@lru_cache(maxsize=_KEPT)
def judge_sql(statement: str) -> Judgement:
    """What one or more statements of PostgreSQL can do: the greatest of all."""
    from cockpit.runbook.risk.sql import judge_statement

    return judge_statement(statement)


def risk_of_argv(argv: Sequence[str], stdin: str = "") -> Risk:
    """What a program with its arguments can do."""
    return judge_argv(argv, stdin).risk


def risk_of_shell(script: str, stdin: str = "") -> Risk:
    """What a script of a POSIX shell can do: the greatest of all that it runs."""
    return judge_shell(script, stdin).risk


def risk_of_sql(statement: str) -> Risk:
    """What a statement of PostgreSQL can do."""
    return judge_sql(statement).risk


def risk_of_method(method: str) -> Risk:
    """What an HTTP method may do (RFC 9110, 9.2.1); DELETE is destructive."""
    return judge_method(method).risk


def interactive_as(command: Sequence[str] | str) -> Interactive:
    """What an interactive command becomes: "stream" (it is watched and stopped), "forward" (a tunnel until it is
    stopped), "terminal" (it gets the whole screen); "" ends by itself.

    Args:
        command: words, or a script of a shell.
    """
    return (judge_shell(command) if isinstance(command, str) else judge_argv(command)).interactive
