"""What a shell script can do: the greatest of all that it runs, writes and sets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cockpit.runbook.risk.environment import judge_variable
from cockpit.runbook.risk.judgement import Judgement, changes, destroys, reads, short, worst
from cockpit.runbook.risk.programs import is_known, judge_words
from cockpit.runbook.risk.shell import Redirect, Script, ShellError, Simple, parse
from cockpit.runbook.risk.variables import Values
from cockpit.runbook.risk.words import Word, is_null

_FETCHES = frozenset(("curl", "wget", "http", "https"))
_RUNS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "ash", "python", "python3", "perl", "ruby", "node", "sudo"))
_NUMBER = re.compile(r"\d+-?|-")


def judge_script(text: str, stdin: Word | None = None) -> Judgement:
    """What a script of a POSIX shell can do.

    Args:
        stdin: what it reads, where something is given to it.
    """
    try:
        script = parse(text)
    except (ShellError, RecursionError) as error:
        why = str(error) if isinstance(error, ShellError) else "it is nested too deep"
        return changes(f"the script is not understood: {why}")
    if stdin is not None:
        for command in script.commands:
            command.stdin = command.stdin or Word(stdin.text, fixed=False)
    values = Values(script)
    return worst([*_fetched_code(script), *(_judge_simple(each, script, values) for each in script.commands)])


def _fetched_code(script: Script) -> Iterator[Judgement]:
    """`curl … | sh`: whoever answers decides what runs."""
    for upstream, command in script.pipes:
        fetches = any(each.text.rsplit("/", 1)[-1] in _FETCHES for each in upstream.words[:2])
        if fetches and any(each.text.rsplit("/", 1)[-1] in _RUNS for each in command.words[:1]):
            yield destroys(f"`{command.words[0].text}` runs what `{upstream.words[0].text}` fetches")


def _judge_simple(command: Simple, script: Script, values: Values) -> Judgement:
    words = tuple(values.settled(each) for each in command.words)
    judgements = []
    if words and words[0].fixed and words[0].text in script.functions and not is_known(words[0].text):
        judgements.append(reads(f"`{short(words[0].text)}` is a function of the script"))
    elif words:
        judgements.append(judge_words(words, command.stdin))
    judgements += [judge_variable(name, value) for name, value in command.assigned]
    judgements += [_judge_redirect(each) for each in command.redirects]
    return worst(judgements)


def _judge_redirect(redirect: Redirect) -> Judgement:
    target = redirect.target
    if redirect.is_input:
        return reads("it reads a file")
    duplicates = redirect.operator == ">&" and target.fixed and _NUMBER.fullmatch(target.text)
    if duplicates or is_null(target):
        return reads("it writes to no file")
    return changes(f"it writes to the file `{short(target.text)}`")
