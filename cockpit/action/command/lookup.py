"""Which programs a command needs that are not installed here, found before it runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence

from cockpit.runbook.risk.shell.grammar import parse
from cockpit.runbook.risk.shell.syntax import ShellError

_LOOKS_ITSELF = re.compile(r"\b(?:command\s+-[vV]|which|type|hash)\s")
"""A script that asks what is installed knows what to do without it."""

# What a shell does itself (POSIX, 2.14 and `type`; bash's manual, "Shell Builtin Commands").
_BUILTIN_NAMES = (
    ". : [ [[ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo"
    " enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf"
    " pushd pwd read readarray readonly return set shift shopt source suspend test time times trap true type typeset"
    " ulimit umask unalias unset wait"
)
_BUILTINS = frozenset(_BUILTIN_NAMES.split())


def found(program: str) -> str | None:
    """The file that `program` is, looked up as a shell would; None where it is not installed."""
    return shutil.which(program)


def shell() -> str | None:
    """The shell that reads scripts: bash, which most documents mean, else sh."""
    return found("bash") or found("sh")


def missing(argv: Sequence[str], script: str) -> list[str]:
    """The programs that are not here: `argv`'s own, or those that a script calls by a fixed name."""
    if argv:
        return [] if found(argv[0]) else [argv[0]]
    if shell() is None:
        return ["sh"]
    if _LOOKS_ITSELF.search(script):
        return []
    return [name for name in _called(script) if not found(name)]


def _called(script: str) -> list[str]:
    """Names of programs, each once. What is called by a path may be made by the script itself, so it is not looked for.

    A script that is not understood calls nothing that could be known.
    """
    try:
        read = parse(script)
    except ShellError:
        return []
    firsts = [command.words[0] for command in read.commands if command.words]
    names = [word.text for word in firsts if word.fixed and "/" not in word.text]
    return [name for name in dict.fromkeys(names) if name not in _BUILTINS and name not in read.functions]
