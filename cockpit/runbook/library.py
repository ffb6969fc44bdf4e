"""The library: finds runbooks by name, in the configured folders first, then among those that are shipped."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cockpit.incident.checklists import AFTER
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.model import Checklist, PostIncident, Runbook
from cockpit.runbook.reader import read_runbook
from cockpit.runbook.shipped import shipped
from cockpit.text import clean

SUFFIXES = (".yaml", ".yml", ".md", ".markdown")
"""YAML goes before Markdown of the same name: it is what somebody made of it."""
COMMON = "incident-response"
"""The runbook that belongs to no service: the roles' checklists."""


class Library:
    """Runbooks by name, which is the file's without its ending. Files are read when they are asked for, once.

    Args:
        folders: the configured ones, the first wins; the shipped ones come after them.
    """

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self.folders = (*folders, shipped("runbooks"))
        self._read: dict[Path, Runbook] = {}

    def names(self) -> list[str]:
        """The names of all runbooks, in order."""
        return sorted({path.stem for folder in self.folders for path in _files(folder)})

    def path(self, name: str) -> Path:
        """The file of a runbook.

        Raises:
            RunbookError: no folder has one of that name.
        """
        for folder in self.folders:
            for path in _files(folder):
                if path.stem == name:
                    return path
        looked = ", ".join(f"{clean(str(f))}{'' if f.is_dir() else ' (no such folder)'}" for f in self.folders)
        known = ", ".join(self.names()) or "none"
        raise RunbookError(f"there is no runbook `{clean(name)}` in {looked}; known: {known}")

    def runbook(self, name: str) -> Runbook:
        """The runbook of that name. Reads files: call it in a thread, not on the event loop.

        Raises:
            RunbookError: there is none, or it is broken.
        """
        path = self.path(name)
        if path not in self._read:
            self._read[path] = _read(path)
        return self._read[path]

    def checklists(self, name: str | None = None) -> tuple[Checklist | PostIncident, ...]:
        """The roles' lists, and last what is to be done after the incident: the common ones; a list of the runbook
        `name` stands in for the common one of its role.

        Raises:
            RunbookError: one of the two runbooks is missing or broken.
        """
        lists = _by_role(self.runbook(COMMON))
        if name is not None:
            lists.update(_by_role(self.runbook(name)))
        return tuple(sorted(lists.values(), key=lambda each: each.role == AFTER))

    def checklist(self, role: str, name: str | None = None) -> Checklist | PostIncident | None:
        """The list of one role, or `after`. Raises RunbookError as `checklists` does."""
        return next((each for each in self.checklists(name) if each.role == role), None)


def _by_role(runbook: Runbook) -> dict[str, Checklist | PostIncident]:
    found: dict[str, Checklist | PostIncident] = {each.role: each for each in runbook.checklists}
    return found | {AFTER: runbook.post_incident} if runbook.post_incident else found


def _read(path: Path) -> Runbook:
    """A runbook of YAML, or of Markdown as it stands."""
    if path.suffix in (".yaml", ".yml"):
        return read_runbook(path)
    from cockpit.runbook.markdown.importer import import_markdown

    try:
        return import_markdown(path.read_bytes(), path.name).runbook
    except OSError as error:
        raise RunbookError(f"{clean(str(path))}: {error.strerror or error}") from None


def _files(folder: Path) -> list[Path]:
    """The runbook files of a folder; none where it cannot be listed, which `Library.path` says."""
    try:
        files = [path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file()]
        return sorted(files, key=lambda path: (path.stem, SUFFIXES.index(path.suffix)))
    except OSError:
        return []
