"""What a program finds in its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cockpit.runbook.fill import variable
from cockpit.runbook.parameters import Values

_OURS = "COCKPIT_"
"""Our own settings, some of which lead to the record: no program needs them."""

_NOBODY_ANSWERS = {
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "SYSTEMD_PAGER": "cat",
    "AWS_PAGER": "",
    "GIT_TERMINAL_PROMPT": "0",
    "SSH_ASKPASS_REQUIRE": "never",
    "TERM": "dumb",
}
"""So that no program waits for a key: `less` for q, `git` and `ssh` for a password."""

_MEANING = {"PATH", "HOME", "IFS", "ENV", "SHELL", "SHELLOPTS", "TERM", "KUBECONFIG", "TMPDIR", "NODE_OPTIONS"}
_MEANING_PREFIXES = ("LD_", "DYLD_", "BASH_", "GIT_", "SSH_", "PYTHON", "PERL", "COCKPIT_")


def environment(
    values: Values, kubeconfig: Path | None, parent: Mapping[str, str] | None = None, *, terminal: bool = False
) -> dict[str, str]:
    """The parent's environment without the cockpit's own settings, with the parameters, in capitals.

    Args:
        parent: None takes this process's.
        terminal: somebody sits before it, so pagers and prompts may stay.
    """
    inherited = os.environ if parent is None else parent
    made = {name: value for name, value in inherited.items() if not name.startswith(_OURS)}
    made |= {variable(name): value for name, value in values.known.items() if not meant_otherwise(name)}
    if not terminal:
        made |= _NOBODY_ANSWERS
    if kubeconfig:
        made["KUBECONFIG"] = str(kubeconfig)
    return made


def meant_otherwise(name: str) -> bool:
    """Whether a parameter's variable means something to every program, so that it cannot stand for the parameter."""
    put = variable(name)
    return put in _MEANING or put.startswith(_MEANING_PREFIXES)
