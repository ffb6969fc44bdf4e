"""The stock kubectl in a step: in the incident's context, and in the service's namespace unless it names one."""

from __future__ import annotations

import os

from cockpit.runbook.errors import RunbookError
from cockpit.runbook.kubectl import leading_away, place_of, placed
from cockpit.runbook.risk.shell import ShellError, parse


def kept_here(argv: tuple[str, ...], context: str, namespace: str) -> tuple[str, ...]:
    """A program's words, pinned where the program is kubectl; raises RunbookError where they cannot be."""
    return placed(argv, context, namespace) if context and argv and _is_kubectl(argv[0]) else argv


def must_stay_here(script: str, context: str) -> None:
    """Raise RunbookError where a script leads kubectl elsewhere: what it does not say, its environment does."""
    if not context or "kubectl" not in script:
        return
    try:
        commands = parse(script).commands
    except ShellError:
        return
    for command in commands:
        words = [word.text for word in command.words]
        if not words or not _is_kubectl(words[0]):
            continue
        other = place_of(words).context
        if other not in ("", context) or (other := leading_away(words)):
            raise RunbookError(f"`{other}` leads kubectl away from the context {context}; take it out of the script")


def _is_kubectl(word: str) -> bool:
    return os.path.basename(word) == "kubectl"
