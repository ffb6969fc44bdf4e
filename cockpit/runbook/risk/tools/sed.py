"""What a program of sed does: its commands `w`, `W` and `e` write files and run programs."""

from __future__ import annotations

import re

from cockpit.runbook.risk.call import Call, Rules
from cockpit.runbook.risk.judgement import Judgement, changes, reads, worst
from cockpit.runbook.risk.options import syntax

_HOW = syntax("-e --expression -f --file -l --line-length", "-n -E -r -s -u -z")
_LONGEST = 5_000
_WRITES = ("-i", "--in-place", "-I")
_LINE = re.compile(r"(\d+|\$)(~\d+)?|[+~]\d+")
_FLAGS = re.compile(r"[gpiImM0-9]*")
_PLAIN = re.compile(r"[dDpPnNgGhHx=lFz]|[qQ]\s*\d*|[btT:]\s*[\w.-]*|[rR][^\n]*|[aic](\\?\n|\\)?[^\n]*(\\\n[^\n]*)*")


def judge_sed(call: Call) -> Judgement:
    """`sed` reads; `-i` and some commands of its programs write."""
    options = call.options(_HOW)
    if unsure := call.unsure(options):
        return unsure
    if options.may(*_WRITES):
        return call.changes("-i", "changes files in place")
    if options.may("-f", "--file"):
        return call.unknown("-f", "stands in a file")
    programs = options.values("-e", "--expression") or options.operands[:1]
    if not programs:
        return call.unknown(why="without a program is not known")
    return worst(call.code(each, judge_program) for each in programs)


def judge_program(program: str) -> Judgement:
    """What a program of sed does; one that is not understood is changing."""
    if len(program) > _LONGEST:
        return changes("the program of `sed` is too long to be read")
    rest = program
    while rest := rest.lstrip(" \t\n;{}"):
        try:
            rest = _command(_address(rest))
        except ValueError as error:
            return changes(f"the program of `sed` {error}")
    return reads("`sed` only prints")


def _address(rest: str) -> str:
    """What stands behind the addresses of a command."""
    while True:
        if found := _LINE.match(rest):
            rest = rest[found.end() :]
        elif rest.startswith("/"):
            _, rest = _delimited(rest[1:], "/")
            rest = rest.lstrip("IM")
        elif rest.startswith("\\") and len(rest) > 1:
            _, rest = _delimited(rest[2:], rest[1])
            rest = rest.lstrip("IM")
        rest = rest.lstrip(" \t")
        if not rest.startswith(","):
            return rest.lstrip("! \t")
        rest = rest[1:].lstrip(" \t")


def _command(rest: str) -> str:
    """What stands behind one command.

    Raises:
        ValueError: it writes or runs something, or is not known.
    """
    if rest.startswith(("{", "}", "#")):
        return rest[1:] if rest[0] != "#" else rest.partition("\n")[2]
    if rest[:1] in ("s", "y") and len(rest) > 1:
        mark = rest[1]
        if mark in "\\\n":
            raise ValueError("has a delimiter that is not read")
        _, behind = _delimited(rest[2:], mark)
        _, behind = _delimited(behind, mark, in_brackets=False)
        flags = _FLAGS.match(behind)
        behind = behind[flags.end() :] if flags else behind
        return _ended(behind)
    found = _PLAIN.match(rest)
    if found is None:
        raise ValueError(f"has `{rest[:1]}`, which writes or runs something or is not known")
    return _ended(rest[found.end() :])


def _ended(rest: str) -> str:
    behind = rest.lstrip(" \t")
    if behind and behind[0] not in ";\n}#":
        raise ValueError(f"has `{behind[:1]}`, which writes or runs something or is not known")
    return behind


def _delimited(rest: str, mark: str, in_brackets: bool = True) -> tuple[str, str]:
    """Text up to `mark`, and what stands behind it."""
    index = 0
    while index < len(rest):
        one = rest[index]
        if one == mark:
            return rest[:index], rest[index + 1 :]
        if one == "[" and in_brackets:
            if mark in rest[index:].partition("]")[0]:
                raise ValueError("has brackets that can be read in two ways")
            closing = rest.find("]", index + 2)
            index = closing if closing > 0 else index
        index += 2 if one == "\\" else 1
    raise ValueError("does not end")


RULES: Rules = {"sed": judge_sed, "gsed": judge_sed}
