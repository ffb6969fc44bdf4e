"""The templates of folders: a team's own before those that are shipped, and why some of them cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cockpit.message.templates.head import TemplateError, split
from cockpit.message.templates.reading import read
from cockpit.message.templates.template import Template, Templates
from cockpit.values import replace


def load(folders: Sequence[Path], shipped: Path | None = None) -> Templates:
    """Read every `*.md` of a team's own `folders`, then of `shipped`; of two with the same name the first stands.

    One that is broken keeps nobody from the rest; a shipped one of its name does not take its place, since a team wants
    other words than those. Blocking file reading: call it before the loop runs, or in a thread. The shipped ones are
    not checked: the tests have done so.

    Raises:
        TemplateError: a folder is not there.
    """
    found: dict[str, Template] = {}
    broken: dict[str, str] = {}
    for folder in folders:
        for name, made in _own(folder).items():
            if name not in found and name not in broken:
                found.update({name: made} if isinstance(made, Template) else {})
                broken.update({name: made} if isinstance(made, str) else {})
    for path in _files(shipped) if shipped is not None else ():
        template = read(path, check=False)
        if template.name not in broken:
            found.setdefault(template.name, replace(template, own=False))
    return Templates(found, broken)


def _own(folder: Path) -> dict[str, Template | str]:
    """What is in one folder of a team, by name: a template, or why it is none. Two of the same name are none."""
    found: dict[str, Template | str] = {}
    named: dict[str, Path] = {}
    for path in _files(folder):
        name, made = path.stem, _read_or_why(path)
        with suppress(TemplateError):  # without a head it goes by its file's name
            name = split(path)[0].keys.name
        if name in found:
            made = f"{path}:1: the name '{name}' is taken by {named[name]}; rename one"
        found[name], named[name] = made, path
    return found


def _read_or_why(path: Path) -> Template | str:
    try:
        return read(path)
    except TemplateError as error:
        return str(error)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise TemplateError(f"{folder}: there is no such folder of templates; create it or take it out of `templates:`")
    return sorted(folder.glob("*.md"))
