"""Editing a config map in the user's editor: its keys as YAML, and what came back as a change to be previewed."""

from __future__ import annotations

import asyncio
import os
import shlex
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from cockpit.action.kubernetes.configmaps import EditConfigMap as Edit
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import ALL_CHECKS
from cockpit.kube.around.configmap import ConfigMap, EditError, editable, edited
from cockpit.room.requests import Refusal
from cockpit.room.runs.jobs import Job
from cockpit.runbook.model import Step

Terminal = Callable[[Sequence[str], Mapping[str, str]], Awaitable[int]]
"""Gives the whole terminal to a program; see cockpit/action/live.py."""


def editor(environ: Mapping[str, str]) -> list[str]:
    """The user's editor with its words: $VISUAL, else $EDITOR, else vi."""
    return shlex.split(environ.get("VISUAL") or environ.get("EDITOR") or "vi") or ["vi"]


async def edit_config_map(step: Step, seen: ConfigMap, namespace: str, terminal: Terminal) -> Job | None:
    """Open the editor on `seen`; gives the change as a job, None when nothing was changed.

    Raises:
        Refusal: the editor cannot be started or failed, or what it saved is no config map's data; the text stays where
            the message says.
    """
    original = editable(seen)
    path = await asyncio.to_thread(_written, seen.name, original)
    words = editor(os.environ)
    try:
        code = await terminal([*words, str(path)], os.environ)
    except OSError as error:
        raise Refusal(f"the editor {words[0]} cannot be started: {error.strerror or error}; set $EDITOR") from None
    if code:
        raise Refusal(f"the editor {words[0]} ended with {code}, so nothing is changed; the text is in {path}")
    text = await asyncio.to_thread(path.read_text, encoding="utf-8")
    try:
        change = edited(original, text)
    except EditError as error:
        raise Refusal(f"{error}; nothing is changed, and the text is in {path}") from None
    await asyncio.to_thread(path.unlink, missing_ok=True)
    if not change.difference:
        return None
    heading = Heading(step.title, step.id, step.timeout, step.risk, step.checks or ALL_CHECKS)
    mitigates = step.kind == "mitigate"
    action = Edit(seen.name, namespace, change.data, change.removed, seen, mitigates=mitigates, heading=heading)
    return Job(step.title, action, step.id)


def _written(name: str, text: str) -> Path:
    """A file for the editor that only this user reads."""
    handle, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".yaml")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(path)
