"""Variables of the environment that decide what other programs run."""

from __future__ import annotations

import re

from cockpit.runbook.risk.judgement import Judgement, changes, reads, short
from cockpit.runbook.risk.words import Word

_DECIDES = re.compile(
    r"PATH|IFS|ENV|SHELLOPTS|BASHOPTS|PS[0-4]|PROMPT_COMMAND|CDPATH|BROWSER|SHELL|NODE_OPTIONS|KUBECTL_EXTERNAL_DIFF"
    r"|KUBECTL_PLUGINS?\w*|KREW\w*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|PSQLRC|LESSOPEN|LESSCLOSE|LESS|VIMINIT|EXINIT|HOME"
    r"|(BASH|LD|DYLD|GIT|PSQL|XDG)_\w+|PYTHON\w*|PERL5\w+|RUBY(OPT|LIB)|\w*(PAGER|EDITOR|VISUAL|_OPTS)"
)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.S | re.A)


def judge_variable(name: str, value: Word) -> Judgement:
    """What setting a variable can do."""
    if _DECIDES.fullmatch(name):
        return changes(f"`{name}` decides what other programs run")
    if value.fixed and ("$(" in value.text or "`" in value.text):
        return changes(f"`{short(name)}` holds a command that may run later")
    return reads(f"it sets `{short(name)}`")


def assignment(word: Word) -> tuple[str, Word] | None:
    """`NAME=value` taken apart, else None."""
    found = _ASSIGNMENT.match(word.text)
    return (found[1], Word(found[2], word.fixed, word.loose, word.names)) if found else None
