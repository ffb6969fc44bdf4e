"""What a pipe carries, where that is known before it runs."""

from __future__ import annotations

from cockpit.runbook.risk.shell.syntax import Simple
from cockpit.runbook.risk.words import UNKNOWN, Word


def written(command: Simple) -> Word:
    """What a command of a pipeline writes, where its text is known: what `echo` or `printf` or `cat` is given."""
    if not command.words:
        return UNKNOWN
    name, *given = command.words
    if name.text == "cat" and not given:
        return command.stdin or UNKNOWN
    if name.text not in ("echo", "printf") or any(each.operator.startswith(">") for each in command.redirects):
        return UNKNOWN
    text = " ".join(each.text for each in given)
    names = tuple(each for word in given for each in word.names)
    plain = all(each.fixed for each in given) and "\\" not in text
    if name.text == "printf":
        plain = plain and "%" not in text
    elif given and given[0].text.startswith("-"):
        plain = False
    loose = any(each.loose for each in given)
    return Word(text, fixed=plain, loose=loose, names=names, literal=" ".join(each.literal for each in given))
