"""One template's file: read, and checked whole before somebody needs it at night."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from cockpit.message.templates.context import NAMES
from cockpit.message.templates.head import Head, Moment, TemplateError, split
from cockpit.message.templates.template import Field, Part, Template
from cockpit.text import safe

_BY_NAME: Mapping[str, tuple[Moment, ...]] = {
    "initial": ("declaration", "investigating"), "declaration": ("declaration",), "update": ("investigating", "update"),
    "resolution": ("resolution",),
}  # fmt: skip
"""When a template fits whose head does not say, by the end of its name."""


def read(path: Path, *, check: bool = True) -> Template:
    """Read one template and check all of it: its head, its syntax, and that it uses only what it will be given.

    Args:
        check: False leaves out its syntax and the names in it.

    Raises:
        TemplateError: `FILE:LINE: …`.
    """
    head, body, before = split(path)
    keys = head.keys
    for taken in keys.fields.keys() & NAMES:
        raise TemplateError(f"{path}:1: the field '{taken}' has a name that the record fills; rename it")
    texts = {"title": keys.title, "status": keys.status}
    parts = {name: Part(source, head.lines.get(name, 1) - 1) for name, source in texts.items()}
    parts["text"] = Part(body, before)
    fields = tuple(
        Field(
            name,
            each.required,
            each.hint,
            Part(each.default, head.lines[f"fields.{name}"] - 1) if each.default else None,
        )
        for name, each in keys.fields.items()
    )
    audiences = tuple([keys.audience] if isinstance(keys.audience, str) else keys.audience)
    template = Template(
        keys.name, audiences[0], keys.source, fields, path, parts, audiences, _moments(head), keys.policy
    )
    if check:
        _check(template)
    return template


def _check(template: Template) -> None:
    """Compile all of it; what it names must be a field or come from the record."""
    names = NAMES | {blank.name for blank in template.fields}
    for part in template.parts.values():
        _check_part(template.path, part, names)
    for blank in template.fields:
        if blank.default is not None:
            _check_part(template.path, blank.default, NAMES)


def _moments(head: Head) -> tuple[Moment, ...]:
    if head.keys.moments is not None:
        return tuple(head.keys.moments)
    return _BY_NAME.get(head.keys.name.rpartition("-")[2], get_args(Moment))


def _check_part(path: Path, part: Part, known: frozenset[str]) -> None:
    from jinja2 import TemplateSyntaxError

    try:
        program = part.program
    except TemplateSyntaxError as error:
        line, said = part.before + error.lineno, safe(str(error.message))
        raise TemplateError(f"{path}:{line}: {said}; see jinja's syntax") from None
    for name, line in program.names:
        if name not in known:
            raise TemplateError(
                f"{path}:{part.before + line}: '{safe(name)}' is neither a field of this template nor "
                f"one of an incident's; declare it under `fields:` or use one of {', '.join(sorted(NAMES))}"
            )
