"""Which rule judges a program; one that has no rule counts as changing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextvars import ContextVar

from cockpit.runbook.risk.call import Call, Rule
from cockpit.runbook.risk.judgement import Judgement, changes, reads, short, worst
from cockpit.runbook.risk.tools import (
    awk,
    builtins,
    clouds,
    containers,
    databases,
    files,
    git,
    kubernetes,
    others,
    sed,
    stores,
    system,
    web,
    wrappers,
)
from cockpit.runbook.risk.words import Word

_RULES: dict[str, Rule] = {
    name: rule
    for of in (
        awk, builtins, clouds, containers, databases, files, git,
        kubernetes, others, sed, stores, system, web, wrappers,
    )
    for name, rule in of.RULES.items()
}  # fmt: skip
_FOLDERS = re.compile(
    r"/(usr/(local/)?)?s?bin/|/opt/homebrew/bin/|/snap/bin/|/opt/([\w.-]+/)+bin/"
    r"|(\./|/)?([\w.-]+/)*bin/(?=kafka-)|\./(?=kafka-)"
)
"""Where the programs of a system stand: elsewhere a name says nothing."""

_DEEPEST = 10
_DEPTH: ContextVar[int] = ContextVar("depth", default=0)
"""How many scripts are judged within each other: each is read anew, so a page of `eval eval …` would take seconds."""


def is_known(name: str) -> bool:
    """Whether there is a rule for a program."""
    return name in _RULES


def judge_words(words: Sequence[Word], stdin: Word | None = None) -> Judgement:
    """What a program with its arguments can do.

    Args:
        stdin: what it reads, where something is given to it.
    """
    if not words:
        return reads("it runs nothing")
    first = words[0]
    if not first.fixed or first.loose:
        return changes(f"which program `{short(first.text)}` is, is not known before it runs")
    folder, slash, name = first.text.rpartition("/")
    rule = _RULES.get(name)
    if rule is None:
        return changes(f"unknown program `{short(first.text)}`")
    judgement = rule(Call(name, tuple(words[1:]), stdin, judge_words, _script))
    if slash and not _FOLDERS.fullmatch(folder + slash) and not _FOLDERS.match(first.text):
        return worst([judgement, changes(f"unknown program `{short(first.text)}`")])
    return judgement


def _script(text: str, stdin: Word | None) -> Judgement:
    from cockpit.runbook.risk.scripts import judge_script

    depth = _DEPTH.get()
    if depth >= _DEEPEST:
        return changes("scripts are nested in it too deep")
    token = _DEPTH.set(depth + 1)
    try:
        return judge_script(text, stdin)
    finally:
        _DEPTH.reset(token)
