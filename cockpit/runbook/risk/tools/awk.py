"""What a program of awk does: it can run programs and write files."""

from __future__ import annotations

import re

from cockpit.runbook.risk.call import Call, Rules
from cockpit.runbook.risk.judgement import Judgement, changes, reads, worst
from cockpit.runbook.risk.options import syntax

_HOW = syntax("-F -v --field-separator --assign", strict=True)
_LONGEST = 5_000
_ANYWHERE = re.compile(r'\bsystem\s*\(|\|\s*&|\|\s*"|"\s*\|(?!\|)|\|\s*getline|@\s*\w|>\s*"(?!/dev/(stderr|stdout)")')
"""Looked for in the text as it stands, strings and expressions included: no way to hide one."""
_PIPE = re.compile(r"(?<!\|)\|(?!\|)")
_PRINTS = re.compile(r"\bprintf?\b(?P<what>[^;}\n]*)")
_ARGUMENTS = re.compile(r"\([^()]*\)")
_STDERR = re.compile(r'>{1,2}\s*""\s*$')
_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
_REGEX = re.compile(r"/(?:\\.|\[\^?\]?[^]/\n]*\]|[^\[/\\\n])+/")
_BEFORE_REGEX = re.compile(r"(^|[(,;{}!~&|=\n]|\breturn)\s*$")


def judge_awk(call: Call) -> Judgement:
    """`awk` reads what its program reads."""
    options = call.options(_HOW)
    if unsure := call.unsure(options):
        return unsure
    known = {"-F", "-v", "--field-separator", "--assign", "--version"}
    if strange := next((name for name, _ in options.given if name not in known), ""):
        return call.unknown(strange)
    operands = [*options.operands, *(options.rest or ())]
    if not operands:
        return call.reads() if options.has("--version") else call.unknown(why="without a program is not known")
    return worst([call.code(operands[0], judge_program)])


def judge_program(program: str) -> Judgement:
    """What a program of awk does; what looks like running or writing is changing."""
    if len(program) > _LONGEST:
        return changes("the program of `awk` is too long to be read")
    program = program.replace("\\\n", " ")
    if _ANYWHERE.search(program):
        return changes("the program of `awk` runs a program or writes a file")
    try:
        code = _bare(program)
    except ValueError as error:
        return changes(f"the program of `awk` {error}")
    if _PIPE.search(code):
        return changes("the program of `awk` may run a program")
    for found in _PRINTS.finditer(code):
        what = found["what"]
        while (inner := _ARGUMENTS.sub("", what)) != what:
            what = inner
        if ">" in _STDERR.sub("", what):
            return changes("the program of `awk` may write a file")
    return reads("`awk` only prints")


def _bare(program: str) -> str:
    """The program with empty strings, and without comments and regular expressions.

    Raises:
        ValueError: where a string or an expression begins or ends is not certain.
    """
    bare, at = "", 0
    while at < len(program):
        one, found = program[at], None
        if one == '"':
            found = _STRING.match(program, at)
        elif one == "/" and _BEFORE_REGEX.search(bare[-40:]):
            found = _REGEX.match(program, at)
        elif one == "#":
            end = program.find("\n", at)
            at = len(program) if end < 0 else end
            continue
        elif one == "/" and bare.rstrip().endswith(")") and '"' in program[at:].rpartition("/")[0]:
            raise ValueError("can be read in two ways")
        else:
            bare, at = bare + one, at + 1
            continue
        if found is None:
            raise ValueError("has text that does not end")
        bare, at = bare + ('""' if one == '"' else "0"), found.end()
    return bare


RULES: Rules = dict.fromkeys(("awk", "gawk", "mawk", "nawk"), judge_awk)
